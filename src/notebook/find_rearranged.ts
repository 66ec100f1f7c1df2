/**
 * Tokens whose characters stand in another order or apart: written backwards, joined by the underscore
 * of `"_".join(["hf", …])`, or with the same mark between all of them.
 *
 * @module
 */

import { isLetterOrDigit, searchTokens, type TokenKind } from "../secret/shape.ts";

/** A token put together from what stands in a text. It holds the token, so it never leaves the search. */
export interface Rearranged {
  /** The token. */
  readonly token: string;
  /** Its kind. */
  readonly kind: TokenKind;
  /** How it was spelled. */
  readonly step: "reversed" | "concatenation" | "spaced";
  /** Index of the first character that spells it. */
  readonly start: number;
  /** Index after the last one. */
  readonly end: number;
}

/** How far from its underscore a token's characters are looked for. */
const REACH = 400;
/** Shortest token of any shape. */
const SHORTEST = 37;

function made(
  token: string,
  step: Rearranged["step"],
  start: number,
  end: number,
): Rearranged | null {
  if (token.length < SHORTEST) return null;
  const [match] = searchTokens(token);
  if (match?.level !== "token" || match.start !== 0) return null;
  return { token: token.slice(0, match.end), kind: match.kind!, step, start, end };
}

function isTokenCode(code: number): boolean {
  return isLetterOrDigit(code) || code === 95 || code === 45 || code === 46;
}

/**
 * Reads a token written backwards.
 *
 * @param text The text.
 * @param underscore Index of the `_` of `_fh`.
 * @returns The token, or null.
 */
export function readReversed(text: string, underscore: number): Rearranged | null {
  const end = underscore + 3;
  let start = underscore;
  while (start > end - REACH && isLetterOrDigit(text.charCodeAt(start - 1))) start--;
  const isLong = underscore - start >= 34;
  if (!isLong && !/^(?:htuao|ppa|twj|3s)$/.test(text.slice(start, underscore))) return null;
  while (start > end - REACH && isTokenCode(text.charCodeAt(start - 1))) start--;
  if (end - start < SHORTEST) return null;
  return made([...text.slice(start, end)].reverse().join(""), "reversed", start, end);
}

const JOIN_AFTER = /^\s{0,8}\.\s{0,8}join\(\s{0,8}[[(]/;
const JOIN_BEFORE = /[\])]\s{0,8}\.\s{0,8}join\(\s{0,8}\\{0,64}$/;

/** The strings of a list, joined by underscores. */
function joined(list: string): string {
  return (list.replace(/\\+[nrt]/g, " ").match(/\w+/g) ?? []).join("_");
}

function readJoin(text: string, underscore: number): Rearranged | null {
  const close = text.slice(underscore + 1, underscore + 66).search(/["'`]/) + underscore + 2;
  const after = JOIN_AFTER.exec(text.slice(close, close + 40));
  if (after !== null) {
    const start = close + after[0].length;
    const list = /^[^\])]*/.exec(text.slice(start, start + REACH))![0];
    return made(joined(list), "concatenation", start, start + list.length);
  }
  const from = Math.max(0, underscore - REACH);
  const before = JOIN_BEFORE.exec(text.slice(from, underscore - 1));
  if (before === null) return null;
  const end = from + before.index;
  const start = Math.max(text.lastIndexOf("[", end), text.lastIndexOf("(", end - 1)) + 1;
  if (start <= from) return null;
  return made(joined(text.slice(start, end)), "concatenation", start, end);
}

function readSpaced(text: string, underscore: number): Rearranged | null {
  const mark = text.charCodeAt(underscore - 1);
  if (text[underscore - 2] !== "f" || text[underscore - 4] !== "h") return null;
  if (text.charCodeAt(underscore - 3) !== mark) return null;
  const start = underscore - 4;
  let token = "hf_";
  let at = underscore + 1;
  while (
    at - start < REACH && text.charCodeAt(at) === mark && isTokenCode(text.charCodeAt(at + 1))
  ) {
    token += text[at + 1];
    at += 2;
  }
  return made(token, "spaced", start, at);
}

/**
 * Reads what an underscore that stands alone may be part of.
 *
 * @param text The text.
 * @param underscore Its index; what is before it is no letter or digit.
 * @returns The token, or null.
 */
export function readAlone(text: string, underscore: number): Rearranged | null {
  const before = text.charCodeAt(underscore - 1);
  if (before === 34 || before === 39 || before === 96) return readJoin(text, underscore);
  return before === text.charCodeAt(underscore + 1) ? readSpaced(text, underscore) : null;
}
