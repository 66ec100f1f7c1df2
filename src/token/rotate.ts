/**
 * Replacing the stored token by a new one.
 *
 * @module
 */

import type { Secret } from "../secret/secret.ts";
import { lockoutOf, personOf, recorderOf, type TokenOptions } from "./options.ts";
import { nothingStored, sameAsBefore, secretOf } from "./save.ts";
import { forgetSession } from "./session.ts";
import type { TokenSource } from "./source.ts";
import type { StoreMode } from "./envelope.ts";
import { inspectStore, type StoreInfo, withStoreLock, writeStore } from "./store.ts";
import { unlockStore } from "./unlock.ts";
import type { Identity } from "./ask_identity.ts";
import { whoami } from "./whoami.ts";

/** Where a person revokes the tokens they no longer need. */
export const REVOKE_URL = "https://huggingface.co/settings/tokens";

/** How to rotate. */
export interface RotateOptions extends TokenOptions {
  /** The store's passphrase. Default, if it has one: the person is asked. */
  readonly passphrase?: string;
  /**
   * Checks the new token; rejects if it is no good. Default {@link whoami} at the Hub; false checks
   * nothing.
   */
  readonly check?: ((secret: Secret) => Promise<Partial<Identity>>) | false;
  /** Where the token is kept, if not in the encrypted file: a source that can be written. */
  readonly home?: TokenSource;
  /** Sends the request of the default check. Default the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** What was replaced by what, and where to revoke the old token. */
export interface RotatedToken {
  /** Exactly where the token is: the encrypted file's path, or the place in `home`. */
  readonly path: string;
  /** What opens the encrypted file; undefined for another `home`. */
  readonly mode: StoreMode | undefined;
  /** The fingerprint of the new token. */
  readonly fingerprint: string;
  /** The fingerprint of the token that was there before; undefined if `home` had none. */
  readonly replaced: string | undefined;
  /** Where to revoke it: it stays valid until then. */
  readonly revokeUrl: string;
}

/**
 * Replaces the stored token. The new one is checked at the Hub first; the old file stays until the
 * new one is whole on disk. The old token remains valid until it is revoked at the address that is
 * returned.
 *
 * Needs what `saveToken` needs and `--allow-net=huggingface.co`.
 *
 * @param token The new token.
 * @param options The store's passphrase, the check, the folder.
 * @returns Both fingerprints and where to revoke the old token.
 * @throws {TokenError} `token-invalid` or `token-refused` if the new token is no good;
 * `token-unchecked` if the Hub cannot be asked. Nothing is changed then.
 * @throws {StoreError} `store-missing` if nothing is stored; `store-passphrase` if the passphrase
 * is wrong.
 * @throws {UsageError} If it is the token that is stored already.
 *
 * @example The old token stays until the new one is good
 * ```ts
 * import { rotateToken, saveToken } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const [old, next] = ["x", "y"].map((letter) => ["hf", letter.repeat(34)].join("_"));
 * const { fingerprint } = await saveToken(old!, { folder });
 *
 * const rotated = await rotateToken(next!, { folder, check: () => Promise.resolve({}) });
 * assert.equal(rotated.replaced, fingerprint);
 * assert.equal(rotated.revokeUrl, "https://huggingface.co/settings/tokens");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function rotateToken(
  token: string | Secret,
  options: RotateOptions = {},
): Promise<RotatedToken> {
  const secret = secretOf(token);
  if (options.home !== undefined) return await rotateElsewhere(options.home, secret, options);
  const before = await inspectStore(options);
  if (before === null) throw nothingStored("rotate the token");
  if (before.fingerprint === secret.fingerprint) {
    const { alreadyThere } = await import("./rotate_home.ts");
    throw alreadyThere("the encrypted file");
  }
  const record = recorderOf(options);
  const about = { source: "store", fingerprint: secret.fingerprint, replaced: before.fingerprint };
  let info: StoreInfo;
  try {
    const identity = await check(secret, options);
    const passphrase = await presentPassphrase(before, options);
    const { createdAt, expiresAt } = identity;
    const content = {
      token: secret.reveal(),
      ...(createdAt !== undefined && { createdAt }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
    info = await withStoreLock(options, async () => {
      await sameAsBefore(before, options);
      // Whoever is killed from here on leaves a record of which token was to replace which.
      await record({ event: "token.rotate", outcome: "started", method: before.mode, ...about });
      return await writeStore(content, secret.fingerprint, {
        ...options,
        mode: before.mode,
        ...passphrase,
      });
    });
  } catch (error) {
    const reason = (error as { code?: unknown }).code;
    await record({
      event: "token.rotate",
      outcome: "failed",
      ...about,
      ...(typeof reason === "string" && { reason }),
    });
    throw error;
  }
  forgetSession();
  await record({ event: "token.rotate", outcome: "ok", method: before.mode, ...about });
  return {
    path: info.path,
    mode: info.mode,
    fingerprint: info.fingerprint,
    replaced: before.fingerprint,
    revokeUrl: REVOKE_URL,
  };
}

async function rotateElsewhere(
  home: TokenSource,
  secret: Secret,
  options: RotateOptions,
): Promise<RotatedToken> {
  const { rotateAtHome } = await import("./rotate_home.ts");
  const done = await rotateAtHome(home, secret, (token) => check(token, options), options);
  forgetSession();
  const { where: path, fingerprint, replaced } = done;
  return { path, mode: undefined, fingerprint, replaced, revokeUrl: REVOKE_URL };
}

async function check(secret: Secret, options: RotateOptions): Promise<Partial<Identity>> {
  if (options.check === false) return {};
  if (options.check !== undefined) return await options.check(secret);
  // What was said of it yesterday does not count: it is about to take the place of a token that
  // works.
  return await whoami(secret, { ...options, fresh: true });
}

/**
 * The passphrase that opens the old file, proven by opening it, so that a mistyped one seals
 * nothing.
 */
async function presentPassphrase(
  before: StoreInfo,
  options: RotateOptions,
): Promise<{ readonly passphrase?: string }> {
  if (before.mode === "machine") return {};
  const lockout = await lockoutOf(options);
  const opened = await unlockStore({ ...options, lockout, person: personOf(options) });
  return opened?.passphrase === undefined ? {} : { passphrase: opened.passphrase };
}
