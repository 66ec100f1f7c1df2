/**
 * Private keys of 32 random bytes, one per file: made once, by whichever process is first.
 *
 * @module
 */

import { AuditError } from "../errors.ts";
import type { Notice } from "../state/open_private_file.ts";
import { createPrivateFile, readPrivateFileSync } from "../state/private_file.ts";

/**
 * Reads a key file: 64 hexadecimal digits and a line end.
 *
 * @param path Absolute path in the private folder.
 * @param onNotice Is told when permissions had to be tightened.
 * @returns The key's 32 bytes, or null when there is no such file.
 * @throws {AuditError} `audit-key` when the file is damaged.
 * @throws {StateError} When the file is not safe to read.
 */
export function readKey(path: string, onNotice?: Notice): Uint8Array<ArrayBuffer> | null {
  const bytes = readPrivateFileSync(path, { maxBytes: 200, ...(onNotice && { onNotice }) });
  if (bytes === null) return null;
  const text = new TextDecoder().decode(bytes);
  if (!/^[0-9a-f]{64}\r?\n?$/.test(text)) {
    throw new AuditError(
      "audit-key",
      `Cannot read the key ${path}: it is damaged; put a backup of it back, or remove it: what was ` +
        `made with the old key can then no longer be checked`,
    );
  }
  return Uint8Array.fromHex(text.slice(0, 64)) as Uint8Array<ArrayBuffer>;
}

/**
 * Reads a key file and makes it when it is not there. Two processes at once get the same key, and a
 * process killed meanwhile leaves a whole key or none.
 *
 * @param path Absolute path in the private folder, which must be there.
 * @param onNotice Is told when permissions had to be tightened.
 * @returns The key's 32 bytes.
 * @throws {AuditError} `audit-key` when the file is damaged.
 * @throws {StateError} When the file is not safe or cannot be made.
 */
export function openKey(path: string, onNotice?: Notice): Uint8Array<ArrayBuffer> {
  const present = readKey(path, onNotice);
  if (present !== null) return present;
  const key = crypto.getRandomValues(new Uint8Array(32));
  const made = createPrivateFile(path, new TextEncoder().encode(`${key.toHex()}\n`));
  return made ? key : readKey(path, onNotice) ?? openKey(path, onNotice);
}
