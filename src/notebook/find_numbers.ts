/**
 * Text written as a list of its characters' codes: what an array of bytes prints as, `chr(104)+…`,
 * `0x68, 0x66`, `68 66 5f`, `68:66:5f`, and what xxd and hexdump print.
 *
 * @module
 */

import type { EncodedText } from "./find_encoded.ts";

/** Between two decimal numbers: anything short without digits, or the next index of an object. */
const DECIMAL = /[^0-9]{1,60}(?:\d{1,5}\\{0,64}"\s{0,4}:\s{0,4})?(\d{1,3})(?![\d.])/y;
/** Between two hexadecimal numbers, and before the second `0x` or `\x`. */
const HEXADECIMAL = /(?:\\{1,64}[nrt]|[\s,;:|"'`\\+=()[\]{}-]){0,32}(?:0?[xX])?([0-9a-fA-F]{2})/y;
/** The same over the right column of a dump and the offset of its next line. */
const DUMP =
  /\s{2,40}\|?.{1,48}?\|?(?:\n|\\{1,64}n)[\s"',\\]{0,80}[0-9a-fA-F]{7,8}:?\s{1,3}([0-9a-fA-F]{2})/y;

/** One way of writing numbers. */
interface Notation {
  readonly encoding: "decimal" | "hex";
  /** The code of `h`, as it is written: where a token may begin. */
  readonly anchor: string;
  readonly radix: 10 | 16;
  readonly next: readonly RegExp[];
}

const NOTATIONS: readonly Notation[] = [
  { encoding: "decimal", anchor: "104", radix: 10, next: [DECIMAL] },
  { encoding: "hex", anchor: "68", radix: 16, next: [DUMP, HEXADECIMAL] },
];

function isDigit(code: number, radix: 10 | 16): boolean {
  if (code >= 48 && code <= 57) return true;
  return radix === 16 && ((code >= 65 && code <= 70) || (code >= 97 && code <= 102));
}

/** Whether a number begins at an index, rather than going on; a dump has two bytes side by side. */
function beginsNumber(raw: string, at: number, radix: 10 | 16): boolean {
  const before = raw.charCodeAt(at - 1);
  if (!isDigit(before, radix)) return before !== 46;
  return radix === 16 && isDigit(raw.charCodeAt(at - 2), 16) &&
    !isDigit(raw.charCodeAt(at - 3), 16);
}

/** The codes from an anchor on, as far as they are text; zeros are the other half of UTF-16. */
function readCodes(
  raw: string,
  at: number,
  { anchor, radix, next }: Notation,
): [string, number[], number] {
  const chars = ["h"];
  const offsets = [at];
  let end = at + anchor.length;
  for (;;) {
    let found: RegExpExecArray | null = null;
    for (const form of next) {
      form.lastIndex = end;
      found ??= form.exec(raw);
    }
    if (found === null) break;
    const code = parseInt(found[1]!, radix);
    const isText = (code >= 32 && code < 127) || code === 9 || code === 10 || code === 13;
    if (!isText && !(code === 0 && radix === 16)) break;
    end = found.index + found[0].length;
    if (code === 0) continue;
    chars.push(String.fromCharCode(code));
    offsets.push(end - found[1]!.length);
    // Most places where an `h` could be are none.
    if (chars.length <= 3 && !"hf_".startsWith(chars.join(""))) break;
  }
  return [chars.join(""), offsets, end];
}

/**
 * Calls back with each text that begins with `hf_` and is written as numbers.
 *
 * @param raw The file, one character per byte.
 * @param visit Called with each text; returns true to end the search.
 * @returns Whether the visitor ended the search.
 */
export function forEachNumbers(raw: string, visit: (found: EncodedText) => boolean): boolean {
  for (const notation of NOTATIONS) {
    const { anchor, radix, encoding } = notation;
    let done = 0;
    for (let at = raw.indexOf(anchor); at >= 0; at = raw.indexOf(anchor, Math.max(at + 1, done))) {
      if (!beginsNumber(raw, at, radix)) continue;
      const [text, offsets, end] = readCodes(raw, at, notation);
      if (text.length <= 3) continue;
      done = end;
      if (visit({ text, encoding, offsetOf: (index) => offsets[index]! })) return true;
    }
  }
  return false;
}
