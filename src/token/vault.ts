/**
 * A token kept in HashiCorp Vault or OpenBao, in the KV version 2 secrets engine.
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import type { ServiceAnswer } from "./service.ts";
import type { FoundToken, SourceContext, TokenSource } from "./source.ts";

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

/** Where it is, and everything needed to ask for it. */
interface Place {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly where: string;
}

/**
 * The token is a field of a secret in Vault or OpenBao (KV version 2). Vault's own token comes from
 * `VAULT_TOKEN`, else from `~/.vault-token`, which `vault login` writes. A secret that never existed
 * counts as "not here"; a deleted one is an error, as is anything else that Vault refuses.
 *
 * Needs `--allow-net` for Vault's host, `--allow-env=VAULT_ADDR,VAULT_TOKEN,VAULT_NAMESPACE,HOME,USERPROFILE`
 * and `--allow-read` for `~/.vault-token`.
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
      const answer = await ask(place, "GET", options, context);
      return answer.status === 404 ? notThere(answer, place) : found(answer, field, place);
    },
    async write(context, token) {
      const place = await locate(options, context);
      // A merge patch (RFC 7396) leaves the secret's other fields as they are.
      place.headers["Content-Type"] = "application/merge-patch+json";
      const body = JSON.stringify({ data: { [field]: token.reveal() } });
      let answer = await ask(place, "PATCH", options, context, body);
      if (answer.status === 404) {
        place.headers["Content-Type"] = "application/json";
        // cas 0: only if no version exists, so that nobody's secret is overwritten.
        const create = JSON.stringify({ options: { cas: 0 }, data: { [field]: token.reveal() } });
        answer = await ask(place, "POST", options, context, create);
      }
      if (answer.status === 404) throw noEngine(place);
      return { where: place.where };
    },
  };
}

async function locate(options: VaultOptions, context: SourceContext): Promise<Place> {
  const { mount = "secret", path } = options;
  const address = options.address ?? context.env("VAULT_ADDR")?.trim();
  if (address === undefined || address === "") {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: no address is known; set VAULT_ADDR, such as https://vault.example.com:8200",
    );
  }
  const base = URL.parse(address);
  if (base === null || !/^https?:$/u.test(base.protocol) || base.username || base.password) {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: VAULT_ADDR is not a plain http or https address",
    );
  }
  if (base.protocol === "http:" && !isLoopback(base.hostname)) {
    throw new SourceError(
      "source-setup",
      `Cannot read the token from Vault: http to ${base.host} would send Vault's token in clear; use https`,
    );
  }
  const segments = `${mount}/data/${path}`.split("/").filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === "..")) {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: mount and path must not hold . or .. parts",
    );
  }
  const url = new URL(base);
  url.pathname = [base.pathname.replace(/\/+$/u, ""), "v1", ...segments.map(encodeURIComponent)]
    .join("/");
  url.search = url.hash = "";
  const namespace = options.namespace ?? context.env("VAULT_NAMESPACE");
  return {
    url,
    where: `${mount}/${path}`,
    headers: {
      "X-Vault-Token": await vaultToken(context),
      "X-Vault-Request": "true",
      ...(namespace ? { "X-Vault-Namespace": namespace.trim() } : {}),
    },
  };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d+){3}$/u.test(host);
}

/** Vault's own credential; checked, since the runtime quotes an unclean header value in its error. */
async function vaultToken(context: SourceContext): Promise<string> {
  const given = context.env("VAULT_TOKEN");
  const home = context.env("HOME") ?? context.env("USERPROFILE");
  const token = (given ?? await readVaultTokenFile(home))?.trim();
  if (token === undefined || token === "") {
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: this machine is not signed in; run `vault login`, or set VAULT_TOKEN",
    );
  }
  if (!/^[\x21-\x7e]+$/u.test(token)) {
    throw new SourceError(
      "source-setup",
      `Cannot read the token from Vault: Vault's own token (${
        given === undefined ? "~/.vault-token" : "VAULT_TOKEN"
      }) holds a character that no token has; run \`vault login\` again`,
    );
  }
  context.protect?.(token);
  return token;
}

