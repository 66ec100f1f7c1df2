/**
 * The pause and the rhythm that a ring file's head holds, turned into this process's steady time
 * once for each value they take, so that no later step of the wall clock changes them.
 *
 * @module
 */

import type { RingHead } from "./ring_head.ts";
import { type Brake, NO_BRAKE } from "./sliding_window.ts";
import type { SteadyClock } from "./steady_clock.ts";

/** Longest pause or rhythm believed, in milliseconds: after an hour one call asks again. */
export const LONGEST_PAUSE_MS = 60 * 60 * 1000;

/** The brake of a ring file, as this process understands it. */
export class SharedBrake {
  /** The brake as last read, in steady time. */
  current: Brake = NO_BRAKE;
  readonly #clock: SteadyClock;
  #set: readonly number[] = [];

  /**
   * Creates it unset.
   *
   * @param clock This process's clock.
   */
  constructor(clock: SteadyClock) {
    this.#clock = clock;
  }

  /**
   * Reads the brake.
   *
   * @param head The head that holds it.
   */
  read(head: RingHead): void {
    const { pause, pace } = head;
    const set = [pause.from, pause.until, pace.gapMs, pace.from, pace.until];
    if (set.every((word, i) => word === this.#set[i])) return;
    this.#set = set;
    this.current = {
      pauseUntil: this.#until(pause),
      gapMs: Math.min(pace.gapMs || 0, LONGEST_PAUSE_MS),
      gapUntil: this.#until(pace),
    };
  }

  #until({ from, until }: { from: number; until: number }): number {
    const { wall, now } = this.#clock;
    // Before `from` means that the clock was put back: then the whole time starts now.
    const left = wall < from ? until - from : until - wall;
    return left > 0 ? now + Math.min(left, LONGEST_PAUSE_MS) : -Infinity;
  }
}
