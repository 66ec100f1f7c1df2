/**
 * Encrypting the stored token anew.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import type { StoreMode } from "./envelope.ts";
import { newPassphrase } from "./new_passphrase.ts";
import { lockoutOf, personOf, recorderOf, type TokenOptions } from "./options.ts";
import { nothingStored, sameAsBefore, type SavedToken } from "./save.ts";
import { type StoreInfo, withStoreLock, writeStore } from "./store.ts";
import { unlockStore } from "./unlock.ts";

/** How to change the passphrase. */
export interface ChangePassphraseOptions extends TokenOptions {
  /** The passphrase so far. Default, if there is one: the person is asked. */
  readonly from?: string;
  /**
   * The new passphrase, of at least 8 characters. Default, in a mode that has one: the person is
   * asked.
   */
  readonly to?: string;
  /** The new mode. Default the present one, or `passphrase` if the present one is `machine`. */
  readonly mode?: StoreMode;
}

/**
 * Encrypts the stored token anew: with another passphrase, or in another mode.
 *
 * @param options Both passphrases, the mode, the folder.
 * @returns Where it is, and in which mode.
 * @throws {StoreError} `store-missing` if nothing is stored; `store-passphrase` if `from` is wrong.
 * @throws {UsageError} If the new passphrase is too short.
 */
export async function changePassphrase(
  options: ChangePassphraseOptions = {},
): Promise<SavedToken> {
  const record = recorderOf(options);
  const about = { event: "passphrase.change", source: "store" } as const;
  try {
    const { path, mode, fingerprint } = await reseal(options);
    await record({ ...about, outcome: "ok", method: mode, fingerprint });
    return { path, mode, fingerprint };
  } catch (error) {
    const reason = error instanceof HushbookError ? error.code : "failed";
    await record({ ...about, outcome: "failed", reason }).catch(() => {});
    throw error;
  }
}

async function reseal(options: ChangePassphraseOptions): Promise<StoreInfo> {
  const { from, to } = options;
  const opened = await unlockStore({
    ...options,
    person: personOf(options),
    lockout: await lockoutOf(options),
    ...(from !== undefined && { passphrase: from }),
  });
  if (opened === null) throw nothingStored("change the passphrase");
  const present = opened.info.mode;
  const mode = options.mode ?? (present === "machine" ? "passphrase" : present);
  const passphrase = await newPassphrase(mode, {
    ...options,
    ...(to !== undefined && { passphrase: to }),
  });
  // The age goes on from when the token was stored first: a new passphrase makes no new token.
  const content = { createdAt: opened.info.iat * 1000, ...opened.content };
  return await withStoreLock(options, async () => {
    await sameAsBefore(opened.info, options);
    return await writeStore(content, opened.info.fingerprint, { ...options, mode, ...passphrase });
  });
}
