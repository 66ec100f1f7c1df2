/**
 * What the checked-in files of a repository say, made ready to be followed.
 *
 * @module
 */

import { type AllowEntry, AllowList, parseAllow } from "../notebook/allow.ts";
import type { Finding } from "../notebook/finding.ts";
import { findTokens } from "../notebook/find.ts";
import { NO_SETTINGS, optionsFor, parseSettings } from "../notebook/settings.ts";
import { ObjectReader } from "./objects.ts";
import { stripNotebook, type StripResult } from "../notebook/strip.ts";

/** How files of one repository are searched and cleared. */
export interface Policy {
  /**
   * Finds tokens in any bytes.
   *
   * @param bytes The content.
   * @param path Its path from the top of the working tree.
   * @returns Every finding, allowed ones too.
   */
  find(bytes: Uint8Array, path: string): Finding[];
  /**
   * Clears a notebook.
   *
   * @param bytes The notebook.
   * @param path Its path from the top of the working tree.
   * @returns The cleared notebook.
   * @throws {NotebookError} If it cannot be understood.
   */
  clear(bytes: Uint8Array, path: string): StripResult;
  /**
   * Whether a finding is allowed by `.hushbook-allow`.
   *
   * @param finding The finding.
   * @returns True if an entry names it.
   */
  allows(finding: Finding): boolean;
  /** Entries of `.hushbook-allow` whose day is over. */
  readonly expired: readonly AllowEntry[];
}

/** Where the checked-in files are in the index, in the order in which {@link readStagedPolicy} reads. */
export const POLICY_FILES: readonly string[] = [":hushbook.json", ":.hushbook-allow"];

/**
 * Reads the policy from answers to {@link POLICY_FILES}.
 *
 * @param reader A reader that was asked for them.
 * @returns What the files in the index say.
 * @throws {ConfigError} If one is not valid.
 * @throws {GitError} If git fails.
 */
export async function readStagedPolicy(reader: ObjectReader): Promise<Policy> {
  const next = async () => {
    const head = await reader.next();
    const bytes = head === null ? null : await reader.bytes(head);
    // With an intent to add, the index holds an empty file: nothing that will be committed.
    return bytes?.length === 0 ? null : bytes;
  };
  return readPolicy(await next(), await next());
}

/**
 * Reads the policy of a repository's index.
 *
 * @param top The top of the working tree, absolute.
 * @returns What the files in the index say.
 * @throws {ConfigError} If one is not valid.
 * @throws {GitError} If git fails.
 */
export async function stagedPolicy(top: string): Promise<Policy> {
  await using reader = new ObjectReader({ cwd: top });
  const asked = reader.ask(POLICY_FILES, true);
  const policy = await readStagedPolicy(reader);
  await asked;
  return policy;
}

/**
 * Reads the checked-in files. There is no other way to change what is refused.
 *
 * @param settings `hushbook.json`; null if there is none.
 * @param allow `.hushbook-allow`; null if there is none.
 * @returns What they say.
 * @throws {ConfigError} If one is not valid.
 */
export function readPolicy(settings: Uint8Array | null, allow: Uint8Array | null): Policy {
  const list = new AllowList(allow === null ? [] : parseAllow(new TextDecoder().decode(allow)));
  const parsed = settings === null ? NO_SETTINGS : parseSettings(settings);
  return {
    find: (bytes, path) => findTokens(bytes, { path }),
    clear: (bytes, path) => stripNotebook(bytes, optionsFor(parsed, path)),
    allows: (finding) => list.allows(finding),
    expired: list.expired,
  };
}
