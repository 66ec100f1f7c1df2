/**
 * Replacing a token that is kept elsewhere: in Vault, AWS, Azure or the keychain.
 *
 * @module
 */

import { type HushbookError, SourceError, TokenError, UsageError } from "../errors.ts";
import { Secret } from "../secret/secret.ts";
import { acceptToken } from "./accept.ts";
import { contextOf } from "./load.ts";
import { unreadable } from "./load_errors.ts";
import { recorderOf, type TokenOptions } from "./options.ts";
import type { FoundToken, SourceContext, TokenSource } from "./source.ts";

/** A token that was replaced where it is kept. */
export interface ReplacedAtHome {
  /** Exactly where. */
  readonly where: string;
  /** The fingerprint of the new token. */
  readonly fingerprint: string;
  /** The fingerprint of the token that was there; undefined if there was none. */
  readonly replaced: string | undefined;
}

/**
 * Replaces the token in a source that can be written. The new token is checked before anything is
 * written, and read back afterwards.
 *
 * @param home Where the token is kept.
 * @param secret The new token.
 * @param check Checks a token at the Hub; rejects if it is no good.
 * @param options Where to record, whom to tell.
 * @returns Where it is now, and both fingerprints.
 * @throws {UsageError} If the source cannot be written, or already has this token.
 * @throws {SourceError} If it cannot be read or written.
 */
export async function rotateAtHome(
  home: TokenSource,
  secret: Secret,
  check: (secret: Secret) => Promise<unknown>,
  options: TokenOptions & { readonly fetch?: typeof globalThis.fetch },
): Promise<ReplacedAtHome> {
  if (home.write === undefined) {
    throw new UsageError(
      `Cannot rotate the token: ${home.name} is only read; replace it there by hand`,
    );
  }
  const context = contextOf(options, options.onNotice ?? (() => {}));
  const record = recorderOf(options);
  const old = await oldTokenAt(home, context);
  if (old?.fingerprint === secret.fingerprint) {
    throw alreadyThere(home.name);
  }
  const about = {
    event: "token.rotate",
    source: home.name,
    fingerprint: secret.fingerprint,
    ...(old && { replaced: old.fingerprint }),
  } as const;
  try {
    await check(secret);
    if (old !== null) await tellWhetherGood(old, check, context);
    // Whoever is killed from here on leaves a record of which token was to replace which.
    await record({ ...about, outcome: "started" });
    const where = await replaceAt(home, context, secret, old);
    await record({ ...about, outcome: "ok" });
    return { where, fingerprint: secret.fingerprint, replaced: old?.fingerprint };
  } catch (error) {
    const reason = (error as { code?: unknown }).code;
    await record({
      ...about,
      outcome: "failed",
      ...(typeof reason === "string" && { reason }),
    });
    throw error;
  }
}

/**
 * Writes the token and reads it back: also after an error, such as an answer that was lost on the
 * way.
 */
async function replaceAt(
  home: TokenSource,
  context: SourceContext,
  secret: Secret,
  old: Secret | null,
): Promise<string> {
  let where: string = home.name;
  let failed: HushbookError | undefined;
  try {
    ({ where } = await home.write!(context, secret));
  } catch (error) {
    context.signal?.throwIfAborted();
    failed = unreadable(home, error, "write the token to");
  }
  let now: Secret | null | undefined;
  try {
    now = await oldTokenAt(home, context);
  } catch {
    now = undefined;
  }
  if (now?.fingerprint === secret.fingerprint) {
    if (failed !== undefined) {
      context.notice(`The new token is in ${home.name}, although it said: ${failed.message}`);
    }
    return where;
  }
  // What was there is there still: nothing but the failure is to be told.
  if (failed !== undefined && now !== undefined && now?.fingerprint === old?.fingerprint) {
    throw failed;
  }
  throw new TokenError(
    "token-unreadable",
    `Cannot be sure that the token was rotated: ${home.name} ${
      now === undefined ? "cannot be read" : "does not give the new one back"
    }; look there. Revoke neither token before${failed === undefined ? "" : `. ${failed.message}`}`,
  );
}

async function tokenAt(home: TokenSource, context: SourceContext): Promise<Secret | null> {
  let found: FoundToken | null;
  try {
    found = await home.read(context);
  } catch (error) {
    throw unreadable(home, error);
  }
  if (found === null) return null;
  if (typeof found.value !== "string") return found.value;
  return new Secret(acceptToken(found.value, found.where).token);
}

/**
 * A token that was deleted is none: whoever writes a new one in its place is told so by the home.
 */
async function oldTokenAt(home: TokenSource, context: SourceContext): Promise<Secret | null> {
  try {
    return await tokenAt(home, context);
  } catch (error) {
    if (error instanceof SourceError && error.code === "source-deleted") return null;
    throw error;
  }
}

/** An old token that is still good has to be revoked; one that the Hub refuses already is gone. */
async function tellWhetherGood(
  old: Secret,
  check: (secret: Secret) => Promise<unknown>,
  context: SourceContext,
): Promise<void> {
  try {
    await check(old);
  } catch (error) {
    if (error instanceof TokenError && error.code === "token-refused") {
      context.notice(`The old token ${old.fingerprint} is revoked or expired already`);
    }
  }
}

/**
 * That nothing is to be done, or was done by a rotation that did not come to its end.
 *
 * @param home Where the token is.
 * @returns The error.
 */
export function alreadyThere(home: string): UsageError {
  return new UsageError(
    `Cannot rotate the token: ${home} has this one already. If a rotation was interrupted, it got that far, and ` +
      "`hushbook audit show --event token.rotate` tells which token it replaced: revoke that at " +
      "https://huggingface.co/settings/tokens. Else make a new one there",
  );
}
