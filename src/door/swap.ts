/**
 * What a request shows of tokens and placeholders, and the headers with the token in its place.
 *
 * @module
 */

import { findPlaceholder, replacePlaceholder } from "./placeholder.ts";

/**
 * The headers in which clients send a key: `Authorization` with any scheme (inference, hub, openai,
 * fal's `Key`), `api-key` (openai's Azure client), `x-api-key` (gateways).
 */
export const credentialHeaders: readonly string[] = ["authorization", "api-key", "x-api-key"];

/** What is taken off a request that leaves the origins the token may go to. */
export const privateHeaders: readonly string[] = [
  ...credentialHeaders,
  "cookie",
  "proxy-authorization",
  "x-hf-bill-to",
];

/**
 * Finds a placeholder in a request's headers.
 *
 * @param headers The headers.
 * @returns The header's name and the placeholder, or undefined.
 */
export function placeholderIn(
  headers: Headers,
): { header: string; placeholder: string } | undefined {
  for (const [header, value] of headers) {
    const placeholder = findPlaceholder(value);
    if (placeholder !== undefined) return { header, placeholder };
  }
  return undefined;
}

/**
 * The headers with the token where the placeholder was; each such header has one value, the new
 * one.
 *
 * @param headers The headers as the client wrote them; they are not changed.
 * @param placeholder The connection's placeholder.
 * @param token The token.
 * @returns New headers. Keep them out of errors, logs and closures that live on.
 */
export function swapped(headers: Headers, placeholder: string, token: string): Headers {
  const result = new Headers(headers);
  for (const name of credentialHeaders) {
    const value = headers.get(name);
    if (value !== null) result.set(name, replacePlaceholder(value, placeholder, token));
  }
  return result;
}

/**
 * Decides whether an address holds a token or a placeholder, percent-encoded or not.
 *
 * @param url The address.
 * @param looksLikeToken Decides whether a text holds something of a token's shape.
 * @returns True if it does.
 */
export function urlHoldsCredential(url: URL, looksLikeToken: (text: string) => boolean): boolean {
  let text = url.href;
  for (let round = 0; round < 3; round++) {
    if (findPlaceholder(text) !== undefined || looksLikeToken(text)) return true;
    const decoded = text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => {
      return String.fromCharCode(parseInt(hex, 16));
    });
    if (decoded === text) return false;
    text = decoded;
  }
  return false;
}
