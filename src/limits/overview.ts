/**
 * All limits of a user at a glance, read from their ring files without locking or changing them.
 *
 * @module
 */

import { stateFolder } from "../state/folder.ts";
import { readPrivateFile } from "../state/private_file.ts";
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
  const { readRing } = await import("./ring_view.ts");
  const limits: LimitOverview[] = [];
  for (const name of names.toSorted()) {
    const path = `${folder}/limits/${name}.ring`;
    const bytes = await readPrivateFile(path, { maxBytes: MOST_BYTES });
    if (bytes !== null && bytes.length > 0) limits.push(readRing(name, bytes, now()));
  }
  return limits;
}
