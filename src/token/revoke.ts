/**
 * Making leaked tokens worthless.
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import type { Secret } from "../secret/secret.ts";
import { recorderOf, type TokenOptions } from "./options.ts";

/** How to revoke. */
export interface RevokeTokensOptions extends TokenOptions {
  /** Sends the request. Default the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Longest wait for the Hub, in ms. Default 10 000. */
  readonly timeoutMs?: number;
}

/** The most tokens that one request may name. */
const MOST_TOKENS = 1_000;

/**
 * Asks the Hub to revoke leaked tokens, whoever's they are (`POST /api/credentials/revoke`). The
 * Hub needs no sign-in for that, and answers the same whether it knew a token or not. It cannot be
 * undone. Hushbook never does this by itself.
 *
 * Needs `--allow-net=huggingface.co`, or the host of `HF_ENDPOINT`, and the private folder for the
 * audit log.
 *
 * @param tokens The tokens.
 * @param options fetch, environment, where to record.
 * @returns The fingerprints of the tokens that the Hub took.
 * @throws {TokenError} `token-unchecked` if the Hub did not take them. They may be good still.
 * @throws {SourceError} If the Hub cannot be asked.
 *
 * @example
 * ```ts
 * import { revokeTokens, Secret } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const leaked = new Secret(["hf", "x".repeat(34)].join("_"));
 * const fetch = () => Promise.resolve(new Response(null, { status: 202 }));
 * assert.deepEqual(await revokeTokens([leaked], { fetch, audit: false }), [leaked.fingerprint]);
 * ```
 */
export async function revokeTokens(
  tokens: readonly Secret[],
  options: RevokeTokensOptions = {},
): Promise<readonly string[]> {
  const { env = (name) => Deno.env.get(name), timeoutMs = 10_000 } = options;
  const record = recorderOf(options);
  const { mover, readEndpoints } = await import("../door/endpoints.ts");
  const { askService } = await import("./service.ts");
  const url = mover(readEndpoints(env))(new URL("https://huggingface.co/api/credentials/revoke"));
  const revoked: string[] = [];
  for (let i = 0; i < tokens.length; i += MOST_TOKENS) {
    const some = tokens.slice(i, i + MOST_TOKENS);
    // The one place besides the door that sends a token: to the Hub itself, to end it.
    const { status } = await askService({
      service: "the Hub",
      url,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ credentials: some.map((token) => token.reveal()) }),
      fetch: options.fetch ?? globalThis.fetch,
      timeoutMs,
    });
    const outcome = status >= 200 && status < 300 ? "ok" : "failed";
    for (const { fingerprint } of some) {
      await record({ event: "token.revoke", outcome, source: "hub", fingerprint });
      if (outcome === "ok") revoked.push(fingerprint);
    }
    if (outcome === "failed") {
      throw new TokenError(
        "token-unchecked",
        `Cannot revoke the tokens: the Hub answers with status ${status}. They may be good still: ` +
          "revoke them at https://huggingface.co/settings/tokens",
      );
    }
  }
  return revoked;
}
