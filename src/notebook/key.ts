/**
 * The decoded text of keys. A notebook repeats a few dozen keys thousands of times, so each
 * spelling is decoded once and then only compared.
 *
 * @module
 */

const BACKSLASH = 92;
const SLOTS = 256;

interface Spelling {
  readonly bytes: Uint8Array;
  readonly text: string;
}

const spellings: (Spelling | undefined)[] = new Array(SLOTS).fill(undefined);

function same(spelling: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (spelling.length !== end - start) return false;
  for (let i = 0; i < spelling.length; i++) {
    if (spelling[i] !== bytes[start + i]) return false;
  }
  return true;
}

function decode(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  return bytes.includes(BACKSLASH) ? JSON.parse(`"${text}"`) as string : text;
}

/**
 * Decodes a key.
 *
 * @param bytes The file.
 * @param start Position after the key's opening quote.
 * @param end Position of its closing quote.
 * @returns Its text, escapes resolved.
 */
export function keyText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > 64) return decode(bytes.subarray(start, end));
  const slot = (bytes[start]! * 7 + bytes[end - 1]! * 3 + (end - start)) % SLOTS;
  const known = spellings[slot];
  if (known !== undefined && same(known.bytes, bytes, start, end)) return known.text;
  const spelling = bytes.slice(start, end);
  const text = decode(spelling);
  spellings[slot] = { bytes: spelling, text };
  return text;
}
