/**
 * Is the token valid, and may it do what is needed, and no more?
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import type { Secret } from "../secret/secret.ts";
import { askIdentity, type Identity } from "./ask_identity.ts";
import { type CachedIdentity, cachedIdentity, cacheIdentity, isCurrent } from "./identity_cache.ts";
import { adviceFor, enforceRole } from "./minimum_role.ts";
import { lockoutOf, type TokenOptions } from "./options.ts";
import { cameFrom, type WhoamiOptions } from "./whoami.ts";

/** How to verify. */
export interface VerifyTokenOptions extends TokenOptions, WhoamiOptions {}

/** What is known of a token. */
export interface VerifiedToken {
  /** `valid`, or `unknown` where the Hub could not be asked. */
  readonly state: "valid" | "unknown";
  /** Whose token it is, and what it may do. */
  readonly identity?: Identity;
  /** When the Hub said so. */
  readonly checkedAt?: Date;
  /** What to do better, such as to use a token that may do less. */
  readonly advice: readonly string[];
}

/**
 * Asks the Hub whether a token is valid and what it may do, at most once a day for each token. A
 * token that the Hub refuses counts towards that token's lockout; a Hub that cannot be asked says
 * nothing about the token.
 *
 * Needs `--allow-net=huggingface.co`, and the private folder.
 *
 * @param secret The token.
 * @param options How old the answer may be, the least role.
 * @returns Whether it is valid, whose it is, and advice.
 * @throws {TokenError} `token-refused` if the Hub does not know the token; `token-role` if it may
 * do less than `minimumRole`.
 * @throws {LockoutError} If the Hub has refused this token five times in a row.
 *
 * @example A token that may write, where reading is enough
 * ```ts
 * import { Secret, verifyToken } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const secret = new Secret(["hf", "x".repeat(34)].join("_"));
 * const auth = { accessToken: { role: "write", createdAt: "2026-01-01T00:00:00Z" } };
 * const fetch = () => Promise.resolve(Response.json({ type: "user", name: "ada", auth }));
 *
 * const { state, identity, advice } = await verifyToken(secret, { folder, fetch });
 * assert.equal(state, "valid");
 * assert.equal(identity?.name, "ada");
 * assert.match(advice[0]!, /reading is enough/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function verifyToken(
  secret: Secret,
  options: VerifyTokenOptions = {},
): Promise<VerifiedToken> {
  const kept = await cachedIdentity(secret.fingerprint, options);
  const young = options.fresh !== true && isCurrent(kept, options);
  const asked = young ? null : await ask(secret, options);
  const known = asked ?? kept;
  if (known === null) return { state: "unknown", advice: [] };
  const { checkedAt, ...identity } = known;
  enforceRole(identity, options.minimumRole, options.where);
  return {
    state: young || asked !== null ? "valid" : "unknown",
    identity,
    checkedAt: new Date(checkedAt),
    advice: adviceFor(identity, options.minimumRole),
  };
}

/** The Hub's answer, kept from now on, or null if it could not be asked. */
async function ask(secret: Secret, options: VerifyTokenOptions): Promise<CachedIdentity | null> {
  const { now = Date.now } = options;
  const { fingerprint } = secret;
  const lockout = await lockoutOf(options);
  await lockout.check(fingerprint);
  try {
    const identity = { ...await askIdentity(secret, options), checkedAt: now() };
    await lockout.succeed(fingerprint);
    await cacheIdentity(fingerprint, identity, options);
    return identity;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.code === "token-unchecked") return null;
    await lockout.fail(fingerprint);
    await cacheIdentity(fingerprint, null, options);
    throw cameFrom(error, options.where);
  }
}
