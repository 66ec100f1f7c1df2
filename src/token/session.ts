/**
 * What this process remembers, in memory only: a token that a person typed, a stored token that was
 * opened. So two cells that ask at once cause one prompt, and the next cell causes none.
 *
 * @module
 */

import type { Secret } from "../secret/secret.ts";

/** A token this process knows already. */
export interface Remembered {
  /** The token. */
  readonly secret: Secret;
  /** When it was made or stored, in ms since 1970, where known. */
  readonly createdAt?: number;
  /** When it expires, in ms since 1970, where known. */
  readonly expiresAt?: number;
}

const known = new Map<string, Promise<Remembered | null>>();

/**
 * Gives what is remembered under a key, or finds it out; whoever asks meanwhile gets the same
 * answer. A failure and "nothing" are not remembered.
 *
 * @param key What names it, such as the hash of the stored file.
 * @param find Finds it out.
 * @returns The token, or null.
 */
export function remember(
  key: string,
  find: () => Promise<Remembered | null>,
): Promise<Remembered | null> {
  const before = known.get(key);
  if (before !== undefined) return before;
  const answer = find();
  known.set(key, answer);
  const drop = () => {
    if (known.get(key) === answer) known.delete(key);
  };
  answer.then((found) => found === null && drop(), drop);
  return answer;
}

const told = new Set<string>();

/**
 * Whether something is said for the first time in this process.
 *
 * @param what What is said.
 * @returns True the first time.
 */
export function firstTime(what: string): boolean {
  if (told.has(what)) return false;
  told.add(what);
  return true;
}

/**
 * Forgets a token that the Hub refused: the next load asks or opens again.
 *
 * @param fingerprint The token's fingerprint.
 */
export function forgetRefused(fingerprint: string): void {
  for (const [key, answer] of known) {
    answer.then((found) => {
      if (found?.secret.fingerprint === fingerprint && known.get(key) === answer) known.delete(key);
    }, () => {});
  }
}

/** Forgets everything: the next load asks and opens again. */
export function forgetSession(): void {
  known.clear();
  told.clear();
}
