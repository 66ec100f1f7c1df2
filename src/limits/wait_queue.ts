/**
 * The calls of one process that wait: highest priority first, first come first served within one.
 *
 * @module
 */

/** What the queue needs to know about an entry. */
export interface Queued {
  /** Higher goes first. */
  readonly priority: number;
  /** Set when the entry has left the queue otherwise; it is then skipped. */
  gone: boolean;
}

interface Lane<T> {
  readonly priority: number;
  entries: T[];
  /** Entries before this place have been taken. */
  head: number;
}

/** A priority queue whose entries can leave from anywhere at no cost. */
export class WaitQueue<T extends Queued> {
  readonly #lanes: Lane<T>[] = []; // highest priority first
  #size = 0;

  /** How many entries wait. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds an entry behind those of its priority.
   *
   * @param entry The entry.
   */
  add(entry: T): void {
    let at = this.#lanes.findIndex(({ priority }) => priority <= entry.priority);
    if (at < 0) at = this.#lanes.length;
    if (this.#lanes[at]?.priority !== entry.priority) {
      this.#lanes.splice(at, 0, { priority: entry.priority, entries: [], head: 0 });
    }
    this.#lanes[at]!.entries.push(entry);
    this.#size++;
  }

  /**
   * Takes the first entry out.
   *
   * @returns The entry, or undefined when nobody waits.
   */
  take(): T | undefined {
    for (const lane of this.#lanes) {
      while (lane.head < lane.entries.length) {
        const entry = lane.entries[lane.head++]!;
        if (lane.head > 512 && lane.head * 2 > lane.entries.length) {
          lane.entries = lane.entries.slice(lane.head);
          lane.head = 0;
        }
        if (entry.gone) continue;
        entry.gone = true;
        if (--this.#size === 0) this.#lanes.length = 0;
        return entry;
      }
    }
    return undefined;
  }

  /**
   * Takes an entry out from wherever it is.
   *
   * @param entry The entry.
   * @returns Whether it was still waiting.
   */
  remove(entry: T): boolean {
    if (entry.gone) return false;
    entry.gone = true;
    if (--this.#size === 0) this.#lanes.length = 0;
    return true;
  }

  /** The waiting entries, first to be taken first. */
  *[Symbol.iterator](): Generator<T> {
    for (const { entries, head } of this.#lanes) {
      for (let i = head; i < entries.length; i++) if (!entries[i]!.gone) yield entries[i]!;
    }
  }
}
