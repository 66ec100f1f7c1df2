/**
 * Reads the bytes between the quotes of a JSON string, keeping count of where each character came
 * from. Bytes come as a string with one character per byte, as they are in the file.
 *
 * @module
 */

import type { ByteRange } from "./finding.ts";

const SIMPLE: Readonly<Record<string, string>> = {
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
  return { text: SIMPLE[next] ?? next, end: at + 2 };
}

/** Calls back for each character read until told to stop. */
function read(
  raw: string,
  { start, end }: ByteRange,
  escapes: boolean,
  each: (text: string, at: number, end: number) => boolean,
): void {
  for (let at = start; at < end;) {
    const one = readOne(raw, at, end, escapes);
    if (!each(one.text, at, one.end)) return;
    at = one.end;
  }
}

/**
 * Decodes bytes: UTF-8, in which what is not valid becomes U+FFFD, and, in a JSON string, its
 * escapes, in which what is not valid stands for itself.
 *
 * @param file The file.
 * @param range The bytes to decode.
 * @param escapes Whether they are a JSON string's; false leaves backslashes as they are.
 * @returns The text.
 */
export function decodeBytes(file: RawFile, range: ByteRange, escapes: boolean): string {
  const { raw, bytes } = file;
  try {
    const slice = raw.slice(range.start, range.end);
    const text = /[^\0-\x7f]/.test(slice)
      ? STRICT_UTF8.decode(bytes.subarray(range.start, range.end))
      : slice;
    return escapes && text.includes("\\") ? JSON.parse(`"${text}"`) as string : text;
  } catch { /* damaged: read what can be read */ }
  const parts: string[] = [];
  read(raw, range, escapes, (text) => parts.push(text) > 0);
  return parts.join("");
}

/**
 * The bytes that spell some characters of a decoded text.
 *
 * @param raw The file, one character per byte.
 * @param range The bytes that were decoded.
 * @param escapes As given to {@link decodeBytes}.
 * @param from Index of the first character (UTF-16 code unit) in the decoded text.
 * @param to Index after the last one.
 * @returns Their bytes.
 */
export function bytesOf(
  raw: string,
  range: ByteRange,
  escapes: boolean,
  from: number,
  to: number,
): ByteRange {
  let units = 0;
  let start = range.end;
  let end = range.end;
  read(raw, range, escapes, (text, at, after) => {
    if (units <= from) start = at;
    units += text.length;
    end = after;
    return units < to;
  });
  return { start: from >= units ? range.end : start, end: to <= from ? start : end };
}
