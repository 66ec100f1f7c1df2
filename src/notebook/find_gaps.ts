/**
 * What can stand between two characters of a token without being part of it: colour codes, HTML
 * tags, invisible characters, the end of one string literal and the start of the next, a wrapped line.
 *
 * Every gap has a greatest length, so that reading one takes bounded time.
 *
 * @module
 */

import { type Code, readCode, STEP } from "./find_codes.ts";

/** A gap's end and what kinds it is made of. */
export interface Gap {
  /** Index after its last character. */
  readonly end: number;
  /** Which of {@link STEP}, as bits. */
  readonly steps: number;
}

/** Longest tag or terminal command, in characters. */
const LONGEST_TAG = 1024;
/** Longest run of white space and operators between two pieces. */
const LONGEST_SPACE = 256;

/** As {@link readCode}, with the bytes of a UTF-8 sequence, such as `%E2%80%8B`, put together. */
function readCharacter(text: string, at: number, raw = false): Code {
  const first = readCode(text, at);
  if (raw && first.steps === 0) return first; // there any byte above 0x7F counts by itself
  if (first.code < 0xc2 || first.code > 0xf4) return first;
  const more = first.code < 0xe0 ? 1 : first.code < 0xf0 ? 2 : 3;
  let code = first.code & (0x3f >> more);
  let { end } = first;
  for (let i = 0; i < more; i++) {
    const next = readCode(text, end);
    if ((next.code & 0xc0) !== 0x80 || next.code > 0xff) return first;
    code = (code << 6) | (next.code & 0x3f);
    end = next.end;
  }
  return { code, end, steps: first.steps };
}

