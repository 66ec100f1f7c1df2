/**
 * The rule: a true sliding window over the times of past calls (a sliding log). Pure; where the
 * times are kept is somebody else's affair.
 *
 * A token bucket or a counter per minute admits up to twice the limit around its edges. Here the
 * call after next is free when the call `limit` places before it has left the window, so no window
 * of that length, wherever it is laid, holds more than the limit.
 *
 * @module
 */

import type { Span } from "./window.ts";

/** The times of the newest calls, oldest overwritten first. */
export class StampLog {
  /** How many times were ever added. */
  total = 0;
  readonly #times: Float64Array;

  /**
   * Creates an empty log.
   *
   * @param capacity How many times are kept: at least the largest limit.
   */
  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
  }

  /** How many times are kept. */
  get capacity(): number {
    return this.#times.length;
  }

  /**
   * Adds a call. A time before the newest one is raised to it, which can only delay a later call.
   *
   * @param time Milliseconds of whatever clock the log is kept in.
   */
  push(time: number): void {
    const newest = this.newest(1);
    this.#times[this.total % this.#times.length] = time > newest ? time : newest;
    this.total++;
  }

  /**
   * The time of a past call.
   *
   * @param place 1 is the newest call, 2 the one before it.
   * @returns Its time, or `-Infinity` where no such call is kept.
   */
  newest(place: number): number {
    if (place > this.total || place > this.#times.length) return -Infinity;
    return this.#times[(this.total - place) % this.#times.length]!;
  }

  /**
   * Pulls times from the future back to now: the clock was put back, and a call that happened
   * cannot count for longer than a window from now.
   *
   * @param now The present time.
   */
  clampTo(now: number): void {
    for (let place = 1; this.newest(place) > now; place++) {
      this.#times[(this.total - place) % this.#times.length] = now;
    }
  }

  /**
   * Puts a later time in place of an earlier one, which no window ending now can tell.
   *
   * @param from The time to replace; where it is not kept, the later one is added.
   * @param to The later time, not before the newest.
   */
  move(from: number, to: number): void {
    const kept = Math.min(this.total, this.#times.length);
    let place = 1;
    while (place <= kept && this.newest(place) !== from) place++;
    if (place > kept) return this.push(to);
    for (; place > 1; place--) {
      this.#times[(this.total - place) % this.#times.length] = this.newest(place - 1);
    }
    this.total--;
    this.push(to);
  }

  /**
   * How many calls are younger than a window.
   *
   * @param since Calls at or before this time do not count.
   */
  countAfter(since: number): number {
    let low = 0, high = Math.min(this.total, this.#times.length);
    while (low < high) { // the times never decrease
      const middle = (low + high + 1) >> 1;
      if (this.newest(middle) > since) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** What holds calls back beside the windows. Times are of the log's clock. */
export interface Brake {
  /** No call before this time. */
  readonly pauseUntil: number;
  /** Milliseconds between two calls, while the rhythm holds. */
  readonly gapMs: number;
  /** Until when the rhythm holds. */
  readonly gapUntil: number;
}

/** No brake at all. */
export const NO_BRAKE: Brake = { pauseUntil: -Infinity, gapMs: 0, gapUntil: -Infinity };

/** Why a call waits. */
export type WaitReason = "window" | "pause" | "pace" | "turn" | "lock" | "concurrency" | "store";

/** When a call may go, and what it waits for. */
export interface Ready {
  /** The time; at or before now means at once. */
  readonly at: number;
  /** What holds until then. */
  readonly reason: WaitReason;
}

/**
 * When the next call, or one after it, may be recorded.
 *
 * @param log The past calls.
 * @param spans The windows with their guards; all hold at once.
 * @param now The present time.
 * @param brake A shared pause and rhythm.
 * @param place 1 is the next call, 2 the one after it, and so on. The answer is exact where all
 * calls before it can go now; beyond that it is the earliest time, for telling people.
 * @returns The earliest time, and what holds until then.
 */
export function readyAt(
  log: StampLog,
  spans: readonly Span[],
  now: number,
  brake: Brake = NO_BRAKE,
  place = 1,
): Ready {
  let at = -Infinity;
  let reason: WaitReason = "window";
  for (const { limit, spanMs } of spans) {
    const rounds = Math.floor((place - 1) / limit);
    let time = log.newest(limit - (place - 1) % limit) + spanMs;
    if (rounds > 0) time = Math.max(time, now) + rounds * spanMs;
    if (time > at) at = time;
  }
  if (brake.gapUntil > now) {
    let time = log.newest(1) + brake.gapMs;
    if (place > 1) time = Math.max(time, now) + (place - 1) * brake.gapMs;
    time = Math.min(time, brake.gapUntil);
    if (time > at) [at, reason] = [time, "pace"];
  }
  if (brake.pauseUntil > at) [at, reason] = [brake.pauseUntil, "pause"];
  return { at, reason };
}
