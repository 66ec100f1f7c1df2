/**
 * Opening the stored token with the passphrase a person types, at most three times, with the
 * lockout counting.
 *
 * @module
 */

import { PromptError, StoreError } from "../errors.ts";
import type { Person } from "./person.ts";
import {
  inspectStore,
  type OpenedStore,
  openStore,
  type StoreInfo,
  type StoreOptions,
  withStoreLock,
} from "./store.ts";

/** Counts wrong passphrases over all processes. */
export interface FailureCounter {
  /** Rejects while the subject is locked. */
  check(subject: string): Promise<unknown>;
  /** Counts a failure. */
  fail(subject: string): Promise<unknown>;
  /** Forgets the failures. */
  succeed(subject: string): Promise<unknown>;
}

/** How to open the stored token. */
export interface UnlockOptions extends StoreOptions {
  /** The passphrase, if it is known; then nobody is asked. */
  readonly passphrase?: string;
  /** Whom to ask, or null. */
  readonly person: Person | null;
  /** Counts wrong passphrases. */
  readonly lockout: FailureCounter;
}

/** A stored token that was opened, and with which passphrase, so that it can be sealed again. */
export interface UnlockedStore extends OpenedStore {
  /** The passphrase, in the modes that have one. */
  readonly passphrase?: string;
}

/** What the lockout calls the store. */
export const STORE_SUBJECT = "store";

/** How often a person is asked before giving up. */
export const MOST_ASKS = 3;

/**
 * Opens the stored token. A wrong passphrase counts towards the lockout; a damaged file or a
 * missing key does not.
 *
 * @param options Folder, passphrase or person, lockout.
 * @returns The opened store, or null when nothing is stored.
 * @throws {StoreError} `store-passphrase` after the last wrong passphrase, `store-key` if the file
 * belongs to another machine or user, `store-damaged`, `store-refused`.
 * @throws {PromptError} If nobody can be asked, or the person declined.
 */
export async function unlockStore(options: UnlockOptions): Promise<UnlockedStore | null> {
  const info = await inspectStore(options);
  if (info === null) return null;
  if (info.mode === "machine") return await openByMachine(options);
  const asks = options.passphrase === undefined ? MOST_ASKS : 1;
  for (let ask = 1; ask <= asks; ask++) {
    await options.lockout.check(STORE_SUBJECT);
    const passphrase = options.passphrase ?? await askPassphrase(options.person, ask);
    const opened = await attempt(options, passphrase);
    if (opened !== null) return { ...opened, passphrase };
    if (ask < asks) options.person?.tell("That passphrase does not open the stored token.");
  }
  throw wrong(info);
}

async function openByMachine(options: UnlockOptions): Promise<OpenedStore> {
  const opened = await openStore(options);
  if (opened !== null) return opened;
  throw new StoreError(
    "store-key",
    "Cannot open the stored token: it was stored on another machine, by another user or with another " +
      "key file. Store it again: hushbook token save",
  );
}

/**
 * One try, alone among all processes, so that none gets past the lockout while another is counting.
 */
async function attempt(options: UnlockOptions, passphrase: string): Promise<OpenedStore | null> {
  return await withStoreLock(options, async () => {
    await options.lockout.check(STORE_SUBJECT);
    const opened = await openStore({ ...options, passphrase });
    if (opened === null) await options.lockout.fail(STORE_SUBJECT);
    else await options.lockout.succeed(STORE_SUBJECT);
    return opened;
  });
}

async function askPassphrase(person: Person | null, ask: number): Promise<string> {
  const count = ask === 1 ? "" : ` (${ask} of ${MOST_ASKS})`;
  const answer = await person?.ask(`Passphrase of the stored token${count}: `) ?? null;
  if (answer === null) {
    throw new PromptError(
      "prompt-unavailable",
      "Cannot open the stored token: it needs a passphrase, and nobody can be asked here. " +
        "Set HF_TOKEN, pass { passphrase }, or store it for this machine: " +
        "hushbook token save --mode machine",
    );
  }
  if (answer === "") {
    throw new PromptError(
      "prompt-declined",
      "Stopped: no passphrase was entered. Set HF_TOKEN to go without the stored token",
    );
  }
  return answer;
}

function wrong(info: StoreInfo): StoreError {
  const both = info.mode === "both" ? ", or the file belongs to another machine or user" : "";
  return new StoreError(
    "store-passphrase",
    `Cannot open the stored token: the passphrase is wrong${both}. If it is lost, make a new token at ` +
      "https://huggingface.co/settings/tokens and store that: hushbook token save",
  );
}
