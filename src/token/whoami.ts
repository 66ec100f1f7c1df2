/**
 * Whose token it is and what it may do, as the Hub says it, asked once a day.
 *
 * @module
 */

import { HushbookError, TokenError, UsageError } from "../errors.ts";
import type { Secret } from "../secret/secret.ts";
import type { StateFolderOptions } from "../state/folder.ts";
import { askIdentity, type Identity } from "./ask_identity.ts";
import { type CachedIdentity, cachedIdentity, cacheIdentity, isCurrent } from "./identity_cache.ts";
import { adviceFor, enforceRole, type MinimumRole } from "./minimum_role.ts";

/** How to find out whose token it is. */
export interface WhoamiOptions extends StateFolderOptions {
  /** Sends the request. Default the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
  /** How long to wait for the answer, in ms. Default 10 000. */
  readonly timeoutMs?: number;
  /** Asks the Hub although its last answer is young. Default false. */
  readonly fresh?: boolean;
  /**
   * An answer of the Hub that is no older than this is not asked for again, in ms. Default 24
   * hours.
   */
  readonly maxAgeMs?: number;
  /** What the token must be allowed to do. Default: anything will do. */
  readonly minimumRole?: MinimumRole;
  /** Where the token came from, for errors, such as `HF_TOKEN`. */
  readonly where?: string;
  /** The clock, in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** What is known of a token. */
export interface KnownIdentity extends Identity {
  /** When the Hub said so, in ms since 1970. */
  readonly checkedAt: number;
  /** What to do better, such as to use a token that may do less. */
  readonly advice: readonly string[];
}

/**
 * Tells whose token it is and what it may do. The Hub limits this question strictly, so its answer
 * is kept for 24 hours in the private folder, by the token's fingerprint, for all processes; a file
 * there that is damaged, of another Hub or from the future is not believed. Where the folder cannot
 * be used, the Hub is asked each time.
 *
 * Needs `--allow-net=huggingface.co`, or the host of `HF_ENDPOINT`, and the private folder.
 *
 * @param secret The token.
 * @param options Whether to ask anew, the least role.
 * @returns Account, role, dates, and advice.
 * @throws {TokenError} `token-refused` if the Hub does not know the token; `token-unchecked` if it
 * cannot be asked (no network, 429, a failure of the Hub), which says nothing about the token;
 * `token-role` if it may do less than `minimumRole`.
 *
 * @example Asked once, although two cells want to know
 * ```ts
 * import { Secret, whoami } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const secret = new Secret(["hf", "x".repeat(34)].join("_"));
 * let asked = 0;
 * const fetch = () => {
 *   asked++;
 *   const auth = { accessToken: { role: "write", createdAt: "2026-01-01T00:00:00Z" } };
 *   return Promise.resolve(Response.json({ type: "user", name: "ada", auth }));
 * };
 *
 * await whoami(secret, { folder, fetch });
 * const { name, role, advice } = await whoami(secret, { folder, fetch });
 * assert.deepEqual([name, role, asked], ["ada", "write", 1]);
 * assert.match(advice[0]!, /reading is enough/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function whoami(secret: Secret, options: WhoamiOptions = {}): Promise<KnownIdentity> {
  const { minimumRole, where } = options;
  const { fingerprint } = secret;
  const kept = options.fresh === true
    ? null
    : await ifPossible(() => cachedIdentity(fingerprint, options));
  const identity = isCurrent(kept, options) ? kept : await askAndKeep(secret, options);
  enforceRole(identity, minimumRole, where);
  return { ...identity, advice: adviceFor(identity, minimumRole) };
}

/** The Hub's answer of now, kept from now on; a refused token is forgotten. */
async function askAndKeep(secret: Secret, options: WhoamiOptions): Promise<CachedIdentity> {
  const { now = Date.now, where } = options;
  const { fingerprint } = secret;
  try {
    const identity = { ...await askIdentity(secret, options), checkedAt: now() };
    await ifPossible(() => cacheIdentity(fingerprint, identity, options));
    return identity;
  } catch (error) {
    if (!(error instanceof TokenError) || error.code !== "token-refused") throw error;
    await ifPossible(() => cacheIdentity(fingerprint, null, options));
    throw cameFrom(error, where);
  }
}

/**
 * Adds to a refusal where the token came from.
 *
 * @param error The refusal.
 * @param where Such as `HF_TOKEN`.
 * @returns The error to throw.
 */
export function cameFrom(error: TokenError, where: string | undefined): TokenError {
  return where === undefined
    ? error
    : new TokenError(error.code, `${error.message}. It came from ${where}`);
}

/**
 * The cache spares a question; where the private folder is not safe, or may not be used, there is
 * none.
 */
async function ifPossible<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    const folder = error instanceof HushbookError && !(error instanceof UsageError);
    if (folder || error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
}
