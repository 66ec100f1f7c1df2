/**
 * Which calls share a limit.
 *
 * @module
 */

import { fingerprint } from "../secret/fingerprint.ts";

/** Whose calls share a limit: those of one token to one host, or to one provider behind it. */
export interface LimitKey {
  /** The token's fingerprint, never the token. */
  readonly fingerprint: string;
  /** The host that is called, such as `router.huggingface.co`. */
  readonly host?: string;
  /** The provider behind it, such as `groq`: each has limits of its own. */
  readonly provider?: string;
}

/**
 * The name under which a limit is kept; it is the same in every process.
 *
 * @param key Whose calls share the limit, or any short name.
 * @returns Letters, digits, dots and hyphens, safe as a file name and in Redis.
 * @throws {TypeError} When the name is empty or looks like a token.
 */
export function limitName(key: LimitKey | string): string {
  const text = typeof key === "string"
    ? key
    : [key.fingerprint, key.host, key.provider].filter(Boolean).join("-");
  if (text === "") throw new TypeError("Cannot create a limiter: its key is empty");
  if (/(?:hf|api_org)_[A-Za-z0-9_]{16,}/.test(text)) {
    throw new TypeError(
      "Cannot create a limiter: its key looks like a token, and keys are file names; use the " +
        "token's fingerprint",
    );
  }
  const safe = text.toLowerCase().replace(/[^a-z0-9.-]+/g, "-").replace(/^[.-]+/, "").slice(0, 100);
  return safe === text ? safe : `${safe}-${fingerprint(text)}`;
}
