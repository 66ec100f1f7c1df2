/**
 * Sends a call again where that helps and harms nobody: the one layer of retries.
 *
 * @module
 */

import { RequestError } from "../door/request_error.ts";
import { decideRetry, type RetryOptions } from "../limits/retry_timing.ts";
import type { Call, Guard } from "./call.ts";
import { discardAnswer } from "./classified.ts";
import { failed } from "./explain.ts";
import type { CallWait, OnWait } from "./waiting.ts";

/** Options of {@link retried}. */
export interface RetriedOptions {
  /** How often and how patiently. */
  readonly retry: RetryOptions;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
  /** Waits, and rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Numbers in [0, 1), for the jitter. */
  readonly random: () => number;
  /** Makes every call of the same key wait, in every process. */
  readonly pause: (call: Call, ms: number) => Promise<void> | void;
  /** Is told when a call waits. */
  readonly onWait: OnWait;
}

function reasonOf(error: RequestError): CallWait["reason"] {
  return error.kind === "rate" ? "rate" : error.kind === "loading" ? "loading" : "failure";
}

/**
 * Repeats a failed call as `decideRetry` says.
 *
 * @param options Patience, clock, sleep and who is told.
 * @returns The guard.
 */
export function retried(options: RetriedOptions): Guard {
  const { clock, sleep } = options;
  const { deadlineMs = 120_000 } = options.retry;
  return (next) => async (call) => {
    const began = clock();
    for (;;) {
      const sentBefore = call.attempts;
      try {
        return await next(call);
      } catch (error) {
        const sent = call.attempts > sentBefore;
        if (!sent || !(error instanceof RequestError)) throw error;
        if (error.kind === "abort" || error.kind === "refused") throw error;
        const decision = decideRetry(
          {
            status: error.status ?? "network",
            attempt: call.attempts,
            elapsedMs: clock() - began,
            idempotent: call.idempotent,
            ...(call.word === undefined || error.status === undefined ? {} : { word: call.word }),
            unsent: call.unsent ?? false,
          },
          { ...options.retry, deadlineMs: Math.min(deadlineMs, call.patienceMs) },
          options.random,
        );
        if (decision.pauseMs > 0) await options.pause(call, decision.pauseMs);
        if (!decision.retry || !call.request.replayable) throw error;
        discardAnswer(error);
        const wait = { id: call.id, reason: reasonOf(error) };
        options.onWait({ ...wait, remainingMs: decision.waitMs, done: false });
        const from = clock();
        try {
          await sleep(decision.waitMs, call.signal);
        } catch {
          throw failed(call, "abort");
        } finally {
          call.waitMs += clock() - from;
          options.onWait({ ...wait, remainingMs: 0, done: true });
        }
      }
    }
  };
}
