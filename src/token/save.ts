/**
 * Storing and forgetting the token.
 *
 * @module
 */

import { StoreError } from "../errors.ts";
import { Secret } from "../secret/secret.ts";
import { acceptToken } from "./accept.ts";
import type { EnvelopeContent, StoreMode } from "./envelope.ts";
import { recorderOf, type TokenOptions } from "./options.ts";
import { newPassphrase } from "./new_passphrase.ts";
import type { Person } from "./person.ts";
import { forgetSession } from "./session.ts";
import type { SourceContext } from "./source.ts";
import { inspectStore, removeStore, type StoreInfo, withStoreLock, writeStore } from "./store.ts";

/** How to store a token. */
export interface SaveOptions extends TokenOptions {
  /**
   * What the file's key is made of. `machine` protects the file when it is copied or committed
   * without the key file beside it, not against other programs of the same user. `passphrase`
   * protects it against everyone who does not know the passphrase. `both` needs both. Default
   * `passphrase` if one is given, else `machine`.
   */
  readonly mode?: StoreMode;
  /**
   * The passphrase, of at least 8 characters. Default, in a mode that has one: the person is asked.
   */
  readonly passphrase?: string;
  /** When the Hub made the token, in ms since 1970. Default: its age counts from now. */
  readonly createdAt?: number;
  /** When it expires, in ms since 1970. */
  readonly expiresAt?: number;
}

/** What was stored where. */
export interface SavedToken {
  /** The file. */
  readonly path: string;
  /** What its key is made of. */
  readonly mode: StoreMode;
  /** The token's fingerprint. */
  readonly fingerprint: string;
  /** The fingerprint of the token that was stored before, if it was another. */
  readonly replaced?: string;
}

/** As {@link saveToken} records it: a new token, or one that was imported. */
type SaveEvent = "token.save" | "token.import";

/**
 * Stores a token encrypted, in place of the one that was stored. Files are 0600 in a 0700 folder,
 * whatever the umask; a process that is killed meanwhile leaves the old file or the new one.
 *
 * Needs `--allow-read` and `--allow-write` for the private folder and `--allow-sys=uid`; in the
 * modes `machine` and
 * `both` on Linux `--allow-read=/etc/machine-id`.
 *
 * @param token The token, as text or as a Secret.
 * @param options The mode, the passphrase, the folder.
 * @returns Where it is, and the fingerprint.
 * @throws {TokenError} `token-invalid` if it is no token.
 * @throws {UsageError} If the passphrase is too short.
 * @throws {PromptError} If a passphrase is needed and nobody can be asked for it.
 * @throws {StateError} If the folder is not safe or cannot be written.
 *
 * @example Store, find, forget
 * ```ts
 * import { explainToken, forgetToken, saveToken } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const token = ["hf", "x".repeat(34)].join("_");
 *
 * const saved = await saveToken(token, { folder, passphrase: "correct horse battery" });
 * assert.equal(saved.mode, "passphrase");
 * assert.ok(!(await Deno.readTextFile(saved.path)).includes(token));
 *
 * const explained = await explainToken({ folder, env: () => undefined });
 * assert.equal(explained.used?.fingerprint, saved.fingerprint);
 *
 * assert.ok(await forgetToken({ folder }));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function saveToken(
  token: string | Secret,
  options: SaveOptions = {},
): Promise<SavedToken> {
  return await save(token, options, "token.save");
}

/**
 * Stores a token, recorded as saved or imported.
 *
 * @param token The token.
 * @param options As {@link saveToken}.
 * @param event How it is recorded.
 * @returns As {@link saveToken}.
 */
export async function save(
  token: string | Secret,
  options: SaveOptions,
  event: SaveEvent,
): Promise<SavedToken> {
  const secret = secretOf(token);
  const mode = options.mode ?? (options.passphrase === undefined ? "machine" : "passphrase");
  const passphrase = await newPassphrase(mode, options);
  const content: EnvelopeContent = {
    token: secret.reveal(),
    ...(options.createdAt !== undefined && { createdAt: options.createdAt }),
    ...(options.expiresAt !== undefined && { expiresAt: options.expiresAt }),
  };
  const { info, before } = await withStoreLock(options, async () => ({
    before: await storedFingerprint(options),
    info: await writeStore(content, secret.fingerprint, { ...options, mode, ...passphrase }),
  }));
  const replaced = before !== undefined && before !== info.fingerprint ? { replaced: before } : {};
  const { fingerprint } = info;
  await recorderOf(options)({
    event,
    outcome: "ok",
    source: "store",
    method: mode,
    fingerprint,
    ...replaced,
  });
  return { path: info.path, mode, fingerprint, ...replaced };
}

/**
 * Stores a token a person has just typed.
 *
 * @param secret The token.
 * @param mode The mode they chose.
 * @param person Who is asked for a passphrase.
 * @param context Folder, environment, clock and notices of the load.
 */
export async function saveAsked(
  secret: Secret,
  mode: StoreMode,
  person: Person,
  context: SourceContext,
): Promise<void> {
  const saved = await saveToken(secret, {
    mode,
    person,
    env: context.env,
    now: context.now,
    onNotice: context.notice,
    audit: { append: context.record },
    ...(context.folder !== undefined && { folder: context.folder }),
  });
  person.tell(`Saved encrypted in ${saved.path}.`);
}

/**
 * Removes the stored token and the key file, and what this process remembers of it. The token stays
 * valid at the Hub: revoke it at https://huggingface.co/settings/tokens if nobody needs it any
 * more.
 *
 * @param options The folder.
 * @returns Whether a token was stored.
 * @throws {StateError} If it cannot be removed.
 */
export async function forgetToken(options: TokenOptions = {}): Promise<boolean> {
  forgetSession();
  const { before, removed } = await withStoreLock(options, async () => ({
    before: await storedFingerprint(options),
    removed: await removeStore(options),
  }));
  if (removed) {
    await recorderOf(options)({
      event: "token.forget",
      outcome: "ok",
      source: "store",
      ...(before !== undefined && { fingerprint: before }),
    });
  }
  return removed;
}

/**
 * Refuses to overwrite what another process stored meanwhile. Call it under the store's lock.
 *
 * @param before What was stored when the work began.
 * @param options The folder.
 * @throws {StoreError} `store-changed`.
 */
export async function sameAsBefore(before: StoreInfo, options: TokenOptions): Promise<void> {
  const now = await inspectStore(options);
  if (now?.sha256 === before.sha256) return;
  throw new StoreError(
    "store-changed",
    "Cannot replace the stored token: another process has changed it meanwhile. Nothing was changed; " +
      "look with `hushbook token status` and try again",
  );
}

/**
 * The error of whoever needs a stored token where there is none.
 *
 * @param action What could not be done.
 * @returns The error.
 */
export function nothingStored(action: string): StoreError {
  return new StoreError(
    "store-missing",
    `Cannot ${action}: no token is stored. Store one first: hushbook token save`,
  );
}

/**
 * A Secret of a text that is cleaned and validated, or the Secret itself.
 *
 * @param token The token.
 * @returns The Secret.
 * @throws {TokenError} `token-invalid`.
 */
export function secretOf(token: string | Secret): Secret {
  return token instanceof Secret ? token : new Secret(acceptToken(token, "the argument").token);
}

async function storedFingerprint(options: TokenOptions): Promise<string | undefined> {
  try {
    return (await inspectStore(options))?.fingerprint;
  } catch (error) {
    if (error instanceof StoreError) return undefined; // damaged: it is about to be replaced
    throw error;
  }
}
