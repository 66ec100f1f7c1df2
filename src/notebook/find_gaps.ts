/**
 * What can stand between two characters of a token without being part of it: colour codes, HTML
 * tags, invisible characters, the end of one string literal and the start of the next, a wrapped line.
 *
 * Every gap has a greatest length, so that reading one takes bounded time.
 *
 * @module
 */

import { type Code, readCode, STEP, UNUSUAL } from "./find_codes.ts";
import {
  commentEnd,
  isOperator,
  isQuote,
  isRareOperator,
  isSpace,
  nameEnd,
  openingQuote,
  prefixedQuoteEnd,
  readJoint,
} from "./find_joints.ts";

/** A gap's end and what kinds it is made of. */
export interface Gap {
  /** Index after its last character. */
  readonly end: number;
  /** Which of {@link STEP}, as bits, and {@link UNUSUAL}. */
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

/** Format characters, variation selectors, tags, fillers and combining marks. */
function isInvisible(code: number): boolean {
  return code === 0xad || (code >= 0x300 && code <= 0x36f) || code === 0x115f || code === 0x1160 ||
    code === 0x3164 || code === 0xffa0 || (code >= 0xe0000 && code <= 0xe0fff) || code === 0x61c ||
    (code >= 0x180b && code <= 0x180e) ||
    (code >= 0x200b && code <= 0x200f) || (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) || (code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff;
}

/**
 * The end of a gap in raw bytes that mean one thing there and another in the text they spell, or are
 * longer than that text: only decoding tells where it ends.
 */
export const UNSURE = Infinity;

/**
 * ECMA-48: CSI parameters and final byte; OSC up to BEL or ST; a short escape. One of them may end in a
 * backslash, of which JSON makes two, so in raw bytes any backslash leaves it unsure.
 */
function ansiEnd(text: string, at: number, isCsi: boolean, raw = false): number {
  const end = commandEnd(text, at, isCsi, raw);
  if (!raw) return end;
  return text.slice(at, end < 0 ? at + LONGEST_TAG : end).includes("\\") ? UNSURE : end;
}

function commandEnd(text: string, at: number, isCsi: boolean, raw: boolean): number {
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
    for (const limit = end + LONGEST_TAG; end < text.length;) {
      if (end >= limit) return raw ? UNSURE : -1;
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

function tagEnd(text: string, at: number, raw = false): number {
  const first = text.charCodeAt(at);
  const isTag = (first >= 65 && first <= 90) || (first >= 97 && first <= 122) || first === 47 ||
    first === 33 || first === 63 || first === 92 || first === 37 || first === 38;
  if (!isTag) return -1;
  for (let i = at; i < text.length;) {
    if (i >= at + LONGEST_TAG) return raw ? UNSURE : -1;
    const { code, end } = readCode(text, i);
    if (code === 62) return end;
    if (code === 60) return -1;
    i = end;
  }
  return -1;
}

/** What frames a wrapped line: a table's border, a comment's or a quotation's mark. */
function isBorder(code: number): boolean {
  return code === 124 || code === 0x2502 || code === 0x2503 || code === 0x2551;
}

/** What begins a line of a quotation, a comment or a diff: `# > + * /`. */
function isLineMark(code: number): boolean {
  return code === 35 || code === 62 || code === 43 || code === 42 || code === 47;
}

function isLineEnd(code: number): boolean {
  return code === 10 || code === 13 || code === 11 || code === 12 || code === 0x85 ||
    code === 0x2028 || code === 0x2029;
}

/** Most tags and colour codes in one wrapped place. */
const MOST_MARKUP = 12;

/** The end of a colour code or a tag that stands among the white space of a wrapped line, or -1. */
function markupEnd(text: string, { code, end }: Code, raw = false): number {
  return code === 27 ? ansiEnd(text, end, false, raw) : code === 60 ? tagEnd(text, end, raw) : -1;
}

/** White space with a line end in it, borders and colours included; -1 when there is no line end. */
function wrapEnd(text: string, at: number): number {
  let hasLineEnd = false;
  let markup = 0;
  let end = at;
  for (let read = 0; read < LONGEST_SPACE && end < text.length; read++) {
    const next = readCharacter(text, end);
    const { code } = next;
    if (isSpace(code) || isLineEnd(code) || isBorder(code) || (hasLineEnd && isLineMark(code))) {
      hasLineEnd ||= isLineEnd(code);
      end = next.end;
      continue;
    }
    const after = ++markup > MOST_MARKUP ? -1 : markupEnd(text, next);
    if (after < 0) break;
    end = after;
  }
  return hasLineEnd ? end : -1;
}

/** Whether a byte from 0x80 on belongs to a character of UTF-8 above U+00BF. */
function isWithinCharacter(text: string, at: number): boolean {
  for (let before = 1; before < 4; before++) {
    const lead = text.charCodeAt(at - before);
    if (lead >= 0xc0) return before < (lead < 0xc3 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
    if (!(lead >= 0x80)) return false;
  }
  return false;
}

/**
 * In a file's raw bytes the quotes and commas of JSON lists stand among the white space and quotes of
 * the text itself, and invisible characters are several bytes: any mixture counts.
 */
function rawGapEnd(text: string, at: number): number {
  const isJoint = isQuote(readCode(text, at).code);
  let end = at;
  let isMore = false;
  let isAfterSpace = false;
  let markup = 0;
  let before = 0;
  for (let read = 0; end < text.length; read++) {
    if (read === 2 * LONGEST_SPACE) return UNSURE;
    const next = readCharacter(text, end, true);
    const { code, steps } = next;
    if (code === 0x9b && steps === 0 && !isWithinCharacter(text, end)) return UNSURE;
    const isSpacing = isSpace(code) || isOperator(code) || code === 92;
    const isHigh = code >= 0x80 && steps === 0;
    const isBreak = isLineEnd(code) || isHigh;
    isMore ||= isQuote(code) || isBreak;
    let after = -1;
    if (isJoint && (code === 35 || code === 47)) after = commentEnd(text, end, UNSURE);
    if (after === UNSURE) return UNSURE;
    if (after >= 0) before = 10;
    else if (isSpacing || isBreak || isQuote(code) || isBorder(code)) after = next.end;
    else if (isMore && (isLineMark(code) || (isJoint && isRareOperator(code)))) after = next.end;
    else if (++markup <= MOST_MARKUP) after = markupEnd(text, next, true);
    if (after === UNSURE) return UNSURE;
    if (after < 0 && isMore && isAfterSpace) after = prefixedQuoteEnd(text, end);
    if (after < 0 && isJoint) after = nameEnd(text, end, before);
    if (after < 0) break;
    isAfterSpace = isSpacing;
    if (isLineEnd(code)) before = 10;
    else if (!isSpace(code) && !isQuote(code) && code !== 44 && code !== 35 && code !== 47) {
      before = code;
    }
    end = after;
  }
  return isMore ? end : -1;
}

/** The end of a joint, which the whole of {@link readGap} is about when a quote comes first, or -1. */
function quoteGap(text: string, end: number): [after: number, kind: number] {
  const joint = readJoint(text, end);
  if (joint === null) return [-1, 0];
  return [joint.end, joint.isPlain ? STEP.concatenation : STEP.concatenation | UNUSUAL];
}

/**
 * Reads one gap.
 *
 * @param text The text.
 * @param at Where the gap may begin.
 * @param raw Whether the text is raw bytes, one character each: more counts as a gap then.
 * @returns Its end, {@link UNSURE} in some raw bytes, or null when what stands there is no gap.
 */
export function readGap(text: string, at: number, raw = false): Gap | null {
  const { code, end, steps } = readCharacter(text, at, raw);
  let after = -1;
  let kind: number = STEP.wrap;
  const opening = steps === 0 && (code === 123 || code === 36 || code === 37)
    ? openingQuote(text, at)
    : null;
  if (opening !== null) {
    const quote = readCode(text, opening.at);
    if (raw) after = rawGapEnd(text, opening.at);
    else after = opening.closes ? readJoint(text, quote.end)?.end ?? -1 : quote.end;
    kind = STEP.concatenation | UNUSUAL;
  } else if (code === 61) { // a line that goes on, in quoted-printable text
    const next = readCode(text, end).code;
    if (isLineEnd(next)) after = raw ? rawGapEnd(text, end) : wrapEnd(text, end);
    kind = STEP.wrap | UNUSUAL;
  } else if (code === 27 || code === 0x9b) {
    after = ansiEnd(text, end, code === 0x9b, raw);
    kind = STEP.ansi;
  } else if (
    raw && (isQuote(code) || isSpace(code) || isLineEnd(code) || isBorder(code) ||
      (code >= 0x80 && steps === 0))
  ) {
    after = rawGapEnd(text, at);
  } else if (code === 60) {
    after = tagEnd(text, end, raw);
    kind = STEP.tag;
  } else if (isQuote(code)) {
    [after, kind] = quoteGap(text, end);
  } else if (isSpace(code) || isLineEnd(code) || isBorder(code)) {
    after = wrapEnd(text, at);
  } else if (isInvisible(code) || (code === 0xdb40 && !raw)) {
    after = code === 0xdb40 ? end + 1 : end; // a surrogate pair: tags, more variation selectors
    kind = STEP["zero-width"];
  }
  return after < 0 ? null : { end: after, steps: steps | kind };
}
