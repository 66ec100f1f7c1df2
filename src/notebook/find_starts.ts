/**
 * Where a token may begin in a text, in any spelling: a sweep at the speed of memory that looks at
 * little more than underscores and escapes.
 *
 * Every prefix of a token ends in `_`. Either that `_` stands there plainly, and what is before it is
 * the rest of a prefix, up to a gap or an escape; or it is escaped, and its escape is found by its
 * marker. So each spelling is seen at its last `_`, and only then is its beginning looked for.
 *
 * @module
 */

import { endsEscape, isAlnum, mayFollow, SECOND_LETTER } from "./find_back.ts";
import { readCode } from "./find_codes.ts";

/** How far before its last `_` a prefix with gaps in it may begin, in characters: two of the longest
 * gaps, each character of which JSON spells with six. */
const FARTHEST = 12_500;

/** The prefix whose last `_` follows a letter. */
function familyBefore(letter: number): string | undefined {
  switch (letter) {
    case 102:
      return "hf_";
    case 103:
      return "api_org_";
    case 116:
      return "oauth_app_secret_";
    default:
      return undefined;
  }
}

/** Whether what follows a prefix's last `_` may be the body: a letter, a digit, a gap or an escape. */
function mayBegin(code: number): boolean {
  return code >= 128 || code <= 32 || isAlnum(code) || code === 92 || code === 37 || code === 38 ||
    code === 60 || code === 34 || code === 39 || code === 96 || code === 124 || code === 123 ||
    code === 36 || code === 61;
}

/** The shortest body that counts. */
const SHORTEST_BODY = 30;

/**
 * Whether a plain prefix may begin a token: a long body follows, a gap or an escape, or the rest of a
 * longer prefix. Most are names such as `hf_hub_download`, and end here.
 */
function mayGoOn(text: string, body: number): boolean {
  let end = body;
  while (end < body + SHORTEST_BODY && isAlnum(text.charCodeAt(end))) end++;
  if (end === body + SHORTEST_BODY) return true;
  const next = text.charCodeAt(end);
  if (next !== 95) return !isAlnum(next) && mayBegin(next);
  return /^(?:oauth|app|jwt|s3)$/.test(text.slice(body, end));
}

/** `\N{LOW LINE}`, `\PYZus{}`, `\textunderscore{}`: whether one may begin at a backslash. */
function mayBeNamed(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1);
  return (next === 78 && text.charCodeAt(at + 2) === 123) ||
    (next === 80 && text.charCodeAt(at + 2) === 89) ||
    (next === 116 && text.charCodeAt(at + 5) === 117);
}

/** What a sweep reports to; both return true to end it. */
export interface StartVisitor {
  /** Called for each index at which a token may begin, possibly more than once, in no order. */
  start(at: number): boolean;
  /**
   * Called, when present, for the `_` at which a stream's text begins, after the rest of a prefix: the
   * text may go on where another output's ended.
   */
  cut?(underscore: number): boolean;
  /** Called, when present, for a marker that begins no escape but seemed to: it may have been cut. */
  broken?(marker: number): boolean;
  /** Called, when present, for the `_` of `_fh`: a token may stand there backwards. */
  reversed?(underscore: number): boolean;
  /** Called, when present, for a `_` in quotes or between two equal marks. */
  alone?(underscore: number): boolean;
  /** Called, when present, for an escaped character from U+D000 or U+F000 on, which may be a letter. */
  wide?(marker: number): boolean;
  /** Called, when present, for an escaped letter or digit. */
  letter?(marker: number): boolean;
}

/** Whether a `_` is a string of its own, or has the same mark on both sides. */
function standsAlone(before: number, after: number): boolean {
  const isQuoted = before === 34 || before === 39 || before === 96;
  return isQuoted ? after === before || after === 92 : before === after && before < 128;
}

