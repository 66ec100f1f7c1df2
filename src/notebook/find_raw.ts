/**
 * Bytes as a string of one character per byte, which the engine searches at the speed of memory.
 *
 * @module
 */

/** Node's Buffer, as far as it is used here. It is a global of Deno and loads at first use. */
interface Latin1 {
  readonly prototype: { latin1Slice(this: Uint8Array, start: number, end: number): string };
}

/** Loading Buffer takes about 4 ms, copying 15 kB without it 0.1 ms; from here on it pays. */
const BUFFER_PAYS = 512 * 1024;
const CHUNK = 8192;
let copied = 0;

/**
 * The bytes as a string with one character, U+0000 to U+00FF, for each.
 *
 * @param bytes The bytes.
 * @returns A string of the same length.
 */
export function rawText(bytes: Uint8Array): string {
  copied += bytes.length;
  if (copied > BUFFER_PAYS) {
    const { prototype } = (globalThis as unknown as { Buffer: Latin1 }).Buffer;
    return prototype.latin1Slice.call(bytes, 0, bytes.length);
  }
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    // Not spread: until the engine has warmed up, that takes ten times as long.
    text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK) as unknown as number[]);
  }
  return text;
}
