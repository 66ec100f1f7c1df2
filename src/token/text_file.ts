/**
 * Reading a small text file that any program may have written.
 *
 * @module
 */

import { TokenError } from "../errors.ts";

/** The most bytes such a file may have. */
const MOST_BYTES = 1024 * 1024;

/**
 * Decodes text as editors and shells write it: UTF-8 with or without BOM, and UTF-16 with BOM,
 * which is what Windows PowerShell's `>` writes. UTF-16 without BOM is told by its zero bytes.
 *
 * @param bytes The file's bytes.
 * @returns The text without BOM, or null if it is in no such encoding.
 */
export function decodeText(bytes: Uint8Array): string | null {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe || bytes[1] === 0 && bytes[0] !== 0
    ? "utf-16le"
    : bytes[0] === 0xfe && bytes[1] === 0xff || bytes[0] === 0 && bytes[1] !== 0
    ? "utf-16be"
    : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/**
 * Reads a text file.
 *
 * @param path The file, absolute.
 * @param what What it is, for errors, such as `the .env file`.
 * @param options `pipes`: also reads what is no regular file, such as a pipe, which can be read
 * only once. Default true.
 * @returns Its text, or null if there is no such file.
 * @throws {TokenError} `token-unreadable` if it is there but cannot be read, is too large, or is no
 * text.
 */
export async function readTextFile(
  path: string,
  what: string,
  options: { readonly pipes?: boolean } = {},
): Promise<string | null> {
  const fail = (why: string) =>
    new TokenError("token-unreadable", `Cannot read ${what} ${path}: ${why}`);
  let bytes: Uint8Array;
  try {
    const info = await Deno.stat(path);
    // A folder of that name is no token; a pipe is somebody's way to hand one over, and is read.
    if (info.isDirectory || (!info.isFile && options.pipes === false)) return null;
    if (info.size > MOST_BYTES) throw fail(`it is larger than ${MOST_BYTES} bytes`);
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof TokenError) throw error;
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    if (error instanceof Deno.errors.NotCapable) throw fail(`add --allow-read=${path}`);
    if (error instanceof Deno.errors.PermissionDenied) {
      throw fail("this user may not; make it readable, or set HF_TOKEN instead");
    }
    throw fail("the system refuses; see that it is a regular file on a healthy disk");
  }
  const text = decodeText(bytes);
  if (text === null) throw fail("it is neither UTF-8 nor UTF-16; save it as UTF-8");
  return text;
}
