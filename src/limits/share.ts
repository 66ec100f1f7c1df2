/**
 * How many of the free slots a process takes while others wait. Pure.
 *
 * @module
 */

import { STEP_MS } from "./turns.ts";

/** What a process sees when it looks for a slot. */
export interface Queueing {
  /** Slots that are free now. */
  readonly free: number;
  /** Calls that wait in this process. */
  readonly wanted: number;
  /** Other processes that wait. */
  readonly others: number;
  /** Those of them that have waited longer. */
  readonly ahead: number;
  /** Milliseconds since a slot last became free or was taken. */
  readonly idleMs: number;
}

/**
 * Shares free slots between waiting processes. Where there is one for each, everybody takes a fair
 * part at once. Where there are fewer, they belong to those that have waited longest; if these do
 * not come, one more process may take one every {@link STEP_MS}.
 *
 * @param queueing What the process sees.
 * @returns How many to take now; where that is 0 although some are free, ask again in `waitMs`.
 */
export function fairShare(queueing: Queueing): { take: number; waitMs: number } {
  const { free, wanted, others, ahead, idleMs } = queueing;
  if (others === 0) return { take: Math.min(free, wanted), waitMs: 0 };
  if (free > others) {
    return { take: Math.min(Math.ceil(free / (others + 1)), wanted), waitMs: STEP_MS };
  }
  if (ahead < free) return { take: Math.min(1, free), waitMs: STEP_MS };
  const waitMs = (ahead - free + 1) * STEP_MS - idleMs;
  return free > 0 && waitMs <= 0 ? { take: 1, waitMs: STEP_MS } : { take: 0, waitMs };
}
