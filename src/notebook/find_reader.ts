/**
 * Reads one token character by character, undoing escapes and crossing gaps on the way, and asks the
 * one definition of a token about what it read.
 *
 * @module
 */

import { looksEncoded, looksRandom, looksSuspect } from "../secret/plausible.ts";
import {
  isLetterOrDigit,
  SUSPECT_MAXIMUM,
  SUSPECT_MINIMUM,
  TOKEN_SHAPES,
  TOKEN_STARTS,
  type TokenKind,
  type TokenLevel,
} from "../secret/shape.ts";
import { readCode, UNUSUAL } from "./find_codes.ts";
import { readGap, UNSURE } from "./find_gaps.ts";
import { describe, type Letter, spelled, type SpelledMatch } from "./find_letters.ts";

/** Prefixes that go on after `hf_`, and whether three dotted parts follow. */
const LONGER = TOKEN_SHAPES.filter(({ prefix }) => prefix.startsWith("hf_") && prefix !== "hf_");
/** Longest dotted token read, in characters; the JSON web tokens the Hub issues have about 1,000. */
const LONGEST_DOTTED = 16_384;

/** Most gaps between two characters. */
const MOST_GAPS = 32;

/**
 * Whether a JSON string that is no element of a list, or the last one, ends at an index: the text of
 * a stream may go on in the next output. So does one far from the next element.
 */
function endsString(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== 34) return false;
  const end =
    /"(?:\s{201}|\s{0,200}(?:[\]}]|,(?:\s{201}|\s{0,200}"(?:[^"\\]|\\.){0,200}"\s{0,20}:)))/y;
  end.lastIndex = at;
  return end.test(text);
}

/** Reads tokens from one text. */
export class TokenReader {
  readonly #text: string;
  readonly #breaks: ReadonlySet<number>;
  readonly #raw: boolean;
  /** Where a dotted token was looked for in vain: what begins before has no better chance. */
  #noDotsBefore = 0;
  /** Whether what was read last met the end of a JSON string that may go on in another output. */
  #wasCut = false;
  /** Whether what was read last met raw bytes that only decoding makes sense of. */
  #isUnsure = false;

  /**
   * Creates a reader.
   *
   * @param text The text.
   * @param breaks Where pieces of it were joined.
   * @param options `raw: true` when the text is a file's bytes, one character each.
   */
  constructor(text: string, breaks: readonly number[], options: { raw?: boolean } = {}) {
    this.#text = text;
    this.#breaks = new Set(breaks);
    this.#raw = options.raw ?? false;
  }

  /** The next character of a token, or null where it ends. */
  #next(at: number): Letter | null {
    const text = this.#text;
    let steps = 0;
    for (let start = at, gaps = 0; start < text.length && gaps <= MOST_GAPS; gaps++) {
      const { code, end, steps: own } = readCode(text, start);
      if (isLetterOrDigit(code) || code === 95 || code === 45 || code === 46) {
        const mayEnd = start > at || own !== 0 || this.#breaks.has(start);
        return { code, start, end, steps: steps | own, mayEnd };
      }
      if (this.#raw && endsString(text, start)) this.#wasCut = true;
      const gap = readGap(text, start, this.#raw);
      if (gap === null) return null;
      if (gap.end === UNSURE) {
        this.#isUnsure = true;
        return null;
      }
      steps |= gap.steps;
      start = gap.end;
    }
    return null;
  }

  /** Reads letters for as long as `accepts` takes them; answers with the first one refused. */
  #readWhile(
    letters: Letter[],
    most: number,
    accepts: (code: number) => boolean,
  ): Letter | null {
    let at = letters.at(-1)!.end;
    for (;;) {
      const letter = this.#next(at);
      if (letter === null || letters.length >= most || !accepts(letter.code)) return letter;
      letters.push(letter);
      at = letter.end;
    }
  }

  /** Reads a prefix; null when another text begins at `start`. */
  #readPrefix(start: number): Letter[] | null {
    const first = readCode(this.#text, start);
    const prefix = TOKEN_STARTS.find((begin) => begin.charCodeAt(0) === first.code);
    if (prefix === undefined) return null;
    const letters: Letter[] = [{ ...first, start, mayEnd: false }];
    while (letters.length < prefix.length) {
      const letter = this.#next(letters.at(-1)!.end);
      if (letter === null || letter.code !== prefix.charCodeAt(letters.length)) return null;
      letters.push(letter);
    }
    return letters;
  }

  /** Reads on after `hf_` while the text is the start of a longer prefix; tells which one it is. */
  #readLongerPrefix(letters: Letter[], refused: Letter | null): Letter | null {
    let next = refused;
    while (next !== null && next.code === 95) {
      const soFar = `${spelled(letters)}_`;
      if (!LONGER.some(({ prefix }) => prefix.startsWith(soFar))) return next;
      letters.push(next);
      const most = letters.length + SUSPECT_MAXIMUM + 1;
      const isDotted = LONGER.some(({ prefix, body }) => body === "dotted" && prefix === soFar);
      const begin = letters.length;
      next = this.#readWhile(letters, most, isLetterOrDigit);
      if (!isDotted || letters.length === begin && next?.code === 95) continue;
      if (letters[0]!.start < this.#noDotsBefore) return next;
      if (next !== null && !isLetterOrDigit(next.code)) letters.push(next);
      return this.#readWhile(letters, LONGEST_DOTTED, () => true);
    }
    return next;
  }