/** Whether the quote at an index begins the text of a stream, as its only string or the first of a list. */
function beginsText(text: string, quote: number): boolean {
  if (text.charCodeAt(quote) !== 34 || text.charCodeAt(quote - 1) === 92) return false;
  let i = quote - 1;
  while (i > 0 && text.charCodeAt(i) <= 32) i--;
  if (text.charCodeAt(i) !== 91 && text.charCodeAt(i) !== 58) return false;
  return /"text"\s{0,99}:\s{0,99}(?:\[\s{0,99})?$/.test(
    text.slice(Math.max(0, quote - 310), quote),
  );
}

/** One sweep over a text. */
class Sweep {
  readonly #text: string;
  readonly #visitor: StartVisitor;
  #tried = 0;

  constructor(text: string, visitor: StartVisitor) {
    this.#text = text;
    this.#visitor = visitor;
  }

  /** Tries every beginning in reach of a prefix's last `_`, each beginning only once in a sweep. */
  #tryBefore(underscore: number): boolean {
    const text = this.#text;
    for (let i = Math.max(this.#tried, underscore - FARTHEST); i <= underscore; i++) {
      const code = text.charCodeAt(i);
      const second = code < 128 ? SECOND_LETTER[code]! : 0;
      if (second === 0) continue;
      const next = text.charCodeAt(i + 1);
      if (second !== 1 && next !== second && (next === 95 || isAlnum(next))) continue;
      if (this.#visitor.start(i)) return true;
    }
    this.#tried = underscore + 1;
    return false;
  }

  /**
   * Whether a gap or an escape may stand before the part of a prefix that ends with a `_`. A letter of
   * that part may belong to the escape, as the last `f` of `\ufeff` does.
   */
  #mayBeSplit(from: number, underscore: number, family: string | undefined): boolean {
    const text = this.#text;
    for (let split = from; split <= underscore; split++) {
      if (split > from && !endsEscape(text, split - 1)) continue;
      const wanted = split === underscore
        ? 0
        : family!.charCodeAt(family!.length - 2 - (underscore - split));
      if (mayFollow(text, split - 1, wanted)) return true;
    }
    return false;
  }

  /** Plain underscores. */
  underscores(): boolean {
    const text = this.#text;
    const visitor = this.#visitor;
    for (let at = text.indexOf("_"); at >= 0; at = text.indexOf("_", at + 1)) {
      const before = text.charCodeAt(at - 1);
      const after = text.charCodeAt(at + 1);
      if (after === 102 && text.charCodeAt(at + 2) === 104 && visitor.reversed?.(at) === true) {
        return true;
      }
      const family = familyBefore(before);
      // Most underscores are in names, after a letter: decided here, without a call.
      if (family === undefined && isAlnum(before) && !endsEscape(text, at - 1)) continue;
      let from = at;
      if (family !== undefined) {
        let k = family.length - 1;
        while (k > 0 && text.charCodeAt(from - 1) === family.charCodeAt(k - 1)) k--, from--;
        if (k === 0) {
          if (mayGoOn(text, at + 1) && visitor.start(from)) return true;
          continue;
        }
      }
      if (standsAlone(before, after) && visitor.alone?.(at) === true) return true;
      if (!mayBegin(after)) continue;
      if (this.#mayBeSplit(from, at, family) && this.#tryBefore(at)) return true;
      if (visitor.cut !== undefined && beginsText(text, from - 1) && visitor.cut(at)) return true;
    }
    return false;
  }

  #tryEscape(at: number): boolean {
    const { code, end } = readCode(this.#text, at);
    if (end === at + 1) return this.#visitor.broken?.(at) ?? false;
    if (isAlnum(code) && this.#visitor.letter?.(at) === true) return true;
    return code === 95 && this.#tryBefore(end - 1);
  }

  /** `\u005f`, `\x5f`, `\U0000005f`, `\137`, and what begins another escape, such as `\u0025`. */
  backslashes(): boolean {
    const text = this.#text;
    this.#tried = 0;
    for (let at = text.indexOf("\\"); at >= 0; at = text.indexOf("\\", at + 1)) {
      const next = text.charCodeAt(at + 1);
      if (next === 110 || next === 34) continue;
      if (next === 92) { // a backslash at the end of a JSON string: an escape cut before its letter
        const isLast = text.charCodeAt(at + 2) === 34 && text.charCodeAt(at - 1) !== 92;
        if (isLast && this.#visitor.broken?.(at) === true) return true;
        continue;
      }
      if (next === 117) { // of ASCII, or cut short
        const digit = text.charCodeAt(at + 2);
        if (digit === 102 || digit === 70 || digit === 100 || digit === 68) {
          if (this.#visitor.wide?.(at) === true) return true;
          continue;
        }
        if (digit !== 48 && digit !== 123 && digit !== 34) continue;
      } else if (
        next !== 120 && next !== 85 && !(next >= 48 && next <= 55) && !mayBeNamed(text, at)
      ) continue;
      if (this.#tryEscape(at)) return true;
    }
    return false;
  }

  /** `%5F`, `%255F`, `%u005f`. */
  percents(): boolean {
    const text = this.#text;
    this.#tried = 0;
    for (let at = text.indexOf("%"); at >= 0; at = text.indexOf("%", at + 1)) {
      const next = text.charCodeAt(at + 1);
      if ((next === 50 || next === 53 || next === 117) && this.#tryEscape(at)) return true;
    }
    return false;
  }

  /** `&#95;`, `&lowbar;`, `&UnderBar;`, and what begins another escape, such as `&amp;`. */
  references(): boolean {
    const text = this.#text;
    this.#tried = 0;
    for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
      const next = text.charCodeAt(at + 1);
      const mayBe = next === 35 || next === 108 || next === 85 || next === 97 || next === 65 ||
        next === 112 || next === 98;
      if (mayBe && this.#tryEscape(at)) return true;
    }
    return false;
  }
}

/**
 * Sweeps a text for places where a token may begin. Misses none that the reader could read.
 *
 * @param text The text.
 * @param visitor Told of each place.
 * @returns Whether the visitor ended the sweep.
 */
export function forEachStart(text: string, visitor: StartVisitor): boolean {
  const sweep = new Sweep(text, visitor);
  return sweep.underscores() || sweep.backslashes() || sweep.percents() || sweep.references();
}
