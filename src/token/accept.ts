/**
 * From text as it was found to a token that may be used.
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import { cleanToken } from "../secret/clean.ts";
import { fingerprint } from "../secret/fingerprint.ts";
import { validateToken } from "../secret/validate.ts";
import type { Sighting } from "./source.ts";

/** A clean, valid token. */
export interface AcceptedToken {
  /** The token. */
  readonly token: string;
  /** What to tell about it, such as that its format is new. */
  readonly notice?: string;
}

/**
 * Cleans and validates: an unclean value must never reach a header, for the runtime would quote it
 * in its error.
 *
 * @param text What was found.
 * @param where Where, for the error.
 * @returns The token.
 * @throws {TokenError} `token-invalid`, with the length and the first character that does not
 * belong.
 */
export function acceptToken(text: string, where: string): AcceptedToken {
  const token = cleanToken(text);
  const check = validateToken(token);
  if (!check.valid) {
    throw new TokenError(
      "token-invalid",
      `Cannot use the token from ${where}: it ${check.reason}. Correct it there, or remove it so ` +
        "that the next source is asked; `hushbook token explain` shows them all",
    );
  }
  return { token, ...(check.notice && { notice: `The token from ${where} ${check.notice}` }) };
}

/**
 * What a place shows of the text it holds.
 *
 * @param text The text, or undefined if the place has none; white space counts as none.
 * @param where Where.
 * @returns A row for {@link TokenSource.peek}.
 */
export function sightingOf(text: string | undefined, where: string): Sighting {
  if (text === undefined || cleanToken(text) === "") return { where, found: false };
  const token = cleanToken(text);
  const check = validateToken(token);
  return check.valid
    ? { where, found: true, fingerprint: fingerprint(token) }
    : { where, found: true, skipped: `it ${check.reason}` };
}
