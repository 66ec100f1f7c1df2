/**
 * What a limit is: so many calls in so many milliseconds.
 *
 * @module
 */

/** At most `limit` calls in any `windowMs`, wherever the window is laid. */
export interface Window {
  /** Calls, 1 to 1 000 000. */
  readonly limit: number;
  /** Length of the window in milliseconds, up to 31 days. */
  readonly windowMs: number;
}

/** Hushbook's own courtesy limit; Inference Providers publish none. */
export const DEFAULT_WINDOWS: readonly Window[] = [{ limit: 10, windowMs: 60_000 }];

/** Keeps a ring file below 8 MB. */
const MOST_CALLS = 1_000_000;

/** 31 days; a longer time is a budget. */
const LONGEST_MS = 31 * 24 * 60 * 60 * 1000;

/** A window as the rule applies it: its length lengthened by the guard. */
export interface Span {
  /** Calls. */
  readonly limit: number;
  /** Milliseconds: the window and its guard. */
  readonly spanMs: number;
}

/**
 * How much longer than its window a stamp counts. The stamp is taken before the call travels, and
 * journeys differ by some milliseconds: without a guard 18 to 19 of 10 calls were seen to arrive in
 * one window, with 20 ms or more never above 10.
 *
 * @param windowMs Length of the window in milliseconds.
 * @returns A fortieth of the window, at least 20 and at most 50 ms.
 */
export function guardFor(windowMs: number): number {
  return Math.min(50, Math.max(20, windowMs / 40));
}

/**
 * How long after its time was recorded a call counts as sent late, and its time is moved: a quarter
 * of the guard, which leaves the rest to the different journeys of calls.
 *
 * @param windows The windows.
 * @param guardMs The guard in milliseconds. Default: {@link guardFor} of each window.
 * @returns Milliseconds.
 */
export function lateAfter(windows: readonly Window[], guardMs?: number): number {
  return Math.min(...windows.map(({ windowMs }) => guardMs ?? guardFor(windowMs))) / 4;
}

/**
 * Checks windows and adds their guard.
 *
 * @param windows One to eight windows; all hold at once.
 * @param guardMs The guard in milliseconds. Default: {@link guardFor} of each window.
 * @returns The windows as the rule applies them.
 * @throws {RangeError} When a number is out of range.
 */
export function spansOf(windows: readonly Window[], guardMs?: number): Span[] {
  if (windows.length < 1 || windows.length > 8) {
    throw new RangeError("Cannot create a limiter: give one to eight windows");
  }
  if (guardMs !== undefined && !(guardMs >= 0 && guardMs <= LONGEST_MS)) {
    throw new RangeError("Cannot create a limiter: guardMs must be a number of 0 or more");
  }
  return windows.map(({ limit, windowMs }) => {
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_CALLS) {
      throw new RangeError(
        `Cannot create a limiter: limit must be a whole number from 1 to ${MOST_CALLS}`,
      );
    }
    if (!(windowMs > 0 && windowMs <= LONGEST_MS)) {
      throw new RangeError(
        `Cannot create a limiter: windowMs must be above 0 and at most ${LONGEST_MS} (31 days)`,
      );
    }
    return { limit, spanMs: windowMs + (guardMs ?? guardFor(windowMs)) };
  });
}
