/**
 * The file in which all processes of a user share the times of their calls: a head and a ring of
 * wall-clock times. It is read and written only under its own lock, and a process killed at any
 * moment leaves it valid: the head, which counts the calls, is written whole and last, and what
 * goes to the ring before it takes places that no window still needs.
 *
 * @module
 */

import { FileLock } from "../state/lock.ts";
import { bytesOf, RingBytes } from "./ring_bytes.ts";
import { HEAD_BYTES, RECENT, RingHead } from "./ring_head.ts";
import { SeenCalls } from "./seen_calls.ts";
import { SharedBrake } from "./shared_brake.ts";
import type { Brake, StampLog } from "./sliding_window.ts";
import type { SteadyClock } from "./steady_clock.ts";
import { Turns } from "./turns.ts";

/** Most calls recorded under one lock; the ring has this many places to spare. */
export const BATCH = 256;

/** Times the lock is tried before waiting for it: it is usually held for some microseconds. */
const SPINS = 12;

/**
 * Misses in a row that make the next try longer; a holder that is stopped makes it no longer still.
 */
const MOST_MISSED = 8;

/**
 * A ring file, open. Between {@link RingFile.lock} and {@link RingFile.unlock} it is this
 * process's.
 */
export class RingFile implements Disposable {
  /** The file's head, as read at the last lock. */
  readonly head: RingHead = new RingHead();
  /** The table of waiting processes. */
  readonly turns: Turns;
  readonly #lock: FileLock;
  readonly #bytes: RingBytes;
  readonly #clock: SteadyClock;
  readonly #onNotice: ((notice: string) => void) | undefined;
  readonly #added = new Float64Array(BATCH);
  #addedCount = 0;
  #missed = 0;
  /** Places the ring must have. */
  #need: number;
  /** The file, epoch and total that {@link RingFile.log} was read from, and when. */
  #known: { file: Deno.FsFile | null; epoch: number; total: number; at: number };
  #seen: SeenCalls;
  readonly #brake: SharedBrake;

  /**
   * Opens the file, creating it when it is not there. Nothing is locked or read yet.
   *
   * @param path Absolute path in the private folder.
   * @param limit The largest limit it must serve; 0 takes the file as it is.
   * @param clock This process's clock.
   * @param onNotice Is told, in one sentence, when a damaged file was replaced.
   * @throws {StateError} When the file is not safe or cannot be opened.
   */
  constructor(
    path: string,
    limit: number,
    clock: SteadyClock,
    onNotice?: (notice: string) => void,
  ) {
    this.#lock = FileLock.open(path);
    this.#bytes = new RingBytes(this.#lock);
    this.#clock = clock;
    this.#onNotice = onNotice;
    this.#need = Math.ceil((limit + BATCH) / RECENT) * RECENT;
    this.#known = { file: null, epoch: 0, total: 0, at: -Infinity };
    this.#seen = new SeenCalls(this.#need);
    this.#brake = new SharedBrake(clock);
    const id = 1 + Math.floor(Math.random() * Number.MAX_SAFE_INTEGER);
    this.turns = new Turns(this.head.turnWords, id);
  }

  /** The times of past calls, in this process's steady time, as read at the last lock. */
  get log(): StampLog {
    return this.#seen.log;
  }

  /** The shared pause and rhythm, in this process's steady time. */
  get brake(): Brake {
    return this.#brake.current;
  }

