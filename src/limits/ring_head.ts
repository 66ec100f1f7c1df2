/**
 * The head of a ring file: 32 words, the table of waiting processes, and the newest times. All
 * words are 64-bit floats in the machine's byte order; the file never leaves the machine.
 *
 * @module
 */

import { TURN_WORDS } from "./turns.ts";
import type { Window } from "./window.ts";

/** `hush` and the layout's version; a later layout gets another file name as well. */
const MAGIC = 0x68757368 * 256 + 1;

/** Places of the words; from `Windows` on there are four pairs of limit and length. */
const enum At {
  Magic,
  Epoch,
  Base,
  Capacity,
  Total,
  PauseFrom,
  PauseUntil,
  Gap,
  GapFrom,
  GapUntil,
  Waiting,
  Windows,
  Check = 31,
}

const HEADER_WORDS = 32;
const SHOWN_WINDOWS = 4;

/**
 * Times that fit in the head: they move to the ring together when it is full, so that most calls
 * are recorded in one write.
 */
export const RECENT = 32;

/** Bytes of the whole head, and where the first ring begins. */
export const HEAD_BYTES = (HEADER_WORDS + TURN_WORDS + RECENT) * 8;

/** The head of a ring file, in memory. */
export class RingHead {
  /** The head as bytes of the file. */
  readonly bytes: Uint8Array;
  /** The table of waiting processes; not covered by the check, each line is judged by itself. */
  readonly turnWords: Float64Array;
  /** The newest times: call `n` is at place `n % RECENT`. Not covered by the check either. */
  readonly recent: Float64Array;
  readonly #words = new Float64Array(HEAD_BYTES / 8);
  readonly #halves: Uint32Array = new Uint32Array(this.#words.buffer);

  /** Creates a head of zeros, which is not valid. */
  constructor() {
    this.bytes = new Uint8Array(this.#words.buffer);
    this.turnWords = this.#words.subarray(HEADER_WORDS, HEADER_WORDS + TURN_WORDS);
    this.recent = this.#words.subarray(HEADER_WORDS + TURN_WORDS);
  }

  /** Changes whenever known times may have changed, so that everybody reads the ring again. */
  get epoch(): number {
    return this.#words[At.Epoch]!;
  }

  /** Byte at which the ring begins. */
  get base(): number {
    return this.#words[At.Base]!;
  }

  /** Places in the ring. */
  get capacity(): number {
    return this.#words[At.Capacity]!;
  }

  /** Calls recorded since the ring was made. */
  get total(): number {
    return this.#words[At.Total]!;
  }

  set total(value: number) {
    this.#words[At.Total] = value;
  }

  /** Calls that are in the ring, call `n` at place `n % capacity`; the others are in the head. */
  get inRing(): number {
    return this.total - this.total % RECENT;
  }

  /** When the shared pause was set, and its end: wall-clock milliseconds, 0 where there is none. */
  get pause(): { from: number; until: number } {
    return { from: this.#words[At.PauseFrom]!, until: this.#words[At.PauseUntil]! };
  }

  set pause({ from, until }: { from: number; until: number }) {
    this.#words[At.PauseFrom] = from;
    this.#words[At.PauseUntil] = until;
  }

  /** The shared rhythm in milliseconds, when it was set, and its end. */
  get pace(): { gapMs: number; from: number; until: number } {
    const words = this.#words;
    return { gapMs: words[At.Gap]!, from: words[At.GapFrom]!, until: words[At.GapUntil]! };
  }

  set pace({ gapMs, from, until }: { gapMs: number; from: number; until: number }) {
    this.#words[At.Gap] = gapMs;
    this.#words[At.GapFrom] = from;
    this.#words[At.GapUntil] = until;
  }

  /** Whether the table of waiting processes holds a line. */
  get waiting(): boolean {
    return this.#words[At.Waiting]! > 0;
  }

  set waiting(value: boolean) {
    this.#words[At.Waiting] = value ? 1 : 0;
  }

  /** The windows that the last caller applied, for showing; at most four are kept. */
  get windows(): readonly Window[] {
    const windows: Window[] = [];
    for (let i = 0; i < SHOWN_WINDOWS; i++) {
      const limit = this.#words[At.Windows + 2 * i]!;
      const windowMs = this.#words[At.Windows + 2 * i + 1]!;
      if (limit > 0 && windowMs > 0) windows.push({ limit, windowMs });
    }
    return windows;
  }

  set windows(windows: readonly Window[]) {
    for (let i = 0; i < SHOWN_WINDOWS; i++) {
      this.#words[At.Windows + 2 * i] = windows[i]?.limit ?? 0;
      this.#words[At.Windows + 2 * i + 1] = windows[i]?.windowMs ?? 0;
    }
  }

  /**
   * Makes it the head of a new, empty ring.
   *
   * @param capacity Places in the ring, a multiple of {@link RECENT}.
   */
  start(capacity: number): void {
    this.#words.fill(0);
    this.#words[At.Magic] = MAGIC;
    this.#words[At.Epoch] = Math.floor(Math.random() * 2 ** 48);
    this.move(HEAD_BYTES, capacity, 0);
  }

  /**
   * Points to another ring in the same file.
   *
   * @param base Byte at which it begins.
   * @param capacity Places in it.
   * @param total Calls recorded in it.
   */
  move(base: number, capacity: number, total: number): void {
    this.#words[At.Base] = base;
    this.#words[At.Capacity] = capacity;
    this.#words[At.Total] = total;
    this.touch();
  }

  /** Makes every process read the ring again. */
  touch(): void {
    this.#words[At.Epoch]!++;
  }

  /** Computes the check, before the head is written. */
  seal(): void {
    this.#words[At.Check] = this.#check();
  }

  /** Whether the words are a whole head of this layout. */
  isValid(): boolean {
    const { base, capacity, total } = this;
    return this.#words[At.Magic] === MAGIC && this.#words[At.Check] === this.#check() &&
      Number.isSafeInteger(capacity) && capacity > 0 && capacity < 2 ** 24 &&
      capacity % RECENT === 0 &&
      Number.isSafeInteger(base) && base >= HEAD_BYTES && base < 2 ** 32 &&
      Number.isSafeInteger(total) && total >= 0;
  }

  /** FNV-1a over the words' halves: tells damage, not malice. */
  #check(): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < At.Check * 2; i++) hash = Math.imul(hash ^ this.#halves[i]!, 0x01000193);
    return hash >>> 0;
  }
}
