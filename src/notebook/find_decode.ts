/**
 * Reads the bytes between the quotes of a JSON string, keeping count of where each character came
 * from. Bytes come as a string with one character per byte, as they are in the file.
 *
 * @module
 */

import type { ByteRange } from "./finding.ts";

const SIMPLE: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A file, as bytes and as a string of one character per byte. */
export interface RawFile {
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** The same, one character per byte. */
  readonly raw: string;
}

/** How bytes spell a text: as a JSON string does, as UTF-8, or one character per byte. */
export type Decoding = "json" | "utf-8" | "bytes";

/** What one step of reading gave: its text (one character or one surrogate pair) and where it ends. */
interface Read {
  text: string;
  end: number;
}

/** Reads one UTF-8 sequence; a byte that starts none is U+FFFD by itself. */
function readUtf8(raw: string, at: number, end: number): Read {
  const lead = raw.charCodeAt(at);
  const more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
  let code = lead & (0x3f >> more);
  let valid = more > 0 && at + more < end;
  for (let i = 1; valid && i <= more; i++) {
    const next = raw.charCodeAt(at + i);
    valid = (next & 0xc0) === 0x80;
    code = (code << 6) | (next & 0x3f);
  }
  if (more === 2 && (code < 0x800 || (code >= 0xd800 && code <= 0xdfff))) valid = false;
  if (more === 3 && (code < 0x10000 || code > 0x10ffff)) valid = false;
  return valid
    ? { text: String.fromCodePoint(code), end: at + more + 1 }
    : { text: "\ufffd", end: at + 1 };
}

function readOne(raw: string, at: number, end: number, escapes: boolean): Read {
  const code = raw.charCodeAt(at);
  if (code >= 0x80) return readUtf8(raw, at, end);
  if (code !== 92 || !escapes || at + 1 >= end) return { text: raw[at]!, end: at + 1 };
  const next = raw[at + 1]!;
  if (next === "u" && at + 6 <= end && /^[0-9a-fA-F]{4}$/.test(raw.slice(at + 2, at + 6))) {
    return { text: String.fromCharCode(parseInt(raw.slice(at + 2, at + 6), 16)), end: at + 6 };
  }
  const simple = SIMPLE[next];
  return simple === undefined ? { text: "\\", end: at + 1 } : { text: simple, end: at + 2 };
}

/**
 * Decodes bytes: UTF-8, in which what is not valid becomes U+FFFD, and, in a JSON string, its
 * escapes, in which what is not valid stands for itself.
 *
 * @param file The file.
 * @param range The bytes to decode.
 * @param decoding How they spell it.
 * @returns The text.
 */
export function decodeBytes(file: RawFile, range: ByteRange, decoding: Decoding): string {
  const { raw, bytes } = file;
  const slice = raw.slice(range.start, range.end);
  if (decoding === "bytes") return slice;
  const escapes = decoding === "json";
  try {
    const text = /[^\0-\x7f]/.test(slice)
      ? STRICT_UTF8.decode(bytes.subarray(range.start, range.end))
      : slice;
    return escapes && text.includes("\\") ? JSON.parse(`"${text}"`) as string : text;
  } catch { /* damaged: read what can be read */ }
  const parts: string[] = [];
  for (let at = range.start; at < range.end;) {
    const one = readOne(raw, at, range.end, escapes);
    parts.push(one.text);
    at = one.end;
  }
  return parts.join("");
}

/** Finds the byte at which a decoded character begins. Asked in ascending order, it reads the bytes once. */
export class ByteFinder {
  readonly #raw: string;
  readonly #range: ByteRange;
  readonly #escapes: boolean;
  readonly #isPlain: boolean;
  #units = 0;
  #at: number;

  /**
   * Creates a finder.
   *
   * @param raw The file, one character per byte.
   * @param range The bytes that were decoded.
   * @param decoding As given to {@link decodeBytes}.
   */
  constructor(raw: string, range: ByteRange, decoding: Decoding) {
    this.#raw = raw;
    this.#range = range;
    this.#at = range.start;
    this.#escapes = decoding === "json";
    this.#isPlain = decoding === "bytes" || !(this.#escapes ? /[^\0-\x5b\x5d-\x7f]/ : /[^\0-\x7f]/)
      .test(raw.slice(range.start, range.end));
  }

  /**
   * The byte at which a character begins.
   *
   * @param index Index of a UTF-16 code unit of the decoded text, or its length.
   * @returns The byte's offset.
   */
  offset(index: number): number {
    if (this.#isPlain) return this.#range.start + index;
    if (index < this.#units) this.#units = 0, this.#at = this.#range.start;
    while (this.#units < index && this.#at < this.#range.end) {
      const { text, end } = readOne(this.#raw, this.#at, this.#range.end, this.#escapes);
      this.#units += text.length;
      this.#at = end;
    }
    return this.#at;
  }

  /**
   * The character that a byte belongs to.
   *
   * @param offset The byte's offset.
   * @returns Index in the decoded text.
   */
  index(offset: number): number {
    if (this.#isPlain) return offset - this.#range.start;
    if (offset < this.#at) this.#units = 0, this.#at = this.#range.start;
    while (this.#at < this.#range.end) {
      const { text, end } = readOne(this.#raw, this.#at, this.#range.end, this.#escapes);
      if (end > offset) break;
      this.#units += text.length;
      this.#at = end;
    }
    return this.#units;
  }
}
