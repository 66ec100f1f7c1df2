/**
 * Text inside base64 and hexadecimal, at any alignment, in blobs of any size, without decoding what
 * is no text.
 *
 * A token of 33 characters or more makes at least 44 characters of base64, or 66 hexadecimal digits,
 * all of which stand for printable ASCII. So it is enough to look at 8 characters in every 16: unless
 * all 8 can stand for printable text at one alignment, no encoded token covers them. Only what passes
 * is decoded, as far as it stays text. Wrapped base64 is followed across line ends as long as its
 * lines have 24 characters or more.
 *
 * @module
 */

import { BASE64, Digits, NIBBLE, SEXTET } from "./find_digits.ts";

/** Some text that was encoded. */
export interface EncodedText {
  /** The decoded text: one character per byte. */
  readonly text: string;
  /** How it was encoded. */
  readonly encoding: "base64" | "hex" | "decimal";
  /**
   * Where a decoded character comes from.
   *
   * @param index Its index in `text`.
   * @returns The offset of the first encoded character that spells it.
   */
  offsetOf(index: number): number;
}

/** Fewest decoded characters that can hold a token: `hf_` and 30 more. */
const SHORTEST = 33;
/** Distance between samples, in units of two bytes. */
const STRIDE = 8;

/** Characters that must fit without a break: a token cut by one line end has 24 on one side. */
const ENOUGH = 20;

/** Whether bytes are UTF-16 of plain text, from whichever half on: every other one is zero. */
function isWideText(bytes: readonly number[]): boolean {
  return bytes.every((byte, i) =>
    (byte === 0 || isText(byte)) && (i === 0 || (byte === 0) !== (bytes[i - 1] === 0))
  );
}

/** Printable ASCII, white space, and the character that begins colour codes. */
function isText(byte: number): boolean {
  return (byte >= 32 && byte < 127) || byte === 9 || byte === 10 || byte === 13 || byte === 27;
}

/** What text goes on with: UTF-8 too. */
function isTextOrUtf8(bytes: readonly number[]): boolean {
  return bytes.every((byte) => isText(byte) || byte >= 128);
}

/**
 * For each pair of characters: bits 0 to 3 say whether the first may be the first, second, third or
 * fourth character of a base64 group of printable text, the second the one after it; bits 4 and 5
 * whether they may be a hexadecimal pair, or the second half of one and the first of the next; bits 6
 * and 7 whether they may be two characters of UTF-16 in base64, from an even or an odd one on.
 */
let pairs: Uint8Array | undefined;
/** The same, seen from two characters before. */
let pairsAfter: Uint8Array | undefined;

function buildPairs(): [Uint8Array, Uint8Array] {
  const now = new Uint8Array(65536);
  const after = new Uint8Array(65536);
  const isLittleEndian = new Uint16Array(new Uint8Array([1, 0]).buffer)[0] === 1;
  const chars = [...BASE64, "-", "_"].map((char) => char.charCodeAt(0));
  for (const first of chars) {
    for (const second of chars) {
      const a = SEXTET[first]!;
      const b = SEXTET[second]!;
      let bits = 0;
      if (isText(a << 2 | b >> 4) && (b & 15) < 8) bits |= 1;
      if (isText((a & 15) << 4 | b >> 2) && (b & 3) < 2) bits |= 2;
      if (isText((a & 3) << 6 | b)) bits |= 4;
      if (b === 2 || b === 3 || (b >= 6 && b < 32)) bits |= 8;
      const high = NIBBLE[first]!;
      const low = NIBBLE[second]!;
      if (high < 8 && low < 16 && isText(high << 4 | low)) bits |= 16;
      if (high < 16 && low < 8) bits |= 32;
      // t0t 0t0: each other byte is zero.
      const isEven = (isText(a << 2 | b >> 4) && (b & 15) === 0) || (a < 2 && isText(a << 6 | b)) ||
        (a === 0 && b > 1 && b < 8) || ((a & 3) === 0 && b === 0);
      const isOdd = ((a & 15) === 0 && b < 2) || b === 0 || (a < 8 && (b & 3) === 0) ||
        (a === 0 && b >= 2 && b < 32);
      if (isEven) bits |= 64;
      if (isOdd) bits |= 128;
      const index = isLittleEndian ? first | second << 8 : first << 8 | second;
      now[index] = bits;
      after[index] = (bits & 240) | (bits & 3) << 2 | (bits >> 2) & 3;
    }
  }
  return [now, after];
}

/** A group's indexes (4 of base64, 2 of hexadecimal) and the bytes it spells. */
interface Group {
  readonly at: readonly number[];
  readonly bytes: readonly number[];
}

function groupFrom(digits: Digits, first: number, size: number): Group | null {
  const at = [first];
  while (at.length < size) {
    const next = digits.after(at.at(-1)!);
    if (next < 0) break;
    at.push(next);
  }
  const values = at.map((index) => digits.value(index));
  if (size === 2) {
    return values.length < 2 ? null : { at, bytes: [values[0]! << 4 | values[1]!] };
  }
  if (values.length < 2) return null;
  const [a, b, c, d] = values as [number, number, number?, number?];
  const bytes = [a << 2 | b >> 4];
  if (c !== undefined) bytes.push((b & 15) << 4 | c >> 2);
  if (c !== undefined && d !== undefined) bytes.push((c & 3) << 6 | d);
  return { at, bytes };
}

