/**
 * Recognises UTF-16 text, with or without a byte order mark.
 *
 * @module
 */

/** How much of a file without a mark is looked at. */
const SAMPLE = 2048;

/** Whether most characters of a sample have a zero byte at `zero` (0 or 1) and a plain one beside it. */
function looksWide(bytes: Uint8Array, zero: number): boolean {
  const end = Math.min(bytes.length, SAMPLE) & ~1;
  if (end < 8) return false;
  let wide = 0;
  for (let i = 0; i < end; i += 2) {
    const other = bytes[i + 1 - zero]!;
    if (bytes[i + zero] === 0 && (other >= 32 && other < 127 || other === 10 || other === 13)) {
      wide++;
    }
  }
  return wide > 0.6 * (end / 2);
}

/**
 * Decodes a file that is UTF-16.
 *
 * @param bytes The file.
 * @returns Its text as UTF-8, or null when it is not UTF-16.
 */
export function utf16AsUtf8(bytes: Uint8Array): Uint8Array | null {
  const [first, second] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  if (!isMarked && !bytes.subarray(0, SAMPLE).includes(0)) return null;
  const isLittle = first === 0xff && second === 0xfe || looksWide(bytes, 1);
  const isBig = !isLittle && (first === 0xfe && second === 0xff || looksWide(bytes, 0));
  if (!isLittle && !isBig) return null;
  const text = new TextDecoder(isLittle ? "utf-16le" : "utf-16be").decode(bytes);
  return new TextEncoder().encode(text);
}