  /**
   * How many letters and digits follow a prefix at `start`, or more when dots follow: enough to say
   * that no token begins here.
   *
   * @param start Where a prefix may begin.
   * @returns The length of the text after `hf_`, `api_org_` or `oauth_app_secret_`; 0 without one;
   *   infinite when the text ends with a JSON string that may go on elsewhere, or only decoding tells.
   */
  measure(start: number): number {
    this.#wasCut = this.#isUnsure = false;
    const letters = this.#readPrefix(start);
    if (letters === null) return this.#isUnsure ? Infinity : 0;
    const prefix = letters.length;
    const refused = this.#readWhile(letters, prefix + SUSPECT_MAXIMUM + 1, isLetterOrDigit);
    this.#readLongerPrefix(letters, refused);
    return this.#wasCut || this.#isUnsure ? Infinity : letters.length - prefix;
  }

  /**
   * As {@link measure}, for a prefix whose beginning is elsewhere.
   *
   * @param underscore Index of the prefix's last character.
   * @returns The length of what follows.
   */
  measureAfter(underscore: number): number {
    this.#wasCut = this.#isUnsure = false;
    const letters = [{ code: 95, start: underscore, end: underscore + 1, steps: 0, mayEnd: false }];
    this.#readWhile(letters, SUSPECT_MAXIMUM, isLetterOrDigit);
    return this.#wasCut || this.#isUnsure ? Infinity : letters.length - 1;
  }

  /**
   * Reads a token.
   *
   * @param start Where its prefix may begin.
   * @param notes Whether look-alikes count.
   * @returns The token, or null.
   */
  read(start: number, notes: boolean): SpelledMatch | null {
    const letters = this.#readPrefix(start);
    if (letters === null) return null;
    const prefix = letters.length;
    let refused = this.#readWhile(letters, prefix + SUSPECT_MAXIMUM + 1, isLetterOrDigit);
    const plain = letters.length - prefix;
    if (prefix === 3) refused = this.#readLongerPrefix(letters, refused);
    const text = spelled(letters);
    /** Whether the token may end after `length` letters. */
    const mayEnd = (length: number) =>
      length === letters.length
        ? refused === null || refused.mayEnd || !isLetterOrDigit(refused.code)
        : length < letters.length &&
          (letters[length]!.mayEnd || !isLetterOrDigit(letters[length]!.code));
    const result = (length: number, level: TokenLevel, kind: TokenKind | null) =>
      describe(text.slice(0, length), letters.slice(0, length), level, kind);

    let note: SpelledMatch | null = null;
    for (const { kind, prefix: begin, body } of TOKEN_SHAPES) {
      if (!text.startsWith(begin)) continue;
      if (body === "dotted") {
        const length = this.#dottedLength(text, begin.length, mayEnd);
        if (length > 0) return result(length, "token", kind);
        this.#noDotsBefore = Math.max(this.#noDotsBefore, letters.at(-1)!.end);
        continue;
      }
      const length = begin.length + body;
      if (!mayEnd(length) || !/^[A-Za-z0-9]+$/.test(text.slice(begin.length, length))) continue;
      if (looksRandom(text.slice(begin.length, length))) return result(length, "token", kind);
      if (notes) note ??= result(length, "note", kind);
    }
    if (prefix !== 3 || plain < SUSPECT_MINIMUM) return note;
    if (this.#isBoundedLeft(start)) {
      const most = Math.min(plain, SUSPECT_MAXIMUM, this.#usual(letters) - prefix);
      for (let body = SUSPECT_MINIMUM; body <= most; body++) {
        const next = letters[prefix + body] ?? refused;
        const isBounded = next === null || next.mayEnd ||
          (body === plain && next.code === 46);
        if (isBounded && looksSuspect(text.slice(3, 3 + body))) {
          return result(prefix + body, "suspect", null);
        }
      }
    }
    return note ?? (notes ? result(prefix + plain, "note", null) : null);
  }

  /** How many letters from the first on are joined in ordinary ways. */
  #usual(letters: readonly Letter[]): number {
    const first = letters.findIndex(({ steps }) => (steps & UNUSUAL) !== 0);
    return first < 0 ? letters.length : first;
  }

  /** Length of a dotted token, prefix included, or 0. Wrapped text may go on after it. */
  #dottedLength(text: string, prefix: number, mayEnd: (length: number) => boolean): number {
    const match = /^([\w-]+)\.([\w-]+)\.([\w-]+)/.exec(text.slice(prefix));
    if (match === null) return 0;
    const [whole, a, b, c] = match as unknown as [string, string, string, string];
    const end = prefix + whole.length;
    // No signature is shorter than 32 bytes, which is 43 characters of base64url.
    for (let length = end - c.length + 43; length < end; length++) {
      if (mayEnd(length) && looksEncoded([a, b, text.slice(end - c.length, length)])) return length;
    }
    return looksEncoded([a, b, c]) ? end : 0;
  }

  /** A suspect must not be the rest of a longer word. */
  #isBoundedLeft(start: number): boolean {
    if (start === 0 || this.#breaks.has(start)) return true;
    const text = this.#text;
    const before = text.charCodeAt(start - 1);
    if (!isLetterOrDigit(before) && before !== 95 && before !== 45) return true;
    // `\nhf_…` written with a backslash, or a colour code: the end of an escape, not of a word.
    for (let from = start - 2; from >= Math.max(0, start - 24); from--) {
      const code = text.charCodeAt(from);
      if (code !== 92 && code !== 37 && code !== 27) continue;
      const escape = readCode(text, from);
      if (escape.end === start && escape.end > from + 1) return !isLetterOrDigit(escape.code);
      if (readGap(text, from)?.end === start) return true;
    }
    return false;
  }
}