function groupBefore(digits: Digits, first: number, size: number): Group | null {
  let start = first;
  for (let i = 0; i < size; i++) {
    start = digits.before(start);
    if (start < 0) return null;
  }
  return groupFrom(digits, start, size);
}

/** The stretch of text around an index at which a group begins. */
function stretch(
  digits: Digits,
  start: number,
  size: number,
  notBefore: number,
  accepts: (bytes: readonly number[]) => boolean,
): { groups: Group[]; end: number } {
  const before: Group[] = [];
  for (let at = start; at > notBefore;) {
    const group = groupBefore(digits, at, size);
    if (group === null) break;
    before.push(group);
    at = group.at[0]!;
    // A group that is text only in part may hold the token's first characters.
    if (!accepts(group.bytes)) break;
  }
  const groups = before.reverse();
  let end = start;
  for (let at = start; at >= 0;) {
    const group = groupFrom(digits, at, size);
    if (group === null) break;
    groups.push(group);
    if (group.at.length < size || !accepts(group.bytes)) break;
    const last = group.at.at(-1)!;
    end = last + 1; // a group that is text only in part may begin the next stretch
    at = digits.after(last);
  }
  return { groups, end };
}

function decoded(groups: readonly Group[], encoding: "base64" | "hex"): EncodedText {
  const chunks: string[] = [];
  for (let i = 0; i < groups.length; i += 1024) {
    const bytes = groups.slice(i, i + 1024).flatMap((group) => group.bytes);
    chunks.push(String.fromCharCode(...bytes));
  }
  const perGroup = encoding === "hex" ? 1 : 3;
  return {
    text: chunks.join(""),
    encoding,
    offsetOf: (index) => groups[Math.floor(index / perGroup)]!.at[0]!,
  };
}

/**
 * Calls back with each text found encoded in a file.
 *
 * @param bytes The file.
 * @param raw The same, one character per byte.
 * @param visit Called with each text; returns true to end the search.
 * @returns Whether the visitor ended the search.
 */
export function forEachEncoded(
  bytes: Uint8Array,
  raw: string,
  visit: (found: EncodedText) => boolean,
): boolean {
  if (bytes.length < 2 * SHORTEST - 22) return false;
  if (pairs === undefined) [pairs, pairsAfter] = buildPairs();
  const now = pairs;
  const after = pairsAfter!;
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const units = new Uint16Array(aligned.buffer, aligned.byteOffset, aligned.length >> 1);
  /** For each alignment of base64 and then of hexadecimal, up to where it has been decoded. */
  const done = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const base64 = new Digits(raw, SEXTET);
  const hex = new Digits(raw, NIBBLE);

  /** How many characters around a sample fit one role, counted up to what is enough. */
  const isLong = (sample: number, role: number): boolean => {
    const bit = 1 << role;
    let fitting = 8;
    for (let i = sample + 4; i < units.length && fitting < ENOUGH; i++, fitting += 2) {
      if ((((i - sample) % 2 === 0 ? now : after)[units[i]!]! & bit) === 0) break;
    }
    for (let i = sample - 1; i >= 0 && fitting < ENOUGH; i--, fitting += 2) {
      if ((((sample - i) % 2 === 0 ? now : after)[units[i]!]! & bit) === 0) break;
    }
    return fitting >= ENOUGH;
  };

  const lookAt = (at: number, bits: number): boolean => {
    for (let role = 0; role < 6; role++) {
      if ((bits >> role & 1) === 0 || !isLong(at / 2, role)) continue;
      const isHex = role > 3;
      const size = isHex ? 2 : 4;
      const digits = isHex ? hex : base64;
      let start = at;
      // The group's start may be on the line before; the next group's is as good.
      for (let i = isHex ? role - 4 : (4 - role) % 4; i > 0 && start >= 0; i--) {
        start = digits.after(start);
      }
      if (start < 0) continue;
      const lane = isHex ? 4 + start % 2 : start % 4;
      if (done[lane]! > at) continue;
      const { groups, end } = stretch(digits, start, size, done[lane]!, isTextOrUtf8);
      done[lane] = end;
      const perGroup = isHex ? 1 : 3;
      if (groups.length * perGroup < SHORTEST) continue;
      if (visit(decoded(groups, isHex ? "hex" : "base64"))) return true;
    }
    for (let role = 6; role < 8; role++) {
      if ((bits >> role & 1) !== 0 && isLong(at / 2, role) && lookAtWide(at)) return true;
    }
    return false;
  };

  /** UTF-16 in base64, at each alignment. */
  const lookAtWide = (at: number): boolean => {
    for (let start = at; start < at + 4; start++) {
      const lane = 6 + start % 4;
      if (done[lane]! > at) continue;
      const { groups, end } = stretch(base64, start, 4, done[lane]!, isWideText);
      done[lane] = end;
      if (groups.length * 3 < 2 * SHORTEST) continue;
      const { text, offsetOf } = decoded(groups, "base64");
      const plain = { text: text.replaceAll("\0", ""), encoding: "base64" as const };
      if (
        visit({
          ...plain,
          offsetOf: (index) => offsetOf(Math.min(2 * index, text.length - 1)),
        })
      ) {
        return true;
      }
    }
    return false;
  };

  const last = units.length - 4;
  for (let i = 0; i <= last; i += STRIDE) {
    const bits = now[units[i]!]! & after[units[i + 1]!]! & now[units[i + 2]!]! &
      after[units[i + 3]!]!;
    if (bits !== 0 && lookAt(2 * i, bits)) return true;
  }
  return false;
}
