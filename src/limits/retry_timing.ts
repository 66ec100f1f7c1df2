/**
 * Whether a failed call is sent again, and when. Pure timing: the caller waits and sends.
 *
 * @module
 */

import type { ServerWord } from "./server_word.ts";

/** Statuses worth another try; every other 4xx will fail again (RFC 9110, section 15). */
const RETRIABLE = new Set([408, 429, 500, 502, 503, 504]);

/** With these two the server did no work, so even a call that is billed may be sent again. */
const NEVER_BILLED = new Set([429, 503]);

/** How patient retries are. */
export interface RetryOptions {
  /** Tries after the first one. Default 3. */
  readonly maxRetries?: number;
  /** Upper bound of the first wait where the server gave no time, in milliseconds. Default 500. */
  readonly minDelayMs?: number;
  /** Upper bound of every such wait, and longest wait for a loading model. Default 30 000 ms. */
  readonly maxDelayMs?: number;
  /** A server's waiting time above this fails at once with the time. Default 60 000 ms. */
  readonly maxServerWaitMs?: number;
  /** No retry starts later than this after the first try began. Default 120 000 ms. */
  readonly deadlineMs?: number;
}

/** One failed try of a call. */
export interface FailedTry {
  /** The HTTP status, or `"network"` where no response came. */
  readonly status: number | "network";
  /** Which try failed, counted from 1. */
  readonly attempt: number;
  /** Milliseconds since the first try began. */
  readonly elapsedMs: number;
  /** Whether sending the call twice does no harm (RFC 9110, section 9.2.2). */
  readonly idempotent: boolean;
  /** What the response said about time. */
  readonly word?: ServerWord;
  /** A network failure before anything was sent, such as a refused connection. Default false. */
  readonly unsent?: boolean;
  /** A byte of the answer has already been handed on. Default false. */
  readonly streamed?: boolean;
}

/**
 * Why a call is not sent again: its status will not change, part of its answer was used, it may
 * have been billed, its tries or its time are spent, or the server asks for more time than allowed.
 */
export type StopReason = "status" | "streamed" | "billed" | "attempts" | "deadline" | "server-wait";

/** Whether and when to send a call again. */
export type RetryDecision =
  | {
    /** The call may be sent again. */
    readonly retry: true;
    /** After this many milliseconds. */
    readonly waitMs: number;
    /** Whether the server gave the time, or chance did. */
    readonly timing: "server" | "jitter";
    /** Milliseconds for which every call under the same key should pause; 0 is no pause. */
    readonly pauseMs: number;
  }
  | {
    /** The call has failed. */
    readonly retry: false;
    /** Why. */
    readonly reason: StopReason;
    /** The server's waiting time in milliseconds, where it gave one: tell it to the person. */
    readonly serverWaitMs?: number;
    /** Milliseconds for which every call under the same key should pause; 0 is no pause. */
    readonly pauseMs: number;
  };

/**
 * Full jitter (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/): evenly
 * between 0 and a bound that doubles from `minDelayMs` to `maxDelayMs`.
 *
 * @param attempt Which try failed, counted from 1.
 * @param options The two bounds.
 * @param random A source of numbers in [0, 1).
 * @returns Milliseconds.
 */
export function fullJitter(
  attempt: number,
  options: Pick<RetryOptions, "minDelayMs" | "maxDelayMs"> = {},
  random: () => number = Math.random,
): number {
  const { minDelayMs = 500, maxDelayMs = 30_000 } = options;
  return Math.round(random() * Math.min(maxDelayMs, minDelayMs * 2 ** (attempt - 1)));
}

function stopReason(failed: FailedTry, maxRetries: number): StopReason | undefined {
  const { status } = failed;
  if (failed.streamed) return "streamed";
  if (status !== "network" && !RETRIABLE.has(status)) return "status";
  const safe = failed.idempotent ||
    (status === "network" ? failed.unsent === true : NEVER_BILLED.has(status));
  if (!safe) return "billed";
  return failed.attempt > maxRetries ? "attempts" : undefined;
}

/**
 * Decides about one failed try.
 *
 * A time the server gave is kept to the millisecond, without jitter. `estimated_time` is a guess of
 * the server, so the call is tried every `maxDelayMs` meanwhile; a guess beyond the deadline fails
 * at once. Where the server gave no time, {@link fullJitter} spreads the tries.
 *
 * @param failed The failed try.
 * @param options How patient to be.
 * @param random A source of numbers in [0, 1). Default `Math.random`.
 * @returns Whether and when to send it again, and for how long everybody should pause.
 * @throws {RangeError} When an option or `attempt` is not a sensible number.
 * @example
 * ```ts
 * import { decideRetry } from "./retry_timing.ts";
 * import { readServerWord } from "./server_word.ts";
 * import assert from "node:assert/strict";
 *
 * const headers = new Headers({ "Retry-After": "3600" });
 * const decision = decideRetry({
 *   status: 429,
 *   attempt: 1,
 *   elapsedMs: 80,
 *   idempotent: false,
 *   word: readServerWord({ status: 429, headers }),
 * });
 * assert.deepEqual(decision, {
 *   retry: false,
 *   reason: "server-wait",
 *   serverWaitMs: 3_600_000,
 *   pauseMs: 3_600_000,
 * });
 * ```
 */
export function decideRetry(
  failed: FailedTry,
  options: RetryOptions = {},
  random: () => number = Math.random,
): RetryDecision {
  const { maxRetries = 3, maxDelayMs = 30_000, maxServerWaitMs = 60_000, deadlineMs = 120_000 } =
    options;
  for (const value of [maxRetries, maxDelayMs, maxServerWaitMs, deadlineMs, failed.attempt]) {
    if (!(value >= 0)) {
      throw new RangeError("Cannot time a retry: every option must be a number of 0 or more");
    }
  }
  const { word } = failed;
  const said = word?.retryMs;
  const shared = failed.status === 429 && !(word?.otherLimit && said === undefined);
  const stop = (reason: StopReason): RetryDecision => ({
    retry: false,
    reason,
    ...(said === undefined ? {} : { serverWaitMs: said }),
    pauseMs: word?.pauseMs ?? 0,
  });
  const reason = stopReason(failed, maxRetries);
  if (reason !== undefined) return stop(reason);

  const left = deadlineMs - failed.elapsedMs;
  const guess = word?.source === "estimated-time";
  if (said !== undefined && (said > left || (!guess && said > maxServerWaitMs))) {
    return stop("server-wait");
  }
  const waitMs = said === undefined
    ? fullJitter(failed.attempt, options, random)
    : guess
    ? Math.min(said, maxDelayMs)
    : said;
  if (waitMs > left) return stop("deadline");
  return {
    retry: true,
    waitMs,
    timing: said === undefined ? "jitter" : "server",
    pauseMs: Math.max(word?.pauseMs ?? 0, shared ? waitMs : 0),
  };
}
