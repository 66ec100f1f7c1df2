/**
 * What a ring file says, read from a copy of its bytes.
 *
 * @module
 */

import type { LimitOverview } from "./overview.ts";
import { LONGEST_PAUSE_MS } from "./shared_brake.ts";
import { HEAD_BYTES, RingHead } from "./ring_head.ts";
import { readyAt, StampLog } from "./sliding_window.ts";
import { Turns } from "./turns.ts";
import { spansOf } from "./window.ts";

/** The byte order of this machine, which wrote the file. */
const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * Reads a ring file's bytes.
 *
 * @param name The limit's name.
 * @param bytes The whole file.
 * @param now Wall clock in milliseconds since 1970.
 * @returns How full the limit is; marked damaged where the bytes are no ring.
 */
export function readRing(name: string, bytes: Uint8Array, now: number): LimitOverview {
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
