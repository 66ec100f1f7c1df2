/**
 * Reads tokens that Python's `cryptography` encrypted with Fernet. Fernet is AES-128-CBC with
 * HMAC-SHA-256, so this only reads; what is read is stored in our own form.
 *
 * @module
 */

import { StoreError } from "../errors.ts";

/** How the Fernet key was made from a password. */
export interface FernetOptions {
  /** The password. */
  readonly password: string;
  /** The salt, as bytes or as base64 text. */
  readonly salt: Uint8Array | string;
  /**
   * Rounds of PBKDF2-HMAC-SHA256. Default 480 000, as the `cryptography` documentation had it in
   * 2022 and 2023.
   */
  readonly iterations?: number;
}

function fail(why: string): StoreError {
  return new StoreError(
    "store-import",
    `Cannot import the Fernet file: ${why}. Nothing was changed`,
  );
}

/** Both alphabets of base64 (RFC 4648), with or without padding. */
function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  const plain = text.trim().replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/]+$/.test(plain)) return null;
  try {
    return Uint8Array.from(atob(plain), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}

/**
 * Decrypts one Fernet token (https://github.com/fernet/spec: version 0x80, time, IV, ciphertext,
 * HMAC).
 *
 * @param text The Fernet token, base64url, as the file holds it.
 * @param options Password, salt, iterations.
 * @returns What was encrypted, and when, in ms since 1970.
 * @throws {StoreError} `store-import` if it is no Fernet token, or the password, salt or rounds do
 * not fit.
 */
export async function decryptFernet(
  text: string,
  options: FernetOptions,
): Promise<{ readonly plaintext: Uint8Array<ArrayBuffer>; readonly at: number }> {
  const { password, iterations = 480_000 } = options;
  const salt = typeof options.salt === "string" ? fromBase64(options.salt) : options.salt;
  if (salt === null || salt.length === 0) throw fail("the salt is not base64");
  if (!Number.isSafeInteger(iterations) || iterations < 1 || iterations > 10_000_000) {
    throw fail("the number of iterations must be between 1 and 10 000 000");
  }
  const bytes = fromBase64(text);
  const blocks = bytes === null ? 0 : (bytes.length - 57) / 16;
  if (bytes === null || bytes[0] !== 0x80 || blocks < 1 || !Number.isInteger(blocks)) {
    throw fail("it is not a Fernet token (base64url that begins with gAAAA)");
  }
  const material = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(password),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: new Uint8Array(salt), iterations };
  const keys = new Uint8Array(await crypto.subtle.deriveBits(derivation, material, 256));
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const signing = await crypto.subtle.importKey("raw", keys.slice(0, 16), hmac, false, ["verify"]);
  const end = bytes.length - 32;
  if (!await crypto.subtle.verify("HMAC", signing, bytes.slice(end), bytes.slice(0, end))) {
    throw fail("password, salt or iterations do not fit, or the file is damaged");
  }
  const aes = await crypto.subtle.importKey("raw", keys.slice(16), "AES-CBC", false, ["decrypt"]);
  keys.fill(0);
  const cipher = { name: "AES-CBC", iv: bytes.slice(9, 25) };
  let plaintext: ArrayBuffer;
  try {
    plaintext = await crypto.subtle.decrypt(cipher, aes, bytes.slice(25, end));
  } catch {
    throw fail("its padding is wrong");
  }
  const seconds = new DataView(bytes.buffer).getBigUint64(1);
  return { plaintext: new Uint8Array(plaintext), at: Number(seconds) * 1000 };
}
