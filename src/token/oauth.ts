/**
 * The two requests of OAuth 2.0 that signing in without a browser on this machine takes: the device
 * code (RFC 8628) and the token (RFC 6749).
 *
 * @module
 */

import { SourceError } from "../errors.ts";
import { askService, type ServiceAnswer } from "./service.ts";

/** Where to ask, and as which application. */
export interface OAuthApplication {
  /** The Hub, such as `https://huggingface.co`. */
  readonly endpoint: URL;
  /** The application's client id; it is not secret. */
  readonly clientId: string;
  /** Sends requests. */
  readonly fetch: typeof globalThis.fetch;
  /** The clock, in ms since 1970. */
  readonly now: () => number;
  /** Longest wait for one answer, in ms. */
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** What a person is shown, and what is asked with meanwhile (RFC 8628, 3.2). */
export interface DeviceCode {
  /** What the token is asked for with; secret. */
  readonly deviceCode: string;
  /** What the person types. */
  readonly userCode: string;
  /** Where the person types it. */
  readonly verificationUri: string;
  /** The same with the code in it, if the server gives one. */
  readonly verificationUriComplete?: string;
  /** For how long the code is good, in ms. */
  readonly lifetimeMs: number;
  /** Shortest pause between two questions, in ms. */
  readonly intervalMs: number;
}

/** Tokens as the server grants them (RFC 6749, 5.1). */
export interface GrantedTokens {
  /** The access token. */
  readonly accessToken: string;
  /** What the next one is had for. */
  readonly refreshToken?: string;
  /** Until when the access token is good, in ms since 1970. */
  readonly expiresAt?: number;
}

/**
 * A refusal in the server's terms (RFC 6749, 5.2; RFC 8628, 3.5), such as `authorization_pending`.
 */
export interface OAuthRefusal {
  /** The code, if it is one of the standards; else `another_error`. */
  readonly error: string;
  /** Whether the server only means "not now". */
  readonly passing: boolean;
}

/**
 * Only these go into messages: a server may put anything there. RFC 6749, 4.1.2.1 and 5.2; RFC
 * 8628, 3.5.
 */
const REFUSALS = new Set([
  "access_denied",
  "expired_token",
  "invalid_client",
  "invalid_grant",
  "invalid_request",
  "invalid_scope",
  "unauthorized_client",
  "unsupported_grant_type",
]);
const PASSING = new Set([
  "authorization_pending",
  "slow_down",
  "server_error",
  "temporarily_unavailable",
]);

/**
 * The longest pause and lifetime that are believed, in seconds; longer ones would overflow a timer.
 */
const LONGEST = 3600;

function field(answer: ServiceAnswer, name: string): unknown {
  return typeof answer.json === "object" && answer.json !== null
    ? (answer.json as Record<string, unknown>)[name]
    : undefined;
}

function text(answer: ServiceAnswer, name: string): string | undefined {
  const value = field(answer, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function seconds(answer: ServiceAnswer, name: string): number | undefined {
  const value = field(answer, name);
  const number = typeof value === "string" && /^\d{1,9}$/u.test(value) ? Number(value) : value;
  return typeof number === "number" && number >= 0 && number < 1e9 ? number : undefined;
}

async function post(
  application: OAuthApplication,
  path: string,
  form: Record<string, string>,
): Promise<ServiceAnswer> {
  const { endpoint, clientId, fetch, timeoutMs, signal } = application;
  return await askService({
    service: "the Hub",
    // HF_ENDPOINT may have a path of its own, as behind a gateway.
    url: new URL(endpoint.pathname.replace(/\/+$/u, "") + path, endpoint),
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ client_id: clientId, ...form }).toString(),
    fetch,
    timeoutMs,
    ...(signal && { signal }),
  });
}

/**
 * What the server said, when it was neither a success nor a refusal in its own terms.
 *
 * @param application Who was asked.
 * @param status The HTTP status.
 * @returns `source-throttled`, `source-failed` or `source-malformed`.
 */
function unexpected({ endpoint }: OAuthApplication, status: number): SourceError {
  const action = `Cannot sign in at ${endpoint.host}`;
  if (status === 429) {
    return new SourceError("source-throttled", `${action}: too many requests; wait a minute`);
  }
  if (status >= 500) {
    return new SourceError("source-failed", `${action}: it answers ${status}; try again later`);
  }
  return new SourceError(
    "source-malformed",
    `${action}: its answer (status ${status}) is not one of OAuth; check HF_ENDPOINT`,
  );
}

/**
 * That the server is asked too often, or cannot answer for now.
 *
 * @param application Who was asked.
 * @returns `source-throttled`.
 */
export function notNow(application: OAuthApplication): SourceError {
  return unexpected(application, 429);
}

function refusalOf(answer: ServiceAnswer): OAuthRefusal | undefined {
  const error = text(answer, "error");
  if (error === undefined) return undefined;
  const passing = PASSING.has(error);
  return { error: passing || REFUSALS.has(error) ? error : "another_error", passing };
}

/** Only a web address may be shown as a link to click. */
function webAddress(value: string | undefined): string | undefined {
  const url = value === undefined ? null : URL.parse(value);
  return url !== null && /^https?:$/u.test(url.protocol) ? url.href : undefined;
}

/**
 * Asks for a device code.
 *
 * @param application Who asks whom.
 * @param scope The rights asked for, separated by spaces.
 * @returns The code.
 * @throws {SourceError} If the server refuses or cannot be asked.
 */
export async function askDeviceCode(
  application: OAuthApplication,
  scope: string,
): Promise<DeviceCode> {
  const answer = await post(application, "/oauth/device", { scope });
  const deviceCode = text(answer, "device_code");
  const userCode = text(answer, "user_code");
  const verificationUri = webAddress(text(answer, "verification_uri"));
  if (deviceCode === undefined || userCode === undefined || verificationUri === undefined) {
    const refusal = answer.status < 500 ? refusalOf(answer) : undefined;
    if (refusal === undefined) throw unexpected(application, answer.status);
    throw new SourceError(
      "source-denied",
      `Cannot sign in at ${application.endpoint.host}: the Hub refuses this application (${refusal.error}); check \`clientId\` and \`scope\``,
    );
  }
  const complete = webAddress(text(answer, "verification_uri_complete"));
  return {
    deviceCode,
    userCode,
    verificationUri,
    ...(complete !== undefined && { verificationUriComplete: complete }),
    lifetimeMs: Math.min(LONGEST, seconds(answer, "expires_in") ?? 900) * 1000,
    // RFC 8628, 3.5: five seconds where the server names none.
    intervalMs: Math.min(LONGEST, Math.max(1, seconds(answer, "interval") ?? 5)) * 1000,
  };
}

/**
 * Asks for tokens, in exchange for a device code or a refresh token.
 *
 * @param application Who asks whom.
 * @param form The grant.
 * @returns The tokens, or the refusal.
 * @throws {SourceError} If the server cannot be asked or answers nonsense.
 */
export async function askTokens(
  application: OAuthApplication,
  form: Record<string, string>,
): Promise<GrantedTokens | OAuthRefusal> {
  const asked = application.now();
  const answer = await post(application, "/oauth/token", form);
  const accessToken = text(answer, "access_token");
  if (answer.status !== 200 || accessToken === undefined) {
    const refusal = answer.status < 500 ? refusalOf(answer) : undefined;
    if (refusal === undefined) throw unexpected(application, answer.status);
    return refusal;
  }
  const refreshToken = text(answer, "refresh_token");
  const lifetime = seconds(answer, "expires_in");
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(lifetime !== undefined && { expiresAt: asked + lifetime * 1000 }),
  };
}
