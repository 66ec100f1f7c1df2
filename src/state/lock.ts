/**
 * Locks between processes: advisory, on a file, given back by the system when a process dies.
 * Waiting is asynchronous, so a notebook kernel that waits still answers.
 *
 * @module
 */

import { StateError } from "../errors.ts";
import { openPrivateFile } from "./open_private_file.ts";

/** How long to wait for a lock. */
export interface LockOptions {
  /** Ends the waiting; the rejection is its `reason`. Default: cannot be ended. */
  readonly signal?: AbortSignal;
  /** Longest wait in milliseconds. Default 10 000; `Infinity` waits for ever. */
  readonly timeoutMs?: number;
  /** Waits some milliseconds between tries; tests put their own in. Default: a timer. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * How often a lock that is kept open looks whether its file is still the one at its path, in ms.
 */
const LOOK_EVERY_MS = 500;

/**
 * A lock file kept open, to be taken many times: {@link FileLock.tryAcquire} costs one system call.
 *
 * ```ts ignore
 * using lock = FileLock.open(`${folder}/limits/key.ring`);
 * await lock.acquire({ signal });
 * try {
 *   lock.file.seekSync(0, Deno.SeekMode.Start);
 *   // read and write lock.file
 * } finally {
 *   lock.release();
 * }
 * ```
 */
export class FileLock implements Disposable {
  /** The file that is locked, absolute. */
  readonly path: string;
  #file: Deno.FsFile | null;
  #held = false;
  #lookedAt: number;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
    this.#lookedAt = performance.now();
  }

  /**
   * Opens the lock file, 0600, and creates it when it is not there. Nothing is locked yet.
   *
   * @param path Absolute path in the private folder. Never delete it while hushbook runs.
   * @returns The lock, not held.
   * @throws {StateError} When the file is not safe or cannot be opened.
   */
  static open(path: string): FileLock {
    return new FileLock(path, openLockFile(path));
  }

  /**
   * Opens a lock file that is there for reading only, as on a disk that cannot be written.
   *
   * @param path Absolute path in the private folder.
   * @returns The lock, not held; null when there is no such file.
   * @throws {StateError} When the file is not safe or cannot be opened.
   */
  static openExisting(path: string): FileLock | null {
    const file = openPrivateFile(path);
    return file && new FileLock(path, file);
  }

  /**
   * The locked file, readable and (after {@link FileLock.open}) writable, its position wherever it
   * was left. It may be another one after the next acquire, when somebody deleted the file at
   * {@link FileLock.path}.
   */
  get file(): Deno.FsFile {
    if (this.#file === null) throw new TypeError("Cannot use the lock: it is closed");
    return this.#file;
  }

  /** Whether this object holds the lock now. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Takes the lock if it is free.
   *
   * @returns Whether it is held now; false when another holder, or this one, already has it.
   * @throws {StateError} When the file was deleted and cannot be made again.
   */
  tryAcquire(): boolean {
    if (this.#held) return false;
    const now = performance.now();
    if (now - this.#lookedAt >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#reopenIfReplaced();
    }
    this.#held = this.file.tryLockSync(true);
    return this.#held;
  }

  /**
   * Takes the lock, waiting for it without blocking: short, growing, jittered pauses.
   *
   * @param options Signal, longest wait, sleep.
   * @throws {StateError} `state-busy` when the time is over; the signal's reason when it aborts.
   */
  async acquire(options: LockOptions = {}): Promise<void> {
    const { signal, timeoutMs = 10_000, sleep = sleepMs } = options;
    signal?.throwIfAborted();
    if (this.tryAcquire()) return;
    let waited = 0;
    for (let tries = 0;; tries++) {
      // From 1..2 ms to 8..16 ms: the holder needs microseconds, unless it was stopped.
      const ceiling = Math.min(16, 2 << Math.min(tries >> 2, 3));
      const pause = ceiling * (0.5 + Math.random() / 2);
      await sleep(pause, signal);
      waited += pause;
      signal?.throwIfAborted();
      if (this.tryAcquire()) return;
      if (waited >= timeoutMs) throw busy(this.path, timeoutMs);
    }
  }

  /** Gives the lock back; does nothing when it is not held. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.file.unlockSync();
  }

  /** Gives the lock back and closes the file. */
  close(): void {
    this.#held = false;
    this.#file?.close();
    this.#file = null;
  }

  /** As {@link FileLock.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #reopenIfReplaced(): void {
    const mine = this.file.statSync();
    try {
      const there = Deno.lstatSync(this.path);
      if (there.ino === mine.ino && there.dev === mine.dev) return;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    const file = openLockFile(this.path);
    this.#file?.close();
    this.#file = file;
  }

  /** Whether the held file is still the one at its path: false when it was deleted meanwhile. */
  isCurrent(): boolean {
    const before = this.#file;
    this.#reopenIfReplaced();
    return before === this.#file;
  }
}

/**
 * Runs a function while holding a lock over all processes. The lock is free again when the function
 * ends, throws, or its process dies.
 *
 * @param path The lock file, absolute, in the private folder; created when missing, never removed.
 * @param fn What to do under the lock.
 * @param options Signal, longest wait, sleep.
 * @returns What `fn` returns.
 * @throws {StateError} `state-busy` when the lock is not free in time.
 */
export async function withLock<T>(
  path: string,
  fn: () => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  using lock = FileLock.open(path);
  do {
    lock.release();
    await lock.acquire(options);
    // Deleted between opening and locking: what we hold would exclude nobody.
  } while (!lock.isCurrent());
  return await fn();
}

/**
 * Waits.
 *
 * @param ms Milliseconds.
 * @param signal Ends the waiting early; the rejection is its `reason`.
 */
export function sleepMs(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

function openLockFile(path: string): Deno.FsFile {
  return openPrivateFile(path, { create: true, write: true })!;
}

function busy(path: string, ms: number): StateError {
  return new StateError(
    "state-busy",
    `Cannot lock ${path}: another hushbook process has held it for ${
      Math.round(ms / 100) / 10
    } s, so it hangs or is stopped; end or restart that notebook kernel or command ` +
      `(lsof '${path}' names it), then try again`,
  );
}
