/**
 * What the pre-commit hook does: inspects what is staged, refuses tokens and damaged notebooks before
 * anything is written, and replaces every staged notebook by its cleared blob.
 *
 * @module
 */

import type { Surroundings } from "./clear.ts";
import type { Inspection } from "./inspect.ts";
import { LfsContent } from "./lfs.ts";
import { ObjectReader } from "./objects.ts";
import type { Prepared } from "./prepared.ts";
import { hasBlob, isKept, stagedEntries } from "./raw_diff.ts";
import { gitText } from "./run.ts";

/** Where the hook runs. */
export interface CommitOptions {
  /** The folder git started the hook in, absolute: the top of the working tree. */
  readonly cwd: string;
  /** Reads the variables git set for the hook. */
  readonly env: (name: string) => string | undefined;
  /** What git has said already. Default: it is asked. */
  readonly prepared?: Prepared | undefined;
}

/** One notebook whose staged blob was replaced. */
export interface Cleared {
  /** The path from the top of the working tree. */
  readonly path: string;
  /** The blob that was staged: it holds the outputs. */
  readonly before: string;
  /** Whether the working file was cleared as well; it is left alone if it held anything else. */
  readonly workingFile: boolean;
}

/** How the hook decided. */
export type CommitOutcome =
  /** Tokens or damaged notebooks: refused, nothing was written. */
  | { readonly decision: "refuse"; readonly seen: Inspection }
  /** Nothing but outputs had changed: refused; working files were left alone. */
  | { readonly decision: "only-outputs"; readonly paths: readonly string[] }
  /** Go on, with these notebooks cleared. */
  | { readonly decision: "commit"; readonly cleared: readonly Cleared[]; readonly allowed: number };

/**
 * Checks and clears what is about to be committed.
 *
 * Needs `--allow-run=git`, and reading and writing in the working tree and the git folder.
 *
 * @param options Folder and environment.
 * @returns The decision. Whatever it throws must refuse the commit too.
 * @throws {GitError} If git fails.
 * @throws {ConfigError} If `hushbook.json` or `.hushbook-allow` is not valid.
 */
export async function checkCommit(
  options: CommitOptions,
): Promise<CommitOutcome> {
  const { cwd, prepared } = options;
  if (prepared?.entries.length === 0) return { decision: "commit", cleared: [], allowed: 0 };
  // Git works while the rest of this program is being loaded.
  await using reader = new ObjectReader({ cwd }, prepared?.source);
  const [entries, where, { POLICY_FILES, readStagedPolicy }, { inspect }] = await Promise.all([
    prepared?.entries ?? stagedEntries({ cwd }),
    surroundings(options),
    import("./policy.ts"),
    import("./inspect.ts"),
  ]);
  if (entries.length === 0) return { decision: "commit", cleared: [], allowed: 0 };
  const kept = entries.filter(isKept);
  const blobs = kept.filter(hasBlob).map(({ id }) => id);
  const asked = reader.ask([...POLICY_FILES, ...blobs], true);
  const seen = await inspect(kept, reader, await readStagedPolicy(reader), {
    top: where.top,
    lfs: new LfsContent(cwd),
  });
  await asked;
  if (seen.findings.length > 0 || seen.problems.length > 0) return { decision: "refuse", seen };
  if (seen.uncleared.length === 0) {
    return { decision: "commit", cleared: [], allowed: seen.allowed };
  }
  const { clear } = await import("./clear.ts");
  return await clear(entries, seen, where);
}

async function surroundings(
  { cwd, env }: Pick<CommitOptions, "cwd" | "env">,
): Promise<Surroundings> {
  const given = env("GIT_INDEX_FILE");
  const indexFile = given === undefined || given === "" || isAbsolute(given)
    ? given || undefined
    : `${cwd}/${given}`;
  const [top, gitFolder] = await Promise.all([
    (env("GIT_DIR") ?? "") === "" && await exists(`${cwd}/.git`)
      ? cwd
      : gitText(["rev-parse", "--show-toplevel"], { cwd }),
    gitFolderOf(indexFile, cwd),
  ]);
  return { top: (await Deno.realPath(top)).replaceAll("\\", "/"), gitFolder, indexFile };
}

/** The git folder: that of its index, but an index of the user's own may lie anywhere. */
async function gitFolderOf(indexFile: string | undefined, cwd: string): Promise<string> {
  const folder = indexFile?.replace(/[\\/][^\\/]*$/u, "");
  if (folder !== undefined && await exists(`${folder}/HEAD`)) return folder;
  return await gitText(["rev-parse", "--path-format=absolute", "--git-dir"], { cwd });
}

function isAbsolute(path: string): boolean {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/u.test(path);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
