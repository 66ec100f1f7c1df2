/**
 * Waits for a free slot before every sending, retries included, and passes on what the server says
 * about its own limits.
 *
 * @module
 */

import { RateLimitError } from "../errors.ts";
import { RequestError } from "../door/request_error.ts";
import type { Limiter } from "../limits/limiter.ts";
import type { LimitWait, Permit } from "../limits/permit.ts";
import type { Call, Guard } from "./call.ts";
import { failed, spokenTime } from "./explain.ts";
import type { OnWait } from "./waiting.ts";

/**
 * What gives out slots for one token and provider: a `Limiter`, or anything that does as it does.
 */
export type Gate = Pick<Limiter, "acquire" | "pause" | "pace" | "status">;

/** Waits below this are not recorded, in milliseconds. */
const noteworthyMs = 100;

/** Options of {@link limited}. */
export interface LimitedOptions {
  /** The gate a call has to pass. */
  readonly gate: (call: Call) => Gate;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
  /** Which calls of this process go first; higher is sooner. */
  readonly priority: number;
  /** The longest pause of a server's that is waited for, in milliseconds. */
  readonly maxServerWaitMs: number;
  /** Waits, and rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Is told when a call waits. */
  readonly onWait: OnWait;
  /** Is told, to record it, when a call has waited for its slot. */
  readonly onWaited: (call: Call, waitedMs: number) => void;
}

/**
 * Lets calls that ask for work through one gate per token and provider, and all others as long as
 * the server has not asked everybody to wait.
 *
 * @param options The gates and the clock.
 * @returns The guard.
 */
export function limited(options: LimitedOptions): Guard {
  return (next) => async (call) => {
    const gate = options.gate(call);
    if (!call.subject.charged) {
      await pauseOver(call, gate, options);
      return await next(call);
    }
    const permit = await slotFor(call, gate, options);
    try {
      const response = await tellSent(permit, next(call));
      call.ends.push(() => permit.release());
      const { pauseMs = 0, pace } = call.word ?? {};
      if (pauseMs > 0) await gate.pause(pauseMs);
      if (pace !== undefined) await gate.pace(pace.gapMs, pace.forMs);
      return response;
    } catch (error) {
      permit.release();
      throw error;
    }
  };
}

/**
 * Says when a call has gone out: after this turn of the event loop, in which the runtime hands it
 * to the network, or with its answer. A cell that computes without pause meanwhile makes it late.
 */
async function tellSent(permit: Permit, sending: Promise<Response>): Promise<Response> {
  const turn = setTimeout(() => permit.sent(), 0);
  try {
    return await sending;
  } finally {
    clearTimeout(turn);
    permit.sent();
  }
}

function tooLong(call: Call, ms: number): RequestError {
  const detail = `the server asked everybody to wait ${spokenTime(ms)}`;
  return failed(call, "rate", { retryAfterMs: ms, detail });
}

/** Waits with a call that takes no slot while the server has asked everybody to wait. */
async function pauseOver(call: Call, gate: Gate, options: LimitedOptions): Promise<void> {
  const { pausedMs } = await gate.status();
  if (pausedMs <= 0) return;
  if (pausedMs > options.maxServerWaitMs) throw tooLong(call, pausedMs);
  const wait = { id: call.id, reason: "rate" as const };
  options.onWait({ ...wait, remainingMs: pausedMs, done: false });
  try {
    await options.sleep(pausedMs, call.signal);
    call.waitMs += pausedMs;
  } catch {
    throw failed(call, "abort");
  } finally {
    options.onWait({ ...wait, remainingMs: 0, done: true });
  }
}

/** Waits for a slot, but not for a server that has asked for more time than anybody waits. */
async function slotFor(call: Call, gate: Gate, options: LimitedOptions): Promise<Permit> {
  const from = options.clock();
  const stop = new AbortController();
  const abort = () => stop.abort();
  if (call.signal?.aborted) throw failed(call, "abort");
  call.signal?.addEventListener("abort", abort, { once: true });
  let tooLongMs: number | undefined;
  function onWait({ remainingMs, reason, done }: LimitWait): void {
    if (!done && reason === "pause" && remainingMs > options.maxServerWaitMs) {
      tooLongMs = remainingMs;
      return stop.abort();
    }
    options.onWait({ id: call.id, reason: "rate", remainingMs, done });
  }
  try {
    const permit = await gate.acquire({
      signal: stop.signal,
      priority: options.priority,
      onWait,
      ...(call.patienceMs === Infinity ? {} : { maxWaitMs: call.patienceMs }),
    });
    if (permit.waitedMs >= noteworthyMs) options.onWaited(call, permit.waitedMs);
    return permit;
  } catch (error) {
    if (call.signal?.aborted) throw failed(call, "abort");
    if (tooLongMs !== undefined) throw tooLong(call, tooLongMs);
    if (!(error instanceof RateLimitError) || error.code !== "rate-limit-wait") throw error;
    const { host, pathname: path } = call.url;
    const facts = { host, path, attempts: call.attempts, retryAfterMs: error.waitMs };
    throw new RequestError("rate", error.message, facts);
  } finally {
    call.signal?.removeEventListener("abort", abort);
    call.waitMs += options.clock() - from;
  }
}
