/**
 * Whose turn it is when several processes wait for the same slot: the one that has gone longest
 * without. Nobody books a slot, so a process that dies costs the others milliseconds.
 *
 * Each waiting process keeps one line in a small table: who it is, since when it waits, and until
 * when it promises to look again. A slot that becomes free belongs to the longest waiting process
 * for {@link STEP_MS}, then to the next as well, and so on. A line whose promise has passed is
 * void.
 *
 * @module
 */

/** Lines in the table; further processes wait without a line, after those that have one. */
export const TURNS = 32;

/** Words of one line: id, since, until. */
const WORDS = 3;

/** Words of the whole table. */
export const TURN_WORDS = TURNS * WORDS;

/** How long a free slot waits for the next process in line, in milliseconds. */
export const STEP_MS = 4;

/** How late a process may be before its line is void, in milliseconds. */
const LATE_MS = 25;

/** Longest time between two looks at the table, in milliseconds. */
export const LONGEST_LOOK_MS = 5000;

/** The table of waiting processes, as words of a shared file. Times are wall-clock milliseconds. */
export class Turns {
  readonly #words: Float64Array;
  readonly #id: number;

  /**
   * Lays the table over its words.
   *
   * @param words {@link TURN_WORDS} words, zero where unused.
   * @param id This process: any number above 0 that no other process has.
   */
  constructor(words: Float64Array, id: number) {
    this.#words = words;
    this.#id = id;
  }

  #isLive(line: number, wall: number): boolean {
    const id = this.#words[line * WORDS]!, until = this.#words[line * WORDS + 2]!;
    const promise = until - wall;
    return id > 0 && promise > -LATE_MS && promise < LONGEST_LOOK_MS + 10 * LATE_MS;
  }

  /**
   * How many other processes wait.
   *
   * @param wall The wall clock.
   */
  others(wall: number): number {
    return this.ahead(Infinity, wall);
  }

  /**
   * How many other processes have waited longer.
   *
   * @param since Since when this process waits.
   * @param wall The wall clock.
   */
  ahead(since: number, wall: number): number {
    let count = 0;
    for (let line = 0; line < TURNS; line++) {
      const id = this.#words[line * WORDS]!, other = this.#words[line * WORDS + 1]!;
      if (id === this.#id || !this.#isLive(line, wall)) continue;
      if (other < since || (other === since && id < this.#id)) count++;
    }
    return count;
  }

  /**
   * Writes this process's line.
   *
   * @param since Since when it waits.
   * @param until When it will look again.
   * @param wall The wall clock.
   */
  wait(since: number, until: number, wall: number): void {
    let mine = -1;
    for (let line = 0; line < TURNS; line++) {
      if (this.#words[line * WORDS] === this.#id) {
        mine = line;
        break;
      }
      if (mine < 0 && !this.#isLive(line, wall)) mine = line;
    }
    if (mine >= 0) this.#words.set([this.#id, since, until], mine * WORDS);
  }

  /**
   * Removes this process's line.
   *
   * @returns Whether there was one.
   */
  leave(): boolean {
    for (let line = 0; line < TURNS; line++) {
      if (this.#words[line * WORDS] !== this.#id) continue;
      this.#words.fill(0, line * WORDS, line * WORDS + WORDS);
      return true;
    }
    return false;
  }
}
