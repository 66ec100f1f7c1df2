/**
 * What joins two pieces of a text in source code: literals put together with or without an operator,
 * over lines and comments, by `format`, `concat` and `join`, in a template, or in two statements.
 *
 * @module
 */

import { readCode } from "./find_codes.ts";

/** Longest joint, in characters read. */
const LONGEST_JOINT = 256;
/** Longest comment in a joint. */
const LONGEST_COMMENT = 200;

/** The end of a joint, and whether it is of the ordinary sort: a quote, at most two operators, a quote. */
export interface Joint {
  /** Index after its last character. */
  readonly end: number;
  /** Whether it is `"…" + "…"` or `"…" "…"`, nothing rarer. */
  readonly isPlain: boolean;
}

/** A call or an assignment between the pieces. */
const CALL = /(?:concat|format|join|decode|encode)\(/y;
/** Spaces and tabs, a tab being an escape in raw JSON. */
const BLANKS = "(?:[ \\t]|\\\\{1,64}t){0,8}";
/** It ends before a quote, which may be escaped; without one it is the end of the token and what follows. */
const STATEMENT = new RegExp(
  `(?:(?:export|const|let|var|final|set|local) {1,4})?[$A-Za-z_][\\w.]{0,63}${BLANKS}` +
    `(?::${BLANKS}\\w{1,32}${BLANKS})?(?:\\+|\\.|:)?=${BLANKS}(?:[$\\w.]{1,64}${BLANKS}[+.]${BLANKS})?` +
    "(?=[fFrRbBuU$(]{0,3}\\\\{0,64}(?:[\"'`]|&(?:amp;)?(?:quot|apos|#3[49]);|%2[27]|u002[27]))",
  "y",
);

/** A quote's code: `"`, `'` or a backtick. */
export function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

/** `+ , . & |`: what stands between literals in most languages. */
export function isOperator(code: number): boolean {
  return code === 43 || code === 44 || code === 46 || code === 38 || code === 124;
}

/** `* ^ ~ % ; ( ) [ ] { } $`: operators of some languages, brackets, templates. */
export function isRareOperator(code: number): boolean {
  return code === 42 || code === 94 || code === 126 || code === 37 || code === 59 || code === 40 ||
    code === 41 || code === 91 || code === 93 || code === 123 || code === 125 || code === 36;
}

/** A space, a tab or a line end. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13 || code === 0xa0;
}

function isNameStart(code: number): boolean {
  return code === 95 || code === 36 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

function isLetterDigitOrUnderscore(code: number): boolean {
  return code === 95 || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122);
}

/** The end of the opening quote of a Python literal with a prefix, such as f"…", or -1. */
export function prefixedQuoteEnd(text: string, at: number): number {
  let end = at;
  for (let letters = 0; letters < 3; letters++) {
    const { code, end: after } = readCode(text, end);
    if (letters > 0 && isQuote(code)) return after;
    const lower = code | 32; // f, r, b, u
    if (lower !== 102 && lower !== 114 && lower !== 98 && lower !== 117) return -1;
    end = after;
  }
  return -1;
}

/**
 * The end of a comment: `#` or `//` to the end of its line, or a block.
 *
 * @param text The text.
 * @param at Where it may begin.
 * @param tooLong What to return for one that is too long. Default -1.
 * @returns Index after it, or -1.
 */
export function commentEnd(text: string, at: number, tooLong = -1): number {
  const first = readCode(text, at);
  const second = readCode(text, first.end);
  const isBlock = first.code === 47 && second.code === 42;
  if (first.code !== 35 && !(first.code === 47 && (second.code === 47 || isBlock))) return -1;
  let before = 0;
  let end = second.end;
  for (let read = 0; end < text.length; read++) {
    if (read === LONGEST_COMMENT) return tooLong;
    const next = readCode(text, end);
    if (isBlock ? before === 42 && next.code === 47 : next.code === 10 || next.code === 13) {
      return next.end;
    }
    before = next.code;
    end = next.end;
  }
  return -1;
}

/**
 * The end of a call's or an assignment's text between two pieces, up to the quote or bracket.
 *
 * @param text The text.
 * @param at Where a name begins.
 * @param before The code of the character before it, white space left out: a dot before a method, a
 *   line end before a statement.
 * @returns Index after it, or -1.
 */
export function nameEnd(text: string, at: number, before: number): number {
  const form = before === 46
    ? CALL
    : before === 10 || before === 13 || before === 59
    ? STATEMENT
    : null;
  if (form === null) return -1;
  form.lastIndex = at;
  return form.test(text) ? form.lastIndex : -1;
}

/**
 * Reads a joint after a closing quote.
 *
 * @param text The text.
 * @param at Index after the quote.
 * @returns Its end, or null when no other piece follows.
 */
export function readJoint(text: string, at: number): Joint | null {
  let end = at;
  let operators = 0;
  let isPlain = true;
  let before = 0; // the last code that is no space, a line end counted
  for (let read = 0; read < LONGEST_JOINT && end < text.length; read++) {
    const next = readCode(text, end);
    const { code } = next;
    if (isQuote(code)) return { end: next.end, isPlain };
    if (isSpace(code) || code === 92) {
      if (code === 10 || code === 13) before = 10;
    } else if (isOperator(code)) {
      if (++operators > 2) isPlain = false;
      if (operators > 8) return null;
      before = code;
    } else {
      const quote = isNameStart(code) ? prefixedQuoteEnd(text, end) : -1;
      if (quote >= 0) return { end: quote, isPlain };
      // A template goes on after its `}`, and in a shell a word after a quote.
      if (isLetterDigitOrUnderscore(code) && (before === 125 || end === at)) {
        return { end, isPlain: false };
      }
      const after = isRareOperator(code)
        ? next.end
        : code === 35 || code === 47
        ? commentEnd(text, end)
        : isNameStart(code)
        ? nameEnd(text, end, before)
        : -1;
      if (after < 0) return null;
      isPlain = false;
      before = code === 35 || code === 47 ? 10 : code;
      if (isRareOperator(code) && ++operators > 8) return null;
      end = after;
      continue;
    }
    end = next.end;
  }
  return null;
}

/**
 * Looks for a quote that opens a piece within a literal: `{"` or `${"` of a template, or the one after
 * a place to be filled, as in `%s" % "…"` and `{}".format("…")`.
 *
 * @param text The text.
 * @param at Index of `{`, `$` or `%`.
 * @returns The quote's index and whether it closes a literal whose place is filled; or null.
 */
export function openingQuote(text: string, at: number): { at: number; closes: boolean } | null {
  const isPercent = text.charCodeAt(at) === 37;
  const brace = text.charCodeAt(at) === 36 ? at + 1 : at;
  if (!isPercent && text.charCodeAt(brace) !== 123) return null;
  let end = brace + 1;
  let isEmpty = true;
  for (let read = 0; read < 16 && end < text.length; read++) {
    const { code, end: after } = readCode(text, end);
    if (isQuote(code)) {
      const closes = !isEmpty && (isPercent || text.charCodeAt(end - 1) === 125);
      return closes || (isEmpty && !isPercent) ? { at: end, closes } : null;
    }
    const isPart = code === 32 || code === 125 || code === 58 || code === 33 ||
      isLetterDigitOrUnderscore(code);
    if (!isPart) return null;
    isEmpty &&= code === 32;
    end = after;
  }
  return null;
}
