/**
 * Taking over a token that Python's `cryptography` encrypted.
 *
 * @module
 */

import { StoreError } from "../errors.ts";
import { acceptToken } from "./accept.ts";
import type { FernetOptions } from "./fernet.ts";
import { save, type SavedToken, type SaveOptions, secretOf } from "./save.ts";
import { decodeText, readTextFile } from "./text_file.ts";

/** How to open the Fernet file, and how to store what is in it. */
export interface ImportFernetOptions extends SaveOptions, FernetOptions {}

/** Keys under which programs keep the token when they encrypt JSON. */
const JSON_KEYS = ["HF_TOKEN", "token", "hf_token", "huggingface_token", "access_token", "value"];

/**
 * Reads a token that was encrypted with Fernet under a password (PBKDF2-HMAC-SHA256, by default 480
 * 000 rounds) and stores it in the encrypted form of hushbook. The file may hold the token itself,
 * a line `HF_TOKEN=…`, or JSON with the token under a usual name. The file is left as it is; remove
 * it afterwards.
 *
 * Needs `--allow-read` for the file and what `saveToken` needs.
 *
 * @param file The Fernet file.
 * @param options Password, salt and iterations of the file; mode and passphrase of the new one.
 * @returns Where the token is now, and its fingerprint.
 * @throws {StoreError} `store-import` if the file is no Fernet token, or password, salt or rounds
 * do not fit.
 * @throws {TokenError} `token-invalid` if it holds no token.
 */
export async function importFernet(
  file: string,
  options: ImportFernetOptions,
): Promise<SavedToken> {
  const text = await readTextFile(file, "the Fernet file");
  if (text === null) {
    throw new StoreError("store-import", `Cannot import the Fernet file: ${file} does not exist`);
  }
  const { decryptFernet } = await import("./fernet.ts");
  const { plaintext, at } = await decryptFernet(text, options);
  const token = tokenIn(decodeText(plaintext) ?? "");
  plaintext.fill(0);
  const { token: accepted } = acceptToken(token, "the Fernet file");
  // The token is at least as old as the file that held it.
  return await save(secretOf(accepted), { createdAt: at, ...options }, "token.import");
}

function tokenIn(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return value;
    for (const key of JSON_KEYS) {
      const found = (value as Record<string, unknown> | null)?.[key];
      if (typeof found === "string") return found;
    }
  } catch { /* not JSON: the token itself */ }
  return text;
}
