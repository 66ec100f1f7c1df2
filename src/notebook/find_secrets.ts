/**
 * Finding tokens in order to do something with them, such as to revoke them.
 *
 * @module
 */

import { Secret } from "../secret/secret.ts";
import { findEach, type FindOptions } from "./find.ts";
import type { Finding } from "./finding.ts";

/** Tokens of a file: where they are, and the tokens themselves, which do not show themselves. */
export interface FoundSecrets {
  /** Every place, as {@link findTokens} tells it. */
  readonly findings: readonly Finding[];
  /** Each token once, by its fingerprint. Suspects are not among them: nobody knows whether they are tokens. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/**
 * Finds tokens as `findTokens` does, and keeps each as a {@link Secret}.
 *
 * @param bytes The file.
 * @param options Its path.
 * @returns Places and tokens.
 *
 * @example Revoke what leaked, once a person has said so
 * ```ts
 * import { findSecrets, revokeTokens } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const body = ["qWzKtRvB", "xNmPjHsD", "gYcFuLeA", "oTiVbQwX", "Zk"].join("");
 * const line = `login("${["hf", body].join("_")}")`;
 * const { findings, secrets } = findSecrets(new TextEncoder().encode(line));
 * assert.equal(findings[0]?.column, 8);
 *
 * const fetch = () => Promise.resolve(new Response(null, { status: 202 })); // in place of the Hub
 * const revoked = await revokeTokens([...secrets.values()], { fetch, audit: false });
 * assert.deepEqual(revoked, [findings[0]?.fingerprint]);
 * ```
 */
export function findSecrets(bytes: Uint8Array, options: FindOptions = {}): FoundSecrets {
  const secrets = new Map<string, Secret>();
  const findings = findEach(bytes, options, (finding, token) => {
    const { level, fingerprint } = finding;
    if (level === "token" && !secrets.has(fingerprint)) {
      secrets.set(fingerprint, new Secret(token));
    }
    return finding;
  });
  return { findings, secrets };
}
