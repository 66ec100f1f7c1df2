/**
 * Reads and writes places of a locked file, whole.
 *
 * @module
 */

import { StateError } from "../errors.ts";
import type { FileLock } from "../state/lock.ts";

/**
 * The bytes of words.
 *
 * @param words The words.
 * @returns The same memory.
 */
export function bytesOf(words: Float64Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** The bytes of a file that is held by its own lock. */
export class RingBytes {
  readonly #lock: FileLock;

  /**
   * Names the file.
   *
   * @param lock The lock on it, open.
   */
  constructor(lock: FileLock) {
    this.#lock = lock;
  }

  /**
   * Reads.
   *
   * @param into Is filled as far as the file goes.
   * @param offset Where to begin, in bytes.
   * @returns How many bytes there were.
   */
  read(into: Uint8Array, offset: number): number {
    const { file } = this.#lock;
    file.seekSync(offset, Deno.SeekMode.Start);
    let done = 0;
    while (done < into.length) {
      const count = file.readSync(done === 0 ? into : into.subarray(done));
      if (count === null) break;
      done += count;
    }
    return done;
  }

  /**
   * Writes.
   *
   * @param bytes What.
   * @param offset Where to begin, in bytes.
   * @throws {StateError} `state-unwritable` when the disk does not take it.
   */
  write(bytes: Uint8Array, offset: number): void {
    const { file, path } = this.#lock;
    try {
      file.seekSync(offset, Deno.SeekMode.Start);
      for (let done = 0; done < bytes.length;) {
        done += file.writeSync(done === 0 ? bytes : bytes.subarray(done));
      }
    } catch (error) {
      if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
      throw new StateError(
        "state-unwritable",
        `Cannot record a call in ${path}: ${error.name}, so it was not sent; free some disk space ` +
          `or check the folder, then try again`,
      );
    }
  }
}
