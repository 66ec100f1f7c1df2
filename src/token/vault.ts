/**
 * A token kept in HashiCorp Vault or OpenBao, in the KV version 2 secrets engine.
 *
 * @module
 */

import type { SourceError } from "../errors.ts";
import type { SourceContext, TokenSource } from "./source.ts";
import { refusal, secretIn, tokenIn, type VaultSecret } from "./vault_answer.ts";
import { askVault, locate, type VaultPlace, type VaultWrite } from "./vault_request.ts";

/** Where in Vault the token is. */
export interface VaultOptions {
  /** Where the secrets engine is mounted. Default `secret`. */
  readonly mount?: string;
  /** The path of the secret, such as `teams/nlp/huggingface`. */
  readonly path: string;
  /** The field of the secret that holds the token. Default `token`. */
  readonly field?: string;
  /** Vault's address. Default: the variable `VAULT_ADDR`. */
  readonly address?: string;
  /** The namespace. Default: the variable `VAULT_NAMESPACE`, else none. */
  readonly namespace?: string;
  /** Longest wait for Vault, in ms. Default 10 000. */
  readonly timeoutMs?: number;
}

/**
 * The token is a field of a secret in Vault or OpenBao (KV version 2). Vault's own token comes from
 * `VAULT_TOKEN`, else from `~/.vault-token`, which `vault login` writes. A secret that never
 * existed counts as "not here"; a deleted one is an error, as is anything else that Vault refuses.
 *
 * Needs `--allow-net` for Vault's host,
 * `--allow-env=VAULT_ADDR,VAULT_TOKEN,VAULT_NAMESPACE,HOME,USERPROFILE` and `--allow-read` for
 * `~/.vault-token`.
 *
 * @param options Where in Vault.
 * @returns A source for `loadToken`; `rotateToken` can write to it.
 *
 * @example Asked after the environment and `.env`
 * ```ts
 * import { loadToken, vault } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const data = { token: ["hf", "x".repeat(34)].join("_") };
 * const variables = { VAULT_ADDR: "https://vault.example", VAULT_TOKEN: "hvs.example" };
 * const env = (name: string) => variables[name as keyof typeof variables];
 * const fetch = () => Promise.resolve(Response.json({ data: { data } })); // in place of Vault
 *
 * const sources = [vault({ path: "teams/nlp/huggingface" })];
 * const { source, where } = await loadToken({ sources, env, fetch, folder, cwd: folder });
 * assert.equal(source, "vault");
 * assert.equal(where, "secret/teams/nlp/huggingface");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export function vault(options: VaultOptions): TokenSource {
  const { field = "token" } = options;
  return {
    name: "vault",
    async read(context) {
      const place = await locate(options, context);
      const secret = secretIn(await askVault(place, options, context), place);
      return tokenIn(secret, field, place);
    },
    async write(context, token) {
      const place = await locate(options, context);
      const before = secretIn(await askVault(place, options, context), place);
      await write(before, { [field]: token.reveal() }, place, options, context);
      return { where: place.where };
    },
  };
}

/**
 * Writes a new version, unless somebody else has written one since `before` was read. The secret's
 * other fields stay as they are; those of a deleted version cannot be had.
 */
async function write(
  before: VaultSecret,
  field: Readonly<Record<string, string>>,
  place: VaultPlace,
  options: VaultOptions,
  context: SourceContext,
): Promise<void> {
  const send = async (write: VaultWrite) => {
    const answer = await askVault(place, options, context, write);
    return answer.status >= 200 && answer.status < 300 ? null : refusal(answer, place, "write");
  };
  const cas = before.state === "nothing" ? 0 : before.version ?? 0;
  let refused: SourceError | null;
  if (before.state !== "there") {
    refused = await send({ method: "POST", data: field, cas });
    if (refused === null && before.state !== "nothing") {
      context.notice(
        `The newest version of ${place.where} in Vault was ${before.state}: version ${
          before.version + 1
        } holds the token and no other field`,
      );
    }
  } else {
    refused = await send({ method: "PATCH", data: field, cas });
    // Policies from before Vault 1.9, and servers as old, allow to write all fields and not to
    // write one.
    const whole = refused?.code === "source-denied" || refused?.code === "source-setup";
    if (whole && survivesJson(before.data)) {
      refused = await send({ method: "POST", data: { ...before.data, ...field }, cas });
    }
  }
  if (refused !== null) throw refused;
}

/**
 * Whether a value is the same after JSON.parse and JSON.stringify, as a long number would not be.
 */
function survivesJson(value: unknown): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  return typeof value !== "object" || value === null || Object.values(value).every(survivesJson);
}