  /**
   * Takes the file and reads what others wrote, if nobody holds it at this moment. Never waits.
   *
   * @returns Whether it is taken; then {@link RingFile.unlock} must follow.
   */
  lock(): boolean {
    // Whoever has missed it tries harder: the longest wait counts, not the average.
    let spins = SPINS * (1 + Math.min(this.#missed, MOST_MISSED));
    while (!this.#lock.tryAcquire()) {
      if (--spins > 0) continue;
      this.#missed++;
      return false;
    }
    this.#missed = 0;
    try {
      this.#clock.tick();
      this.#read();
    } catch (error) {
      this.unlock();
      throw error;
    }
    return true;
  }

  /** Gives the file back. What was added and not committed is forgotten, and the file read anew. */
  unlock(): void {
    if (this.#addedCount > 0) this.#known.file = null;
    this.#addedCount = 0;
    this.#lock.release();
  }

  /** Records one call at the present time, at most {@link BATCH} under one lock. */
  add(): void {
    const { wall, now } = this.#clock;
    this.#added[this.#addedCount++] = wall;
    this.#seen.push(wall, now);
  }

  /**
   * Puts the present time in place of an earlier one: a call went out later than it was recorded.
   * The calls after it move one place towards the oldest, so the ring stays in order and counts no
   * call twice; whoever has read it reads it again. A time that is not there any more is added.
   *
   * @param from The wall-clock time at which the call was recorded.
   */
  move(from: number): void {
    const { capacity, total } = this.head;
    const first = Math.max(0, total - capacity);
    const walls = this.#walls(first, total - first);
    const place = walls.lastIndexOf(from);
    const block = place - (first + place) % RECENT; // the head's times are those of whole blocks
    if (place < 0 || block < 0) return this.add();
    const rest = walls.subarray(block);
    rest.copyWithin(place - block, place - block + 1);
    rest[rest.length - 1] = this.#clock.wall;
    this.head.total = first + block;
    this.#append(rest);
    this.head.touch();
    this.#readAll(true);
    this.#known.epoch = this.head.epoch;
  }

  /** Writes the added calls, then the head that counts them. */
  commit(): void {
    if (this.#addedCount > 0) {
      this.#append(this.#added.subarray(0, this.#addedCount));
      this.#known.total = this.head.total;
      this.#addedCount = 0;
    }
    this.#writeHead();
    this.#brake.read(this.head);
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#lock.close();
  }

  #read(): void {
    const file = this.#lock.file;
    if (this.#bytes.read(this.head.bytes, 0) < HEAD_BYTES || !this.head.isValid()) {
      this.#repair(file);
    } else if (file !== this.#known.file || this.head.epoch !== this.#known.epoch) {
      this.#readAll(file === this.#known.file);
    } else if (this.head.total !== this.#known.total) {
      this.#readNew();
    }
    if (this.head.capacity < this.#need) this.#grow();
    const { epoch, total } = this.head;
    this.#known = { file, epoch, total, at: this.#clock.now };
    this.#brake.read(this.head);
    this.log.clampTo(this.#clock.now);
  }

  /**
   * Reads the whole ring; times that this process knows of the same file keep their steady time.
   */
  #readAll(same: boolean): void {
    const { capacity, total } = this.head;
    const count = Math.min(capacity, total);
    const known = same ? this.#seen.times() : undefined;
    this.#seen = new SeenCalls(capacity);
    for (const wall of this.#walls(total - count, count)) {
      const time = this.#clock.seen(wall);
      this.#seen.push(
        wall,
        known === undefined ? time : known.get(wall) ?? Math.max(time, this.#known.at),
      );
    }
  }

  #readNew(): void {
    const count = this.head.total - this.#known.total;
    if (count < 0 || count > this.head.capacity) return this.#readAll(false);
    for (const wall of this.#walls(this.#known.total, count)) {
      // Not there at the last look, so not older than that, whatever the wall clock did meanwhile.
      this.#seen.push(wall, Math.max(this.#clock.seen(wall), this.#known.at));
    }
  }

  /** A file that is new, was emptied, or is no ring file. */
  #repair(file: Deno.FsFile): void {
    const { size, mtime, birthtime } = file.statSync();
    const changed = mtime?.getTime() ?? Infinity;
    const isNew = size === 0 && changed - (birthtime?.getTime() ?? changed) < 1000;
    if (isNew || (size === 0 && this.log.total > 0)) {
      // Empty, or emptied while this process still knows what it held.
      const { wall, now } = this.#clock;
      return this.#rewrite(
        this.#seen.newest(Math.min(this.log.total, this.#need)).map((time) => wall - (now - time)),
      );
    }
    // What it held is unknown, so every place counts as a call, made when the file last changed: no
    // call can be younger, and the next one is free within one window.
    const wall = Math.min(changed, this.#clock.wall);
    this.#rewrite(new Array(this.#need).fill(wall));
    this.#onNotice?.(
      `Replaced the damaged limit file ${this.#lock.path}: how many calls were made lately is not ` +
        `known, so calls wait up to one window`,
    );
  }

  #rewrite(walls: readonly number[]): void {
    this.head.start(this.#need);
    if (walls.length === 0) this.#writeHead(); // valid at once: a process killed here costs nothing
    this.#allocate();
    this.#append(Float64Array.from(walls));
    this.#writeHead();
    this.#seen = new SeenCalls(this.#need);
    for (const wall of walls) this.#seen.push(wall, this.#clock.seen(wall));
  }

  /** A ring with more places, after the old one, which holds until the head is written. */
  #grow(): void {
    const { base, capacity, total } = this.head;
    const count = Math.min(total, capacity);
    const walls = this.#walls(total - count, count);
    const times = this.#seen.newest(count);
    this.#seen = new SeenCalls(this.#need);
    times.forEach((time, i) => this.#seen.push(walls[i]!, time));
    this.head.move(base + capacity * 8, this.#need, 0);
    this.#allocate();
    this.#append(walls);
    this.#writeHead();
  }

  /** Takes the disk's space now: a disk that fills up later stops no call. */
  #allocate(): void {
    this.#bytes.write(new Uint8Array(this.head.capacity * 8), this.head.base);
  }

  /** The wall-clock times of calls. What cannot be read stays 0, which counts as now. */
  #walls(first: number, count: number): Float64Array {
    const walls = new Float64Array(count);
    const inRing = Math.max(0, Math.min(count, this.head.inRing - first));
    this.#eachRun(first, walls.subarray(0, inRing), (part, offset) => {
      this.#bytes.read(bytesOf(part), offset);
    });
    for (let i = inRing; i < count; i++) walls[i] = this.head.recent[(first + i) % RECENT]!;
    return walls;
  }

  /**
   * Counts calls in the head, which is not written yet; when that is full, its times go to the
   * ring.
   */
  #append(walls: Float64Array): void {
    const { total, inRing, recent } = this.head;
    const held = total - inRing;
    this.head.total += walls.length;
    if (this.head.inRing > inRing) {
      const full = new Float64Array(this.head.inRing - inRing);
      full.set(recent.subarray(0, held));
      full.set(walls.subarray(0, full.length - held), held);
      this.#eachRun(inRing, full, (part, offset) => this.#bytes.write(bytesOf(part), offset));
    }
    for (let i = Math.max(0, walls.length - RECENT); i < walls.length; i++) {
      recent[(total + i) % RECENT] = walls[i]!;
    }
  }

  /** Splits a row of places at the end of the ring. */
  #eachRun(
    first: number,
    slots: Float64Array,
    run: (part: Float64Array, offset: number) => void,
  ): void {
    const { base, capacity } = this.head;
    for (let done = 0; done < slots.length;) {
      const place = (first + done) % capacity;
      const part = slots.subarray(done, done + Math.min(slots.length - done, capacity - place));
      run(part, base + place * 8);
      done += part.length;
    }
  }

  #writeHead(): void {
    this.head.seal();
    this.#bytes.write(this.head.bytes, 0);
  }
}
