/**
 * Says whether a text is a Hugging Face token, and why not, without repeating any of it.
 *
 * @module
 */

import { tokenShape } from "./shape.ts";

/** The sorts of token that are accepted. */
export type TokenKind = "user" | "oauth" | "oidc" | "unknown";

/** What is wrong with a text that is not a token. */
export type TokenProblem =
  | "empty"
  | "character"
  | "prefix"
  | "retired"
  | "length"
  | "parts";

/** A text that is a token. */
export interface ValidToken {
  /** Always true. */
  readonly valid: true;
  /** Which sort of token. */
  readonly kind: TokenKind;
  /** Length in code points. */
  readonly length: number;
  /** Why the token, though accepted, deserves a second look. */
  readonly notice?: string;
}

/** A text that is not a token. */
export interface InvalidToken {
  /** Always false. */
  readonly valid: false;
  /** What is wrong. */
  readonly problem: TokenProblem;
  /** The same in words, to follow "the token from HF_TOKEN"; never any of the text. */
  readonly reason: string;
  /** Length in code points. */
  readonly length: number;
}

/** The answer of {@link validateToken}. */
export type TokenCheck = ValidToken | InvalidToken;

/** More than any token ever issued, and little enough for any server's header limit. */
const MOST = 8_000;
/** Fewer characters than this are no token, whatever the Hub's next format is. */
const LEAST = 20;

const NAMES: Readonly<Record<number, string>> = {
  0x09: "tab",
  0x0a: "line feed",
  0x0d: "carriage return",
  0x20: "space",
  0x22: "double quote",
  0x27: "single quote",
  0xa0: "no-break space",
  0x200b: "zero-width space",
  0x2026: "ellipsis",
  0x2022: "bullet",
  0xfeff: "byte order mark",
};

/**
 * `U+200B (zero-width space) at 12`: what is there and where, counted from 1, but no visible
 * character.
 */
function place(codePoint: number, position: number): string {
  const hex = codePoint.toString(16).toUpperCase().padStart(4, "0");
  const name = NAMES[codePoint];
  return `U+${hex}${name === undefined ? "" : ` (${name})`} at ${position}`;
}

/** Characters of a base64url text or a JWT; a token never holds anything else. */
function firstForeign(text: string): string | undefined {
  let position = 0;
  for (const character of text) {
    position++;
    if (!/^[A-Za-z0-9_.-]$/.test(character)) return place(character.codePointAt(0)!, position);
  }
  return undefined;
}

function characters(count: number): string {
  return count === 1 ? "1 character" : `${count} characters`;
}

/**
 * Judges a text as it stands, without cleaning it first. Accepted are user tokens (`hf_` and 34
 * letters or digits), OAuth tokens (`hf_oauth_…`), OIDC tokens (`hf_jwt_…`, three dotted parts)
 * and, because formats change, any other `hf_` text of 20 characters or more, with a notice.
 * Retired organisation keys (`api_org_…`) and everything else are refused.
 *
 * @param text The text.
 * @returns Kind and length, or what is wrong in words that give the length and the first character
 * that does not belong (such as `U+200B (zero-width space) at 12`, counted from 1), never the text.
 *
 * @example A space that came along when copying
 * ```ts
 * import { validateToken } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const token = ["hf", "x".repeat(34)].join("_");
 * assert.deepEqual(validateToken(token), { valid: true, kind: "user", length: 37 });
 *
 * const check = validateToken(token + " ");
 * assert.ok(!check.valid);
 * assert.equal(check.problem, "character");
 * assert.match(check.reason, /U\+0020 \(space\) at 38/);
 * ```
 */
export function validateToken(text: string): TokenCheck {
  const length = [...text].length;
  const refuse = (problem: TokenProblem, reason: string): InvalidToken => ({
    valid: false,
    problem,
    reason,
    length,
  });
  if (length === 0) return refuse("empty", "is empty");
  const foreign = firstForeign(text);
  if (foreign !== undefined) {
    return refuse("character", `has ${characters(length)}, and one that no token has: ${foreign}`);
  }
  const kind = length > MOST ? undefined : tokenShape(text)?.kind;
  if (kind === "user-access") return { valid: true, kind: "user", length };
  if (kind === "jwt") return { valid: true, kind: "oidc", length };
  if (kind === "oauth-refresh") {
    return refuse("prefix", "is an OAuth refresh token, which only renews another token");
  }
  if (text.startsWith("api_org_")) {
    return refuse(
      "retired",
      "is an organisation key (api_org_), which the Hub has retired; create a user token instead",
    );
  }
  if (!text.startsWith("hf_")) {
    return refuse("prefix", `has ${characters(length)} and does not begin with hf_`);
  }
  if (length > MOST) return refuse("length", `has ${characters(length)}, more than any token`);
  if (text.startsWith("hf_jwt_")) {
    return refuse("parts", "begins with hf_jwt_ but is not three parts joined by dots");
  }
  if (text.startsWith("hf_oauth_")) {
    return length >= LEAST
      ? { valid: true, kind: "oauth", length }
      : refuse("length", `has ${characters(length)}, too few for an OAuth token`);
  }
  if (length < LEAST) {
    return refuse("length", `has ${characters(length)}; a user token has 37. Copy it whole`);
  }
  return {
    valid: true,
    kind: "unknown",
    length,
    notice: `has ${characters(length)}, where a user token is hf_ and 34 letters or digits; ` +
      "it is used as it is, but check that it was copied whole",
  };
}
