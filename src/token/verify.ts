/**
 * Is the token valid, and may it do what is needed, and no more?
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import type { Secret } from "../secret/secret.ts";
import { cachedIdentity, cacheIdentity } from "./identity_cache.ts";
import { lockoutOf, type TokenOptions } from "./options.ts";
import { type Identity, whoami, type WhoamiOptions } from "./whoami.ts";

/** What a token must at least be allowed to do at the Hub. */
export type MinimumRole = "read" | "write";

/** How to verify. */
export interface VerifyTokenOptions extends TokenOptions, WhoamiOptions {
  /** An answer of the Hub that is no older than this is not asked for again, in ms. Default 24 hours. */
  readonly maxAgeMs?: number;
  /** What the token must be allowed to do. Default: anything will do. */
  readonly minimumRole?: MinimumRole;
  /** Where the token came from, for errors, such as `HF_TOKEN`. */
  readonly where?: string;
}

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

const DAY = 86_400_000;

/**
 * Asks the Hub whether a token is valid and what it may do, at most once a day for each token. A token that the Hub
 * refuses counts towards that token's lockout; a Hub that cannot be asked says nothing about the token.
 *
 * Needs `--allow-net=huggingface.co`, and the private folder.
 *
 * @param secret The token.
 * @param options How old the answer may be, the least role.
 * @returns Whether it is valid, whose it is, and advice.
 * @throws {TokenError} `token-refused` if the Hub does not know the token; `token-role` if it may do less than
 * `minimumRole`.
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
  const { now = Date.now, maxAgeMs = DAY } = options;
  const { fingerprint } = secret;
  const kept = await cachedIdentity(fingerprint, options);
  const age = kept === null ? Infinity : now() - kept.checkedAt;
  let identity: Identity | null = kept;
  let checkedAt = kept?.checkedAt;
  // A time ahead of the clock is a clock that was set back: ask again; so is asked about one that has expired since.
  const expired = (kept?.expiresAt ?? Infinity) <= now();
  const stale = age < 0 || age > maxAgeMs || expired;
  if (stale) {
    const asked = await ask(secret, options);
    if (asked !== null) {
      identity = asked;
      checkedAt = now();
      await cacheIdentity(fingerprint, { ...asked, checkedAt }, options);
    }
  }
  if (identity === null || checkedAt === undefined) return { state: "unknown", advice: [] };
  const { name, type, role, createdAt, expiresAt } = identity;
  enforce(identity, options);
  return {
    state: checkedAt === kept?.checkedAt && stale ? "unknown" : "valid",
    identity: {
      name,
      type,
      ...(role !== undefined && { role }),
      ...(createdAt !== undefined && { createdAt }),
      ...(expiresAt !== undefined && { expiresAt }),
    },
    checkedAt: new Date(checkedAt),
    advice: adviceFor(identity, options.minimumRole),
  };
}

/** The Hub's answer, or null if it could not be asked. */
async function ask(secret: Secret, options: VerifyTokenOptions): Promise<Identity | null> {
  const lockout = await lockoutOf(options);
  await lockout.check(secret.fingerprint);
  try {
    const identity = await whoami(secret, options);
    await lockout.succeed(secret.fingerprint);
    return identity;
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    if (error.code === "token-unchecked") return null;
    await lockout.fail(secret.fingerprint);
    await cacheIdentity(secret.fingerprint, null, options);
    const { where } = options;
    throw where === undefined
      ? error
      : new TokenError("token-refused", `${error.message}. It came from ${where}`);
  }
}

function enforce(identity: Identity, { minimumRole, where }: VerifyTokenOptions): void {
  if (minimumRole !== "write" || identity.role !== "read") return;
  throw new TokenError(
    "token-role",
    `Cannot use the token${
      where === undefined ? "" : ` from ${where}`
    }: it may only read, and writing is needed. Make a fine-grained token that may write just the ` +
      "repositories you need at https://huggingface.co/settings/tokens",
  );
}

function adviceFor({ role }: Identity, minimumRole: MinimumRole = "read"): string[] {
  if (role === "write" && minimumRole === "read") {
    return [
      "The token may write to every repository of the account, and reading is enough here: a read or " +
      "fine-grained token would do less harm if it leaked (https://huggingface.co/settings/tokens)",
    ];
  }
  if (role === "fineGrained" && minimumRole === "write") {
    return [
      "The token is fine-grained: whether it may write shows only when it writes; see its page at " +
      "https://huggingface.co/settings/tokens",
    ];
  }
  return [];
}
