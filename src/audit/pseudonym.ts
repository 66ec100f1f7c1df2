/**
 * Names for users that are not their names.
 *
 * @module
 */

import { hmacSha256, sha256 } from "../secret/sha256.ts";
import { type EnvReader, openStateFolder } from "../state/folder.ts";
import type { Notice } from "../state/open_private_file.ts";
import { removePrivateFile } from "../state/private_file.ts";
import { openKey } from "./key.ts";
import { AuditLog } from "./log.ts";

/** How {@link pseudonym} makes a name. */
export interface PseudonymOptions {
  /**
   * `hmac` (default): HMAC-SHA-256 under this machine's key. `sha256`: plain SHA-256, the same on
   * every machine. **Whoever has a list of possible ids can find out whose a plain hash is**: an
   * e-mail address in a fraction of a second. Use it only for ids that cannot be guessed.
   */
  readonly method?: "hmac" | "sha256";
  /** The private folder, absolute. Default: as `stateFolder` says. */
  readonly folder?: string;
  /** Environment to find the folder by. Default: this process's. */
  readonly env?: EnvReader;
  /** Is told, in one sentence, about repairs. Default: nobody is told. */
  readonly onNotice?: Notice;
}

const KEY = "pseudonym.key";

/**
 * Gives a user id a name of 16 hexadecimal digits, the same each time on this machine, for the
 * audit log. Without the machine's key nobody can tell whose it is, nor try out ids.
 *
 * A pseudonym is still personal data (GDPR, Article 4(5)): tell people that their calls are logged,
 * and why; ask them where you must; keep the log no longer than you need (`AuditLog.purge`). When
 * someone wants to be forgotten, {@link erasePseudonyms} deletes the key: no record can then be
 * traced to anyone, while the log, whose lines cannot be changed, still verifies. Another route is
 * `purge`. Nothing of this leaves the machine.
 *
 * Needs `--allow-read` and `--allow-write` for the private folder, `--allow-sys=uid`, and
 * `--allow-env` for finding it; with `sha256` nothing.
 *
 * @param id The user's id; not empty. Composed and decomposed Unicode count as the same.
 * @param options Method and folder.
 * @returns 16 hexadecimal digits. Two of 10 000 users share one with a chance of 3 in 10¹².
 * @throws {RangeError} When the id is empty.
 * @throws {StateError} When the key cannot be read or made.
 * @throws {AuditError} `audit-key` when it is damaged.
 *
 * @example The same person, the same name
 * ```ts
 * import { pseudonym } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = `${await Deno.makeTempDir()}/hushbook`;
 * const name = await pseudonym("ada@example.com", { folder });
 * assert.match(name, /^[0-9a-f]{16}$/);
 * assert.equal(await pseudonym("ada@example.com", { folder }), name);
 * ```
 */
export async function pseudonym(id: string, options: PseudonymOptions = {}): Promise<string> {
  if (typeof id !== "string" || id === "") {
    throw new RangeError("Cannot make a pseudonym: the id must be a text that is not empty");
  }
  const text = new TextEncoder().encode(id.normalize("NFC"));
  if (options.method === "sha256") return sha256(text).slice(0, 16);
  const folder = await openStateFolder(options);
  return hmacSha256(openKey(`${folder}/${KEY}`, options.onNotice))(text).slice(0, 16);
}

/**
 * Deletes the key of {@link pseudonym} and records that in the audit log: from then on no pseudonym
 * in any log of this machine can be traced to a person, and the same person gets a new one.
 *
 * @param options The folder.
 * @returns Whether there was a key.
 * @throws {AuditError} When it cannot be recorded: then the key stays.
 * @throws {StateError} When the key cannot be removed.
 *
 * @example Forget who was who
 * ```ts
 * import { erasePseudonyms, pseudonym } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = `${await Deno.makeTempDir()}/hushbook`;
 * const before = await pseudonym("ada@example.com", { folder });
 * assert.equal(await erasePseudonyms({ folder }), true);
 * assert.notEqual(await pseudonym("ada@example.com", { folder }), before);
 * ```
 */
export async function erasePseudonyms(
  options: Omit<PseudonymOptions, "method"> = {},
): Promise<boolean> {
  const folder = await openStateFolder(options);
  using log = new AuditLog({ ...options, folder });
  await log.append({ event: "pseudonym.erase", outcome: "ok" });
  return await removePrivateFile(`${folder}/${KEY}`);
}
