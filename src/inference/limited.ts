/**
 * Waits for a free slot before every sending, retries included, and passes on what the server says
 * about its own limits.
 *
 * @module
 */

import { RequestError } from "../errors.ts";
import type { Call, Guard } from "./call.ts";
import { failed } from "./explain.ts";
import type { OnWait } from "./waiting.ts";

/** A slot that was given. */
export interface Slot {
  /** Gives the place back when a limit of simultaneous calls is set. */
  release(): void;
}

/** How a call asks for a slot. */
export interface SlotOptions {
  /** Ends the wait; the slot is then not used up. */
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first. */
  readonly priority?: number | undefined;
  /** Fails as soon as the wait is known to exceed this, in milliseconds. */
  readonly maxWaitMs?: number | undefined;
  /** Is told when the call waits, meanwhile, and when that is over. */
  readonly onWait?:
    | ((wait: { readonly remainingMs: number; readonly done: boolean }) => void)
    | undefined;
}

/** What gives out slots for one token and provider. */
export interface Gate {
  /** Waits for a slot. */
  acquire(options: SlotOptions): Promise<Slot>;
  /** Makes every call wait, in every process. */
  pause(ms: number): Promise<void> | void;
  /** Makes every call keep a slower rhythm, in every process. */
  pace(gapMs: number, forMs: number): Promise<void> | void;
}

/** Options of {@link limited}. */
export interface LimitedOptions {
  /** The gate a call has to pass. */
  readonly gate: (call: Call) => Gate;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
  /** Which calls of this process go first; higher is sooner. */
  readonly priority: number;
  /** Is told when a call waits. */
  readonly onWait: OnWait;
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
      slot = await gate.acquire({
        signal: call.signal,
        priority: options.priority,
        ...(call.patienceMs === Infinity ? {} : { maxWaitMs: call.patienceMs }),
        onWait: ({ remainingMs, done }) =>
          options.onWait({ id: call.id, reason: "rate", remainingMs, done }),
      });
    } catch (error) {
      if (call.signal?.aborted && !(error instanceof RequestError)) throw failed(call, "abort");
      throw error;
    } finally {
      call.waitMs += options.clock() - from;
    }
    try {
      const response = await next(call);
      call.ends.push(() => slot.release());
      const { pauseMs = 0, pace } = call.word ?? {};
      if (pauseMs > 0) await gate.pause(pauseMs);
      if (pace !== undefined) await gate.pace(pace.gapMs, pace.forMs);
      return response;
    } catch (error) {
      slot.release();
      throw error;
    }
  };
}