async function readVaultTokenFile(home: string | undefined): Promise<string | undefined> {
  if (home === undefined) return undefined;
  try {
    return await Deno.readTextFile(`${home}/.vault-token`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new SourceError(
      "source-setup",
      "Cannot read the token from Vault: ~/.vault-token cannot be read; check its owner and mode, or set VAULT_TOKEN",
    );
  }
}

async function ask(
  place: Place,
  method: string,
  options: VaultOptions,
  context: SourceContext,
  body?: string,
): Promise<ServiceAnswer> {
  const { url, headers } = place;
  const { askService } = await import("./service.ts");
  const answer = await askService({
    service: "Vault",
    url,
    method,
    headers,
    fetch: context.fetch,
    timeoutMs: options.timeoutMs ?? 10_000,
    ...(body === undefined ? {} : { body }),
    ...(context.signal && { signal: context.signal }),
  });
  if (answer.status >= 200 && answer.status < 300 || answer.status === 404) return answer;
  throw refusal(answer, place, method);
}

/** Vault's own words are not repeated; its status codes say enough. */
function refusal({ status, json }: ServiceAnswer, { url, where }: Place, method: string): Error {
  const action = method === "GET"
    ? `Cannot read the token from Vault (${where} at ${url.host})`
    : `Cannot write the token to Vault (${where} at ${url.host})`;
  const errors = (json as { errors?: unknown } | undefined)?.errors;
  const sealed = status === 503 && (!Array.isArray(errors) || /sealed/iu.test(errors.join(" ")));
  if (sealed) {
    return new SourceError(
      "source-sealed",
      `${action}: Vault is sealed; ask its operator to unseal it`,
    );
  }
  if (status === 401 || status === 403) {
    return new SourceError(
      "source-denied",
      `${action}: permission denied; Vault's token has expired or its policy does not allow ${
        method === "GET" ? "reading" : "writing"
      } this path. Run \`vault login\`, or ask for the policy`,
    );
  }
  if (status === 429) {
    return new SourceError("source-throttled", `${action}: too many requests; wait a minute`);
  }
  return new SourceError(
    status >= 500 ? "source-failed" : "source-setup",
    `${action}: it answered with status ${status}; ${
      status >= 500 ? "try again later" : "check mount, path and namespace"
    }`,
  );
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : undefined;
}

/** 404 is Vault's answer for both "never existed" and "deleted"; only the second has metadata. */
function notThere({ json }: ServiceAnswer, { where, url }: Place): null {
  const metadata = record(record(record(json)?.data)?.metadata);
  if (metadata === undefined) {
    if (Array.isArray(record(json)?.errors)) return null;
    throw new SourceError(
      "source-malformed",
      `Cannot read the token from Vault (${where} at ${url.host}): what answered with status 404 is not Vault; check VAULT_ADDR`,
    );
  }
  const gone = metadata.destroyed === true ? "destroyed" : "deleted";
  throw new SourceError(
    "source-deleted",
    `Cannot read the token from Vault (${where}): its newest version was ${gone}; ${
      gone === "deleted" ? "undelete it, or " : ""
    }write a new one`,
  );
}

function noEngine({ where, url }: Place): SourceError {
  return new SourceError(
    "source-setup",
    `Cannot write the token to Vault (${where} at ${url.host}): there is no KV version 2 engine at this mount; check mount and namespace`,
  );
}

function found(answer: ServiceAnswer, field: string, { where, url }: Place): FoundToken {
  const data = record(record(record(answer.json)?.data)?.data);
  const action = `Cannot read the token from Vault (${where} at ${url.host})`;
  if (data === undefined) {
    const version1 = record(record(answer.json)?.data) !== undefined;
    throw new SourceError(
      "source-malformed",
      `${action}: ${
        version1
          ? "the answer is not of KV version 2; check that the mount is"
          : "the answer is not Vault's; check VAULT_ADDR"
      }`,
    );
  }
  const value = data[field];
  if (typeof value !== "string" || value.trim() === "") {
    throw new SourceError(
      "source-malformed",
      `${action}: the secret has no text in its field ${
        JSON.stringify(field)
      }; name the right one with \`field\``,
    );
  }
  const created = record(record(record(answer.json)?.data)?.metadata)?.created_time;
  const createdAt = typeof created === "string" ? Date.parse(created) : NaN;
  return { value, where, ...(Number.isFinite(createdAt) && { createdAt }) };
}
