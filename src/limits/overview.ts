/**
 * All limits of a user at a glance, read from their ring files without locking or changing them.
 *
 * @module
 */

import { stateFolder } from "../state/folder.ts";
import { readPrivateFile } from "../state/private_file.ts";
import { LONGEST_PAUSE_MS } from "./ring_file.ts";
import { HEAD_BYTES, RingHead } from "./ring_head.ts";
import { readyAt, StampLog } from "./sliding_window.ts";
import { Turns } from "./turns.ts";
import { spansOf } from "./window.ts";
import type { WindowStatus } from "./permit.ts";

/** The largest file of a million calls, grown a few times. */
const MOST_BYTES = 64 * 1024 * 1024;

/** One limit of this user on this machine. */
export interface LimitOverview {
  /** The limit's name: token fingerprint, host, provider. */
  readonly name: string;
  /** Set when the file cannot be read; the next call replaces it and waits up to one window. */
  readonly damaged: boolean;
  /** The windows that the last caller applied, and how full they are. */
  readonly windows: readonly WindowStatus[];
  /** Milliseconds until the next call may go; 0 is now. */
  readonly nextFreeMs: number;
  /** Milliseconds for which every call is paused; 0 is no pause. */
  readonly pausedMs: number;
  /** Processes that wait. */
  readonly waiting: number;
  /** When the last call was made, in milliseconds since 1970; absent where none is known. */
  readonly lastCallAt?: number;
}

/** What {@link listLimits} may be told. */
export interface ListLimitsOptions {
  /** The private folder. Default: the state folder. */
  readonly folder?: string;
  /** Wall clock in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Lists the limits that calls were made under on this machine. Limits in Redis are not among them.
 *
 * Needs `--allow-read` and `--allow-write` for the private folder and `--allow-sys=uid`.
 *
 * @param options Folder and clock.
 * @returns One entry per limit, by name; none where no call was made yet.
 * @throws {StateError} When the folder cannot be read.
 *
 * @example
 * ```ts
 * import { createLimiter, listLimits } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * using limiter = createLimiter({ folder, key: "demo" });
 * await limiter.acquire();
 * const [demo] = await listLimits({ folder });
 * assert.equal(demo?.name, "demo");
 * assert.deepEqual(demo?.windows, [{ limit: 10, windowMs: 60_000, used: 1, left: 9 }]);
 * limiter.close();
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function listLimits(options: ListLimitsOptions = {}): Promise<LimitOverview[]> {
  const { folder = stateFolder(), now = Date.now } = options;
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`${folder}/limits`)) {
      if (name.endsWith(".ring")) names.push(name.slice(0, -".ring".length));
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  const limits: LimitOverview[] = [];
  for (const name of names.toSorted()) {
    const path = `${folder}/limits/${name}.ring`;
    const bytes = await readPrivateFile(path, { maxBytes: MOST_BYTES });
    if (bytes !== null && bytes.length > 0) limits.push(overviewOf(name, bytes, now()));
  }
  return limits;
}

function overviewOf(name: string, bytes: Uint8Array, now: number): LimitOverview {
  const head = new RingHead();
  head.bytes.set(bytes.subarray(0, HEAD_BYTES));
  const ringEnd = head.base + head.capacity * 8;
  if (bytes.length < HEAD_BYTES || !head.isValid() || ringEnd > bytes.length && head.inRing > 0) {
    return { name, damaged: true, windows: [], nextFreeMs: 0, pausedMs: 0, waiting: 0 };
  }
  const ring = new DataView(bytes.buffer, bytes.byteOffset);
  const log = new StampLog(head.capacity);
  const inHead = head.total - head.inRing;
  for (let call = Math.max(0, head.total - head.capacity); call < head.inRing; call++) {
    // The byte order of the machine that wrote it, which is this one.
    log.push(ring.getFloat64(head.base + (call % head.capacity) * 8, LITTLE));
  }
  for (let i = 0; i < inHead; i++) log.push(head.recent[i]!);
  log.clampTo(now);
  const spans = head.windows.length === 0 ? [] : spansOf(head.windows);
  const { from, until } = head.pause;
  const pausedMs = Math.min(Math.max(0, now < from ? until - from : until - now), LONGEST_PAUSE_MS);
  const nextAt = spans.length === 0 ? now : readyAt(log, spans, now).at;
  const last = log.newest(1);
  return {
    name,
    damaged: false,
    windows: head.windows.map(({ limit, windowMs }, i) => {
      const used = log.countAfter(now - spans[i]!.spanMs);
      return { limit, windowMs, used, left: Math.max(0, limit - used) };
    }),
    nextFreeMs: Math.max(0, nextAt - now, pausedMs),
    pausedMs,
    waiting: new Turns(head.turnWords, 0).others(now),
    ...(last > 0 ? { lastCallAt: last } : {}),
  };
}

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
