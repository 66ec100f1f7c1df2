/**
 * Asks the Hub whose token it is, which also tells whether it is valid.
 *
 * @module
 */

import { TokenError, UsageError } from "../errors.ts";
import type { Secret } from "../secret/secret.ts";
import type { EnvReader } from "../state/folder.ts";

/** What the Hub says of a token. */
export interface Identity {
  /** The account's name. */
  readonly name: string;
  /** `user`, `org` or `app`. */
  readonly type: string;
  /** `read`, `write` or `fineGrained`, where the Hub says so. */
  readonly role?: string;
  /** When the token was made, in ms since 1970, where the Hub says so. */
  readonly createdAt?: number;
  /** When it expires, in ms since 1970, where the Hub says so. */
  readonly expiresAt?: number;
}

/** How to ask the Hub. */
export interface AskIdentityOptions {
  /** Sends the request. Default the runtime's `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
  /** Reads `HF_ENDPOINT`. Default this process's environment. */
  readonly env?: EnvReader;
  /** Aborts the request. */
  readonly signal?: AbortSignal;
  /** How long to wait for the answer, in ms. Default 10 000. */
  readonly timeoutMs?: number;
}

function unchecked(why: string): TokenError {
  return new TokenError(
    "token-unchecked",
    `Cannot ask the Hub about the token: ${why}. The token may well be good; try again later`,
  );
}

function time(value: unknown): number | undefined {
  const at = typeof value === "string" ? Date.parse(value) : NaN;
  return Number.isFinite(at) ? at : undefined;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/**
 * Asks the Hub (`GET /api/whoami-v2`) about a token. The Hub limits this address strictly, so ask
 * seldom: `whoami()` keeps its answers.
 *
 * Needs `--allow-net=huggingface.co`, or the host of `HF_ENDPOINT`.
 *
 * @param secret The token.
 * @param options fetch, environment, signal, time limit.
 * @returns Account, role and dates.
 * @throws {TokenError} `token-refused` if the Hub does not know the token; `token-unchecked` if it
 * cannot be asked (no network, 429, a failure of the Hub), which says nothing about the token.
 */
export async function askIdentity(
  secret: Secret,
  options: AskIdentityOptions = {},
): Promise<Identity> {
  const { env = (name) => Deno.env.get(name), timeoutMs = 10_000 } = options;
  const { fetch = globalThis.fetch } = options;
  const limit = AbortSignal.timeout(timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  const { askHub } = await import("./hub_request.ts");
  let status: number;
  let body: unknown;
  try {
    ({ status, body } = await askHub(secret, "/api/whoami-v2", { fetch, env, signal }));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof UsageError) throw error; // HF_ENDPOINT is no address a token may go to
    if (limit.aborted) throw unchecked(`no answer within ${timeoutMs} ms`);
    const permission = error instanceof Deno.errors.NotCapable;
    throw unchecked(permission ? "add --allow-net=huggingface.co" : "the connection failed");
  }
  if (status === 401) {
    throw new TokenError(
      "token-refused",
      `Cannot use the token ${secret.fingerprint}: the Hub answers 401, so it is revoked, expired ` +
        "or not whole. Make another at https://huggingface.co/settings/tokens",
    );
  }
  // The Hub says 401 of a token that it does not know; 403 comes from a proxy or firewall in
  // between.
  if (status === 403) throw unchecked("something in between forbids it (403), such as a proxy");
  if (status === 429) throw unchecked("it was asked too often (429)");
  const name = field(body, "name");
  if (status !== 200 || typeof name !== "string") {
    throw unchecked(`it answers with status ${status}`);
  }
  const auth = field(body, "auth");
  const accessToken = field(auth, "accessToken");
  const role = field(accessToken, "role");
  const createdAt = time(field(accessToken, "createdAt"));
  const expiresAt = time(field(auth, "expiresAt"));
  return {
    name,
    type: String(field(body, "type") ?? "user"),
    ...(typeof role === "string" && { role }),
    ...(createdAt !== undefined && { createdAt }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}