function isInvisible(code: number): boolean {
  return code === 0xad || code === 0x34f || code === 0x61c || (code >= 0x180b && code <= 0x180e) ||
    (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) || (code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff;
}

/** ECMA-48: CSI parameters and final byte; OSC up to BEL or ST; a short escape. */
function ansiEnd(text: string, at: number, isCsi: boolean): number {
  const introducer = isCsi ? { code: 91, end: at } : readCode(text, at);
  let { end } = introducer;
  if (introducer.code === 91) {
    for (let read = 0; read < 64 && end < text.length; read++) {
      const next = readCode(text, end);
      if (next.code >= 0x40 && next.code <= 0x7e) return next.end;
      if (!(next.code >= 0x20 && next.code <= 0x3f)) return -1;
      end = next.end;
    }
    return -1;
  }
  if (introducer.code === 93) { // a hyperlink or a title
    for (const limit = end + LONGEST_TAG; end < limit && end < text.length;) {
      const next = readCode(text, end);
      if (next.code === 7 || next.code === 0x9c) return next.end;
      if (next.code === 27) {
        const close = readCode(text, next.end);
        return close.code === 92 ? close.end : -1;
      }
      end = next.end;
    }
    return -1;
  }
  const isCharacterSet = introducer.code === 40 || introducer.code === 41;
  if (isCharacterSet) return readCode(text, end).end;
  return introducer.code >= 0x30 && introducer.code <= 0x7e ? end : -1;
}

function tagEnd(text: string, at: number): number {
  const first = text.charCodeAt(at);
  const isTag = (first >= 65 && first <= 90) || (first >= 97 && first <= 122) || first === 47 ||
    first === 33 || first === 63 || first === 92 || first === 37 || first === 38;
  if (!isTag) return -1;
  for (let i = at; i < at + LONGEST_TAG && i < text.length;) {
    const { code, end } = readCode(text, i);
    if (code === 62) return end;
    if (code === 60) return -1;
    i = end;
  }
  return -1;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9 || code === 10 || code === 13 || code === 0xa0;
}

/** What frames a wrapped line: a table's border, a comment's or a quotation's mark. */
function isBorder(code: number): boolean {
  return code === 124 || code === 0x2502 || code === 0x2503 || code === 0x2551;
}

/** White space with a line end in it, borders included; -1 when there is no line end. */
function wrapEnd(text: string, at: number): number {
  let hasLineEnd = false;
  let end = at;
  for (let read = 0; read < LONGEST_SPACE && end < text.length; read++) {
    const next = readCharacter(text, end);
    const isMark = hasLineEnd && (next.code === 35 || next.code === 62);
    if (!isSpace(next.code) && !isBorder(next.code) && !isMark) break;
    hasLineEnd ||= next.code === 10 || next.code === 13;
    end = next.end;
  }
  return hasLineEnd ? end : -1;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39 || code === 96;
}

function isOperator(code: number): boolean {
  return code === 43 || code === 44 || code === 46 || code === 38 || code === 124;
}

/**
 * In a file's raw bytes the quotes and commas of JSON lists stand among the white space and quotes of
 * the text itself, and invisible characters are several bytes: any mixture counts.
 */
function rawGapEnd(text: string, at: number): number {
  let end = at;
  let isMore = false;
  let isAfterSpace = false;
  for (let read = 0; read < 2 * LONGEST_SPACE && end < text.length; read++) {
    const { code, end: after, steps } = readCharacter(text, end, true);
    const isSpacing = isSpace(code) || isOperator(code) || code === 92;
    const isHigh = code >= 0x80 && steps === 0;
    isMore ||= isQuote(code) || code === 10 || code === 13 || isHigh;
    const isMark = isMore && (code === 35 || code === 62);
    if (isSpacing || isQuote(code) || isHigh || isBorder(code) || isMark) {
      end = after;
    } else {
      const quote = isMore && isAfterSpace ? prefixedQuoteEnd(text, end) : -1;
      if (quote < 0) break;
      end = quote;
    }
    isAfterSpace = isSpacing;
  }
  return isMore ? end : -1;
}

/** The end of the opening quote of a Python literal with a prefix, such as f"…", or -1. */
function prefixedQuoteEnd(text: string, at: number): number {
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

/** A closing quote, an operator or none, and an opening quote; `at` is after the closing one. */
function concatenationEnd(text: string, at: number): number {
  let end = at;
  let operators = 0;
  let isAfterSpace = false;
  for (let read = 0; read < LONGEST_SPACE && end < text.length; read++) {
    const next = readCode(text, end);
    if (isQuote(next.code)) return next.end;
    if (isOperator(next.code)) {
      if (++operators > 2) return -1;
    } else if (!isSpace(next.code) && next.code !== 92) {
      break;
    }
    isAfterSpace = true;
    end = next.end;
  }
  return isAfterSpace ? prefixedQuoteEnd(text, end) : -1;
}

/**
 * Reads one gap.
 *
 * @param text The text.
 * @param at Where the gap may begin.
 * @param raw Whether the text is raw bytes, one character each: more counts as a gap then.
 * @returns Its end, or null when what stands there is no gap.
 */
export function readGap(text: string, at: number, raw = false): Gap | null {
  const { code, end, steps } = readCharacter(text, at, raw);
  let after = -1;
  let kind: number = STEP.wrap;
  if (code === 27 || code === 0x9b) {
    after = ansiEnd(text, end, code === 0x9b);
    kind = STEP.ansi;
  } else if (
    raw && (isQuote(code) || isSpace(code) || isBorder(code) || (code >= 0x80 && steps === 0))
  ) {
    after = rawGapEnd(text, at);
  } else if (code === 60) {
    after = tagEnd(text, end);
    kind = STEP.tag;
  } else if (isQuote(code)) {
    after = concatenationEnd(text, end);
    kind = STEP.concatenation;
  } else if (isSpace(code) || isBorder(code)) {
    after = wrapEnd(text, at);
  } else if (isInvisible(code)) {
    after = end;
    kind = STEP["zero-width"];
  }
  return after < 0 ? null : { end: after, steps: steps | kind };
}
