/**
 * `lockout.json` in the private folder, changed by one process at a time.
 *
 * @module
 */

import {
  checkPrivateFolder,
  openStateFolder,
  stateFolder,
  type StateFolderOptions,
} from "../state/folder.ts";
import { type LockOptions, withLock } from "../state/lock.ts";
import { readPrivateFile, writePrivateFile } from "../state/private_file.ts";
import { EVERYTHING, type LockoutState, parseState, printState } from "./lockout_state.ts";

/** The largest file that is read, in bytes; 500 subjects have far less. */
const MOST_BYTES = 256 * 1024;

/** What a {@link LockoutFile} is told. */
export interface LockoutFileOptions extends StateFolderOptions {
  /** The time in ms since 1970. */
  readonly now: () => number;
  /** The longest lock there can be, in ms. */
  readonly periodMs: number;
  /** Waits for the lock between processes. Default: a timer. */
  readonly sleep?: NonNullable<LockOptions["sleep"]>;
}

/** The file: read as it is, or changed under a lock and put right on the way. */
export class LockoutFile {
  readonly #options: LockoutFileOptions;

  /**
   * Opens nothing yet.
   *
   * @param options Folder, clock, the longest lock.
   */
  constructor(options: LockoutFileOptions) {
    this.#options = options;
  }

  /**
   * Makes the private folder ready.
   *
   * @returns The file, absolute.
   * @throws {StateError} When the folder is not safe.
   */
  async path(): Promise<string> {
    return `${await openStateFolder(this.#options)}/lockout.json`;
  }

  /**
   * Reads the state, before every call; so it makes no folder, and sweeps none.
   *
   * @returns The state; null when it is damaged.
   * @throws {StateError} When folder or file is not safe to read.
   */
  read(): Promise<LockoutState | null> {
    return new Promise((resolve) => {
      const folder = this.#options.folder ?? stateFolder(this.#options);
      resolve(
        checkPrivateFolder(folder, this.#options.onNotice)
          ? this.#read(`${folder}/lockout.json`)
          : {},
      );
    });
  }

  /**
   * Changes the state under the lock. What is over is dropped; a damaged state locks everything
   * from now, and a lock that reaches too far ahead is cut.
   *
   * @param change Changes it.
   * @returns The state as it is now.
   * @throws {StateError} When it cannot be written.
   */
  async change(change: (state: LockoutState) => void): Promise<LockoutState> {
    const path = await this.path();
    const { now: clock, periodMs, sleep } = this.#options;
    return await withLock(`${path.slice(0, -".json".length)}.lock`, async () => {
      const now = clock();
      const latest = now + periodMs;
      const state: LockoutState = await this.#read(path) ??
        { [EVERYTHING]: { failures: 0, until: latest } };
      for (const [name, entry] of Object.entries(state)) {
        if (entry.until > latest) state[name] = { ...entry, until: latest };
        else if (entry.until !== 0 && entry.until <= now) delete state[name];
      }
      change(state);
      await writePrivateFile(path, printState(state));
      return state;
    }, sleep && { sleep });
  }

  async #read(path: string): Promise<LockoutState | null> {
    const { onNotice } = this.#options;
    const limits = { maxBytes: MOST_BYTES, ...(onNotice && { onNotice }) };
    const bytes = await readPrivateFile(path, limits);
    return bytes === null ? {} : parseState(bytes);
  }
}
