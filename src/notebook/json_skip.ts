/**
 * Skips JSON values over bytes: validates the text and says where values end, without decoding them.
 * It accepts what Jupyter's own reader (Python's `json`) accepts: RFC 8259, plus `NaN`, `Infinity` and
 * `-Infinity`, lone surrogate escapes, any bytes above 0x7F in strings, and a byte order mark.
 *
 * Positions are byte offsets from the start of the file. Every function returns the position after
 * what it has read, and throws a `NotebookError` at the first byte that breaks the grammar.
 *
 * @module
 */

import { syntaxDamage } from "./damage.ts";
import { type Skip, skipIn } from "./skip.ts";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const OPEN_OBJECT = 123;

/** A file prepared for scanning. */
export interface JsonSource {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** The same memory in words of four bytes, so that strings can be read four bytes at a time. */
  readonly words: Uint32Array;
  /** Byte `i` of the file is byte `i + shift` of `words`. */
  readonly shift: number;
  /** Skips values faster, where the file is in memory for that; takes addresses in that memory. */
  readonly skip: Skip | undefined;
}

/**
 * Prepares bytes for scanning. Nothing is copied.
 *
 * @param bytes The file.
 * @returns The source the other functions work on.
 */
export function jsonSource(bytes: Uint8Array): JsonSource {
  const shift = bytes.byteOffset & 3;
  const words = new Uint32Array(
    bytes.buffer,
    bytes.byteOffset - shift,
    (shift + bytes.length) >>> 2,
  );
  return { bytes, words, shift, skip: skipIn(bytes) };
}

/**
 * Skips white space.
 *
 * @param bytes The file.
 * @param at Where it may begin.
 * @returns The position of the next byte that is none.
 */
export function skipSpace(bytes: Uint8Array, at: number): number {
  for (;; at++) {
    const byte = bytes[at]!;
    if (byte > 32) return at;
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return at;
  }
}

function isHex(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const letter = byte | 32;
  return (byte >= 48 && byte <= 57) || (letter >= 97 && letter <= 102);
}

/** Skips an escape sequence; `at` is its backslash. */
function skipEscape(bytes: Uint8Array, at: number): number {
  switch (bytes[at + 1]) {
    case QUOTE:
    case BACKSLASH:
    case 47: // /
    case 98: // b
    case 102: // f
    case 110: // n
    case 114: // r
    case 116: // t
      return at + 2;
    case 117: { // u
      let end = at + 2;
      while (end < at + 6 && isHex(bytes[end])) end++;
      if (end === at + 6) return end;
      throw syntaxDamage(bytes, end, "a hexadecimal digit of \\u");
    }
    default:
      throw syntaxDamage(bytes, at + 1, "one of the escapes JSON knows");
  }
}

/**
 * Skips a string.
 *
 * @param source The file.
 * @param at Position of its opening quote.
 * @returns The position after its closing quote.
 */
export function skipString(source: JsonSource, at: number): number {
  const { bytes, skip } = source;
  if (skip !== undefined) {
    const end = skip(bytes.byteOffset + at);
    if (end !== 0) return end - bytes.byteOffset;
  }
  return skipStringSlowly(source, at);
}

function skipStringSlowly(source: JsonSource, at: number): number {
  const { bytes, words, shift } = source;
  const wordCount = words.length;
  at++;
  for (;;) {
    // Bytes up to the next word, then words while none of their four bytes is a quote, a backslash
    // or a control character (the classic "has a zero byte" test, three times), then bytes again.
    let word = (at + shift + 3) >>> 2;
    const aligned = (word << 2) - shift;
    let byte = 0;
    while (at < aligned) {
      byte = bytes[at]!;
      if (byte === QUOTE) return at + 1;
      if (byte === BACKSLASH || byte < 32 || at >= bytes.length) break;
      at++;
    }
    if (at === aligned) {
      for (; word < wordCount; word++) {
        const four = words[word]!;
        const quote = four ^ 0x22222222;
        const backslash = four ^ 0x5c5c5c5c;
        const found = ((four - 0x20202020) & ~four) | ((quote - 0x01010101) & ~quote) |
          ((backslash - 0x01010101) & ~backslash);
        if ((found & 0x80808080) !== 0) break;
      }
      at = (word << 2) - shift;
      for (;; at++) {
        byte = bytes[at]!;
        if (byte === QUOTE) return at + 1;
        if (byte === BACKSLASH || byte < 32 || at >= bytes.length) break;
      }
    }
    if (byte !== BACKSLASH || at >= bytes.length) {
      throw syntaxDamage(
        bytes,
        at,
        at >= bytes.length
          ? "a closing quote"
          : "a closing quote, or an escape for this character,",
      );
    }
    at = skipEscape(bytes, at);
  }
}

