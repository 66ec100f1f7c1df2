/**
 * Reads JSON objects and arrays over bytes: says where their members and elements lie, without
 * decoding values. Positions, grammar and errors are those of json_skip.ts.
 *
 * @module
 */

import { syntaxDamage } from "./damage.ts";
import { type JsonSource, skipSpace, skipString, skipValue } from "./json_skip.ts";
import { keyText } from "./key.ts";

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** One member of an object. */
export interface Member {
  /** The decoded key. */
  readonly key: string;
  /** Position of the key's opening quote. */
  readonly start: number;
  /** Position of the value's first byte. */
  readonly value: number;
  /** Position after the value's last byte. */
  readonly end: number;
}

/** One element of an array. */
export interface Element {
  /** Position of its first byte. */
  readonly start: number;
  /** Position after its last byte. */
  readonly end: number;
}

/**
 * Reads an object, member by member.
 *
 * @param source The file.
 * @param at Position of its `{`.
 * @param readValue Reads one value and returns the position after it; `skipValue` when left out.
 * @returns The members in order, duplicates included, and the position after the `}`.
 */
export function readObject(
  source: JsonSource,
  at: number,
  readValue: (key: string, value: number) => number = (_key, value) => skipValue(source, value),
): { members: Member[]; end: number } {
  const { bytes } = source;
  const members: Member[] = [];
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_OBJECT) return { members, end: at + 1 };
  for (;;) {
    const start = at;
    if (bytes[at] !== QUOTE) throw syntaxDamage(bytes, at, "a key in double quotes");
    const keyEnd = skipString(source, at);
    at = skipSpace(bytes, keyEnd);
    if (bytes[at] !== COLON) throw syntaxDamage(bytes, at, "a colon");
    const value = skipSpace(bytes, at + 1);
    const key = keyText(bytes, start + 1, keyEnd - 1);
    const end = readValue(key, value);
    members.push({ key, start, value, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === CLOSE_OBJECT) return { members, end: at + 1 };
    if (bytes[at] !== COMMA) throw syntaxDamage(bytes, at, "a comma or }");
    at = skipSpace(bytes, at + 1);
  }
}

/**
 * Reads an array, element by element.
 *
 * @param source The file.
 * @param at Position of its `[`.
 * @param readElement Reads one element and returns the position after it; `skipValue` when left out.
 * @returns The elements in order, and the position after the `]`.
 */
export function readArray(
  source: JsonSource,
  at: number,
  readElement: (start: number) => number = (start) => skipValue(source, start),
): { elements: Element[]; end: number } {
  const { bytes } = source;
  const elements: Element[] = [];
  at = skipSpace(bytes, at + 1);
  if (bytes[at] === CLOSE_ARRAY) return { elements, end: at + 1 };
  for (;;) {
    const start = at;
    const end = readElement(start);
    elements.push({ start, end });
    at = skipSpace(bytes, end);
    if (bytes[at] === CLOSE_ARRAY) return { elements, end: at + 1 };
    if (bytes[at] !== COMMA) throw syntaxDamage(bytes, at, "a comma or ]");
    at = skipSpace(bytes, at + 1);
  }
}

/** Whether an object begins at `at`. */
export function isObject(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === OPEN_OBJECT;
}

/** Whether an array begins at `at`. */
export function isArray(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === OPEN_ARRAY;
}

/**
 * Decodes a value that has been scanned before. `NaN` and the infinities become null.
 *
 * @param bytes The file.
 * @param start Position of the value's first byte.
 * @param end Position after its last byte.
 * @returns The decoded value, for small values only: the whole text is copied.
 */
export function decodeScalar(bytes: Uint8Array, start: number, end: number): unknown {
  const text = new TextDecoder().decode(bytes.subarray(start, end));
  return /^-?(NaN|Infinity)$/.test(text) ? null : JSON.parse(text);
}
