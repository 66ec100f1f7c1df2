/**
 * What a hook of the pre-commit framework does: clears and searches named working files. The framework
 * has set unstaged edits aside, so the files are what is staged; writing the index there would lose
 * those edits, so only the files are written, and the framework refuses the commit.
 *
 * @module
 */

import { FileError, NotebookError } from "../errors.ts";
import { readVersion } from "../notebook/file.ts";
import { replaceVersion } from "../notebook/replace.ts";
import type { Finding } from "../notebook/finding.ts";
import { maskName } from "../notebook/mask_name.ts";
import type { Problem } from "./inspect.ts";
import { LARGE, searchPieces } from "./pieces.ts";
import { type Policy, stagedPolicy } from "./policy.ts";
import { workTree } from "./repository.ts";
import { isNotebookName } from "./staged.ts";

/** What was seen and done. */
export interface FixResult {
  /** Every token seen that is not allowed, in cleared outputs too. */
  readonly findings: readonly Finding[];
  /** Files that still hold a token: it is written in them. */
  readonly written: readonly string[];
  /** Notebooks that were cleared. */
  readonly cleared: readonly string[];
  /** Files that could not be read, understood or written; they are as they were. */
  readonly problems: readonly Problem[];
}

/**
 * Clears and searches files. Settings and allowed tokens are those of the index.
 *
 * Needs `--allow-run=git`, and reading and writing the files.
 *
 * @param cwd The folder the paths are relative to, absolute, in a repository.
 * @param paths The files.
 * @returns What was seen and done. Nothing of it means that the commit may go on.
 * @throws {GitError} If git fails.
 * @throws {ConfigError} If `hushbook.json` or `.hushbook-allow` is not valid.
 */
export async function fixFiles(cwd: string, paths: readonly string[]): Promise<FixResult> {
  const { top } = await workTree(cwd);
  const policy = await stagedPolicy(top);
  const result = {
    findings: [] as Finding[],
    written: [] as string[],
    cleared: [] as string[],
    problems: [] as Problem[],
  };
  const inTree = cwd.startsWith(`${top}/`) ? `${cwd.slice(top.length + 1)}/` : "";
  for (const path of paths) {
    try {
      await fixFile(`${cwd}/${path}`, `${inTree}${path}`, policy, result);
    } catch (error) {
      if (!(error instanceof NotebookError || error instanceof FileError)) throw error;
      result.problems.push({ path: maskName(path), message: error.message });
    }
  }
  return result;
}

async function fixFile(
  file: string,
  path: string,
  policy: Policy,
  result: { findings: Finding[]; written: string[]; cleared: string[] },
): Promise<void> {
  const search = (bytes: Uint8Array) =>
    policy.find(bytes, path).filter((finding) => !policy.allows(finding));
  if (!isNotebookName(path) && await sizeOf(file) >= LARGE) {
    const findings = await searchPieces((await Deno.open(file)).readable, search);
    result.findings.push(...findings);
    if (findings.length > 0) result.written.push(path);
    return;
  }
  const version = readVersion(file);
  const findings = search(version.bytes);
  result.findings.push(...findings);
  const { bytes, changed } = isNotebookName(path)
    ? policy.clear(version.bytes, path)
    : { bytes: version.bytes, changed: false };
  if (findings.length > 0 && search(bytes).length > 0) result.written.push(path);
  if (changed && replaceVersion(version, bytes)) result.cleared.push(path);
}

/** The size of a file in bytes; 0 when it cannot be told, for then reading it says why. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await Deno.stat(file)).size;
  } catch {
    return 0;
  }
}