function skipDigits(bytes: Uint8Array, at: number): number {
  let end = at;
  while (bytes[end]! >= 48 && bytes[end]! <= 57) end++;
  if (end === at) throw syntaxDamage(bytes, at, "a digit");
  return end;
}

function skipWord(bytes: Uint8Array, at: number, word: string): number {
  for (let i = 0; i < word.length; i++) {
    if (bytes[at + i] !== word.charCodeAt(i)) throw syntaxDamage(bytes, at + i, "a value");
  }
  return at + word.length;
}

function skipNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 45) {
    at++;
    if (bytes[at] === 73) return skipWord(bytes, at, "Infinity");
  }
  at = bytes[at] === 48 ? at + 1 : skipDigits(bytes, at);
  if (bytes[at] === 46) at = skipDigits(bytes, at + 1);
  if ((bytes[at]! | 32) === 101) {
    at++;
    if (bytes[at] === 43 || bytes[at] === 45) at++;
    at = skipDigits(bytes, at);
  }
  return at;
}

/** Skips a value that is neither object nor array. */
function skipScalar(source: JsonSource, at: number): number {
  const { bytes } = source;
  switch (bytes[at]) {
    case QUOTE:
      return skipString(source, at);
    case 116:
      return skipWord(bytes, at, "true");
    case 102:
      return skipWord(bytes, at, "false");
    case 110:
      return skipWord(bytes, at, "null");
    case 78:
      return skipWord(bytes, at, "NaN");
    case 73:
      return skipWord(bytes, at, "Infinity");
    case 45:
      return skipNumber(bytes, at);
    default:
      if (bytes[at]! >= 48 && bytes[at]! <= 57) return skipNumber(bytes, at);
      throw syntaxDamage(bytes, at, "a value");
  }
}

/** Skips a key and its colon, and the space around both; returns where the value begins. */
function skipKey(source: JsonSource, at: number): number {
  const { bytes } = source;
  if (bytes[at] !== QUOTE) throw syntaxDamage(bytes, at, "a key in double quotes");
  at = skipSpace(bytes, skipString(source, at));
  if (bytes[at] !== COLON) throw syntaxDamage(bytes, at, "a colon");
  return skipSpace(bytes, at + 1);
}

/**
 * Skips any value. Nesting is kept on a list, not on the call stack, so no depth is too deep.
 *
 * @param source The file.
 * @param at Position of the value's first byte.
 * @returns The position after its last byte.
 */
export function skipValue(source: JsonSource, at: number): number {
  const { bytes, skip } = source;
  if (skip !== undefined) {
    const end = skip(bytes.byteOffset + at);
    if (end !== 0) return end - bytes.byteOffset;
  }
  return skipSlowly(source, at);
}

/** As `skipValue`, for what is not skipped in WebAssembly, and to say what is wrong. */
function skipSlowly(source: JsonSource, at: number): number {
  const { bytes } = source;
  const outer: number[] = []; // the brackets around `around`
  let around = 0; // the innermost open bracket, 0 for none
  for (;;) {
    const first = bytes[at]!;
    if (first === QUOTE) {
      at = skipStringSlowly(source, at);
    } else if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      at = skipSpace(bytes, at + 1);
      if (bytes[at] !== first + 2) { // in ASCII } and ] follow { and [ at a distance of two
        outer.push(around);
        around = first;
        if (first === OPEN_OBJECT) at = skipKey(source, at);
        continue;
      }
      at++;
    } else {
      at = skipScalar(source, at);
    }
    // A value has ended: close what ends with it, up to the next comma.
    for (;;) {
      if (around === 0) return at;
      let next = bytes[at]!;
      if (next !== COMMA) {
        at = skipSpace(bytes, at);
        next = bytes[at]!;
      }
      if (next === COMMA) {
        at = skipSpace(bytes, at + 1);
        if (around === OPEN_OBJECT) at = skipKey(source, at);
        break;
      }
      if (next !== around + 2) {
        throw syntaxDamage(bytes, at, around === OPEN_OBJECT ? "a comma or }" : "a comma or ]");
      }
      at++;
      around = outer.pop()!;
    }
  }
}
