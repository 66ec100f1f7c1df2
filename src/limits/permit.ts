/**
 * What a caller of a limiter gives and gets.
 *
 * @module
 */

import type { WaitReason } from "./sliding_window.ts";
import type { Window } from "./window.ts";

/** A stage of waiting, for showing it to a person. */
export interface LimitWait {
  /** Milliseconds still to wait, as far as known: others may take slots meanwhile. */
  readonly remainingMs: number;
  /** Milliseconds waited so far. */
  readonly waitedMs: number;
  /** What is waited for. */
  readonly reason: WaitReason;
  /** How many calls of this process wait. */
  readonly waiting: number;
  /** Whether the waiting is over: the last word about it. */
  readonly done: boolean;
}

/** How one call asks for its slot. */
export interface AcquireOptions {
  /** Ends the waiting within milliseconds; the rejection is its `reason`, and no slot is used. */
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first within this process. Default 0. */
  readonly priority?: number | undefined;
  /** Fails as soon as the wait is known to exceed this. Default: the limiter's `maxWaitMs`. */
  readonly maxWaitMs?: number | undefined;
  /** Is told when this call has to wait, a few times a second meanwhile, and when that is over. */
  readonly onWait?: ((wait: LimitWait) => void) | undefined;
}

/** The right to send one call now. */
export interface Permit extends Disposable {
  /** Milliseconds this call has waited. */
  readonly waitedMs: number;
  /**
   * Says that the call has gone out; call it right after sending. Where the process stood still
   * between getting the slot and sending, the call's time is moved to now, so that the window holds
   * for when calls are sent and not only for when they were allowed. Costs nothing where it was
   * quick. Calling it again does nothing.
   */
  sent(): void;
  /** Says that the call has ended, which lets another one start where concurrency is limited. */
  release(): void;
}

/** One window and how full it is. */
export interface WindowStatus extends Window {
  /** Calls in it now, of all processes. */
  readonly used: number;
  /** Calls left in it now. */
  readonly left: number;
}

/** What a limiter knows at one moment. */
export interface LimitStatus {
  /** The limit's name: token fingerprint, host, provider. */
  readonly name: string;
  /** Where the times of calls live; `local-share` while Redis is down. */
  readonly store: "file" | "memory" | "redis" | "local-share";
  /** The windows and how full they are. */
  readonly windows: readonly WindowStatus[];
  /** Milliseconds until the next call may go; 0 is now. */
  readonly nextFreeMs: number;
  /** What the next call waits for, where it waits. */
  readonly reason: WaitReason;
  /**
   * Milliseconds for which every call is paused, because the server asked for it; 0 is no pause.
   */
  readonly pausedMs: number;
  /** Milliseconds between two calls, while the server asked for a slower rhythm; 0 is none. */
  readonly gapMs: number;
  /** Calls of this process that are under way. */
  readonly running: number;
  /** Calls of this process that wait. */
  readonly waiting: number;
  /** Other processes that wait. */
  readonly waitingElsewhere: number;
}
