/**
 * The one name under which a token may be shown, logged and compared.
 *
 * @module
 */

import { sha256 } from "./sha256.ts";

/**
 * Names a token without giving it away: the first 12 hexadecimal digits of its SHA-256.
 * `printf %s "$HF_TOKEN" | sha256sum | cut -c1-12` prints the same. A token carries some 200 bits
 * of chance, so nobody can guess it from 48 bits of its hash; a passphrase does not, so never
 * fingerprint one.
 *
 * @param token The token, exactly as it is sent.
 * @returns 12 lower-case hexadecimal digits.
 *
 * @example Two sources hold the same token
 * ```ts
 * import { fingerprint } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const token = ["hf", "x".repeat(34)].join("_");
 * assert.equal(fingerprint(token), fingerprint(token));
 * assert.match(fingerprint(token), /^[0-9a-f]{12}$/);
 * ```
 */
export function fingerprint(token: string): string {
  return sha256(token).slice(0, 12);
}
