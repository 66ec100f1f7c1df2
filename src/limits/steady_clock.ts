/**
 * A clock that survives clock steps. Files can only hold wall-clock times, because Deno's monotonic
 * clock starts anew in each process; so each process turns a wall time into its own steady time
 * when it first sees it, and from then on no step of the wall clock can shorten or lengthen a wait.
 *
 * @module
 */

/**
 * A wall clock that jumps ahead by more than this was not set: the machine slept, and the time did
 * pass. A smaller jump is distrusted, which costs a machine that slept at most this much.
 */
const SLEPT_MS = 60 * 60 * 1000;

/** Reads the two clocks of a process. */
export interface Clocks {
  /** Wall clock: milliseconds since 1970. */
  readonly wall: () => number;
  /** Monotonic clock: milliseconds since any fixed moment. */
  readonly steady: () => number;
}

/** This process's clocks. */
export const PROCESS_CLOCKS: Clocks = { wall: Date.now, steady: () => performance.now() };

/** Steady time, and wall times turned into it. */
export class SteadyClock {
  /** The wall clock at the last {@link SteadyClock.tick}, in milliseconds since 1970. */
  wall = 0;
  /** The steady clock at the last {@link SteadyClock.tick}, in milliseconds. */
  now = 0;
  readonly #clocks: Clocks;
  #offset: number;
  #slept = 0;

  /**
   * Creates the clock.
   *
   * @param clocks The two clocks it reads.
   */
  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#offset = clocks.wall() - clocks.steady();
    this.tick();
  }

  /**
   * Reads both clocks; {@link SteadyClock.wall} and {@link SteadyClock.now} hold until the next
   * tick.
   */
  tick(): void {
    this.wall = this.#clocks.wall();
    const steady = this.#clocks.steady();
    const jump = this.wall - steady - this.#offset;
    this.#offset += jump;
    if (jump > SLEPT_MS) this.#slept += jump;
    this.now = steady + this.#slept;
  }

  /**
   * The steady time of something another process did at a wall time.
   *
   * @param wall Milliseconds since 1970. A future, absurd or unreadable time counts as now: that
   *   errs towards waiting.
   * @returns Steady milliseconds, never after now.
   */
  seen(wall: number): number {
    const age = this.wall - wall;
    return age > 0 && wall > 0 ? this.now - age : this.now;
  }
}
