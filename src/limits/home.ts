/**
 * Where the times of calls live. The queue in front of a home is the same for all of them.
 *
 * @module
 */

import type { WaitReason } from "./sliding_window.ts";

/** What tells one slot's time from others; only its home knows what it means. */
export type Stamp = number | string;

/** The answer to a request for slots. */
export interface Claim {
  /** Slots taken now, at most as many as asked for. */
  readonly granted: number;
  /** The recorded time of each slot taken. */
  readonly stamps: readonly Stamp[];
  /** Where fewer were granted: milliseconds until it is worth asking again. */
  readonly waitMs: number;
  /** What the next slot waits for. */
  readonly reason: WaitReason;
}

/** What a home knows at one moment. */
export interface HomeView {
  /** Calls in each window, in the order the windows were given. */
  readonly used: readonly number[];
  /** Milliseconds until the next call may go; 0 is now. */
  readonly nextFreeMs: number;
  /** What the next call waits for, where it waits. */
  readonly reason: WaitReason;
  /** Milliseconds for which every call is paused; 0 is no pause. */
  readonly pausedMs: number;
  /** Milliseconds between two calls, while the server asked for a slower rhythm; 0 is none. */
  readonly gapMs: number;
  /** Other processes that wait. */
  readonly waitingElsewhere: number;
}

/**
 * Where the times of calls live. Answers at once where it can, so that a free slot costs no turn.
 */
export interface Home {
  /** `"file"`, `"memory"`, `"redis"`, or `"local-share"` while Redis is down. */
  readonly kind: "file" | "memory" | "redis" | "local-share";
  /**
   * Takes up to `wanted` slots.
   *
   * @param wanted How many calls wait in this process.
   * @param waitedMs Milliseconds for which this process has waited without getting a slot.
   */
  claim(wanted: number, waitedMs: number): Claim | Promise<Claim>;
  /**
   * How long a call will wait as far as the last claim showed, for telling people and failing
   * early.
   *
   * @param place 1 is the next call, 2 the one after it.
   * @returns Milliseconds; others may take slots meanwhile, so it is a lower bound.
   */
  forecast(place: number): number;
  /** Gives slots back that no call will use. */
  giveBack(stamps: readonly Stamp[]): void;
  /**
   * Puts the present time in place of a slot's: its call went out later than it was recorded.
   *
   * @param stamp The slot.
   */
  move(stamp: Stamp): Promise<void>;
  /** Is told that nobody waits in this process any more. */
  leave(): void;
  /** Pauses every process for some milliseconds; 0 ends a pause. */
  pause(ms: number): Promise<void>;
  /** Slows every process down. */
  pace(gapMs: number, forMs: number): Promise<void>;
  /** Looks, changing nothing. */
  view(): Promise<HomeView>;
  /** Ends whatever is open. */
  close(): void;
}
