/**
 * What a commit is about to change, as `git diff --cached --raw -z` tells it.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { asTheyAre, type GitOptions, runGit } from "./run.ts";

/** One path that differs between HEAD and the index. */
export interface StagedEntry {
  /** The path from the top of the working tree, as git keeps it: bytes, `/` between folders. */
  readonly path: Uint8Array<ArrayBuffer>;
  /** The path as text. */
  readonly name: string;
  /** Whether {@link StagedEntry.name} says the path exactly: it is UTF-8, so it can be opened. */
  readonly named: boolean;
  /** The mode in the index, such as `100644`; `000000` if deleted. */
  readonly mode: string;
  /** The blob in the index; zeros if deleted. */
  readonly id: string;
  /** The mode in HEAD; `000000` if new. */
  readonly headMode: string;
  /** The blob in HEAD; zeros if new. */
  readonly headId: string;
}

/** Whether an entry is a regular file, executable or not: no link, no submodule, not deleted. */
export function isRegular(entry: StagedEntry): boolean {
  return entry.mode.startsWith("100");
}

/** Whether an entry is there to be committed: anything but a deletion. */
export function isKept(entry: StagedEntry): boolean {
  return entry.mode !== "000000";
}

/** Whether an entry is a file or a symbolic link: something whose blob gets committed. */
export function hasBlob(entry: StagedEntry): boolean {
  return isRegular(entry) || entry.mode === "120000";
}

/** Lists everything that is staged, a line each. */
export const DIFF_ARGUMENTS = [
  "diff",
  "--cached",
  "--raw",
  "--no-abbrev",
  "--no-color",
  "--no-renames",
  "--no-ext-diff",
  "--no-textconv",
  "--ignore-submodules=none",
  "--no-relative",
  "--",
] as const;

/**
 * Lists what is staged: every path that differs from HEAD, or every path if there is no commit yet.
 * Attributes, textconv, renames, replacements and submodule settings hide nothing; type changes and deletions are
 * listed too.
 *
 * @param options Folder and environment; the index is the one `GIT_INDEX_FILE` names.
 * @returns The entries, in the order of the index. Unmerged paths are left out: git refuses them.
 * @throws {GitError} If git fails.
 */
export async function stagedEntries(options?: GitOptions): Promise<StagedEntry[]> {
  const [command, ...rest] = DIFF_ARGUMENTS;
  const { stdout } = await runGit([command, "-z", ...rest], asTheyAre(options));
  return parseRawDiff(stdout);
}

/**
 * Reads the output of `git diff --raw -z --no-abbrev --no-renames`.
 *
 * @param bytes For each path `:<mode> <mode> <id> <id> <status>`, NUL, path, NUL.
 * @returns The entries, without unmerged ones.
 * @throws {GitError} If the output has another form.
 */
export function parseRawDiff(bytes: Uint8Array<ArrayBuffer>): StagedEntry[] {
  const entries: StagedEntry[] = [];
  const decoder = new TextDecoder();
  const exact = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  for (let at = 0; at < bytes.length;) {
    const middle = bytes.indexOf(0, at);
    const end = bytes.indexOf(0, middle + 1);
    const [headMode, mode, headId, id, status] = decoder.decode(bytes.subarray(at + 1, middle))
      .split(" ");
    if (
      middle < 0 || end < 0 || bytes[at] !== 0x3a || headMode === undefined ||
      mode === undefined || headId === undefined || id === undefined || status === undefined
    ) {
      throw new GitError(
        "git-failed",
        "Cannot read what is staged: git diff answered in another form",
      );
    }
    const path = bytes.slice(middle + 1, end);
    at = end + 1;
    if (status.startsWith("U")) continue;
    let name: string;
    let named = true;
    try {
      name = exact.decode(path);
    } catch {
      name = decoder.decode(path);
      named = false;
    }
    entries.push({ path, name, named, mode, id, headMode, headId });
  }
  return entries;
}
