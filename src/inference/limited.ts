/**
 * Waits for a free slot before every sending, retries included, and passes on what the server says
 * about its own limits.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import type { Call, Guard } from "./call.ts";
import { failed } from "./explain.ts";

/** A slot that was given. */
export interface Slot {
  /** Gives the place back when a limit of simultaneous calls is set. */
  release(): void;
}

/** What gives out slots for one token and provider. */
export interface Gate {
  /**
   * Waits for a slot.
   *
   * @param signal Ends the wait; the slot is then not used up.
   * @param waiting Is told when a wait begins; what it returns tells that it is over.
   */
  acquire(signal: AbortSignal | undefined, waiting: (ms: number) => () => void): Promise<Slot>;
  /** Makes every call wait, in every process. */
  pause(ms: number): Promise<void> | void;
}

/** Options of {@link limited}. */
export interface LimitedOptions {
  /** The gate a call has to pass. */
  readonly gate: (call: Call) => Gate;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
  /** Tells that a wait begins; what it returns tells that it is over. */
  readonly waiting: (ms: number) => () => void;
}

/**
 * Lets calls that ask for work through one gate per token and provider.
 *
 * @param options The gates and the clock.
 * @returns The guard.
 */
export function limited(options: LimitedOptions): Guard {
  return (next) => async (call) => {
    if (!call.subject.charged) return await next(call);
    const gate = options.gate(call);
    const from = options.clock();
    let slot: Slot;
    try {
      slot = await gate.acquire(call.signal, options.waiting);
    } catch (error) {
      if (call.signal?.aborted && !(error instanceof RequestError)) throw failed(call, "abort");
      throw error;
    } finally {
      call.waitMs += options.clock() - from;
    }
    try {
      const response = await next(call);
      call.ends.push(() => slot.release());
      if (call.word !== undefined && call.word.pauseMs > 0) await gate.pause(call.word.pauseMs);
      return response;
    } catch (error) {
      slot.release();
      throw error;
    }
  };
}
