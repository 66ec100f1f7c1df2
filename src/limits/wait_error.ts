/**
 * What a call is told that does not get its slot.
 *
 * @module
 */

import { RateLimitError } from "../errors.ts";
import type { WaitReason } from "./sliding_window.ts";

/**
 * The error of a call on a limiter that is closed.
 *
 * @returns The error.
 */
export function closed(): TypeError {
  return new TypeError("Cannot wait for a slot: the limiter is closed");
}

/**
 * The error of a call that would wait for too long.
 *
 * @param reason What it would wait for.
 * @param words The limit in words, such as `10 calls in 60 s`.
 * @param leftMs Milliseconds it would still wait.
 * @param maxWaitMs Milliseconds it may wait in all.
 * @returns The error.
 */
export function tooLong(
  reason: WaitReason,
  words: string,
  leftMs: number,
  maxWaitMs: number,
): RateLimitError {
  const wait = (why: string, remedy: string) =>
    new RateLimitError("rate-limit-wait", `Cannot make the call now: ${why}; ${remedy}`, leftMs);
  const allowed = `later than the ${seconds(maxWaitMs)} allowed`;
  switch (reason) {
    case "store":
      return new RateLimitError(
        "rate-limit-store",
        `Cannot make the call now: the store of the shared limit does not answer, and calls wait ` +
          `for it; start it, or set onStoreDown to "local-share"`,
        leftMs,
      );
    case "lock":
      return wait(
        `another process holds the file of the limit, so it hangs or is stopped`,
        `end or restart that notebook kernel or command`,
      );
    case "concurrency":
      return wait(
        `as many calls are under way as concurrency allows`,
        `wait for one to end, or raise concurrency or maxWaitMs`,
      );
    case "pause":
      return wait(
        `the server asked to wait ${seconds(leftMs)}, ${allowed}`,
        `try again then, or raise maxWaitMs`,
      );
    default:
      return wait(
        `the limit of ${words} is used up and its next slot is ${seconds(leftMs)} away, ${allowed}`,
        `try again then, or raise maxWaitMs or the limit`,
      );
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
