/**
 * The calls of a ring as one process has seen them: each wall-clock time, as the file has it,
 * beside the steady time it was turned into when it was first seen. A ring that is read anew then
 * changes no time that was known before, whatever the wall clock did meanwhile.
 *
 * @module
 */

import { StampLog } from "./sliding_window.ts";

/** Times of calls, twice: as recorded, and in this process's steady time. */
export class SeenCalls {
  /** The steady times. */
  readonly log: StampLog;
  readonly #walls: Float64Array;

  /**
   * Creates it empty.
   *
   * @param capacity How many calls are kept: the ring's places.
   */
  constructor(capacity: number) {
    this.log = new StampLog(capacity);
    this.#walls = new Float64Array(capacity);
  }

  /**
   * Adds a call.
   *
   * @param wall Its time in the file.
   * @param time Its steady time.
   */
  push(wall: number, time: number): void {
    this.#walls[this.log.total % this.#walls.length] = wall;
    this.log.push(time);
  }

  /** The newest steady times, oldest first. */
  newest(count: number): number[] {
    return Array.from({ length: count }, (_, i) => this.log.newest(count - i));
  }

  /** The steady time of each wall time; calls of one wall time count as the latest of them. */
  times(): Map<number, number> {
    const times = new Map<number, number>();
    const { log } = this;
    for (let place = Math.min(log.total, log.capacity); place > 0; place--) {
      times.set(this.#walls[(log.total - place) % this.#walls.length]!, log.newest(place));
    }
    return times;
  }
}
