/**
 * What the pre-commit hook does: inspects what is staged, refuses tokens and damaged notebooks before
 * anything is written, and replaces every staged notebook by its cleared blob.
 *
 * @module
 */

import { replaceEntries, type Replacement, writeBlobs } from "./index_file.ts";
import { inspect, type Inspection } from "./inspect.ts";
import { ObjectReader } from "./objects.ts";
import { POLICY_FILES, readStagedPolicy } from "./policy.ts";
import { hasBlob, stagedEntries, type StagedEntry } from "./raw_diff.ts";
import { gitText, runGit } from "./run.ts";
import { clearWorkingFile, removeLeftovers, workingFile } from "./working_files.ts";

/** Where the hook runs. */
export interface CommitOptions {
  /** The folder git started the hook in, absolute: the top of the working tree. */
  readonly cwd: string;
  /** Reads the variables git set for the hook. */
  readonly env: (name: string) => string | undefined;
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

/** A hook's surroundings, asked from git only where they are not plain to see. */
interface Surroundings {
  readonly top: string;
  readonly gitFolder: string;
  readonly indexFile: string | undefined;
}

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
  const { cwd } = options;
  // Started before the list is known, so that it is ready by then.
  await using reader = new ObjectReader({ cwd });
  const configAsked = reader.ask(POLICY_FILES);
  const entries = await stagedEntries({ cwd });
  if (entries.length === 0) return { decision: "commit", cleared: [], allowed: 0 };
  const blobs = entries.filter(hasBlob);
  const asked = configAsked.then(() => reader.ask(blobs.map(({ id }) => id), true));
  const policy = await readStagedPolicy(reader);
  const where = await surroundings(options);
  const seen = await inspect(blobs, reader, policy, where);
  await asked;
  if (seen.findings.length > 0 || seen.problems.length > 0) return { decision: "refuse", seen };
  if (seen.uncleared.length === 0) {
    return { decision: "commit", cleared: [], allowed: seen.allowed };
  }
  return await clear(entries, seen, where);
}

async function clear(
  entries: readonly StagedEntry[],
  { uncleared, allowed }: Inspection,
  { top, gitFolder, indexFile }: Surroundings,
): Promise<CommitOutcome> {
  const ids = await writeBlobs(uncleared.map(({ cleared }) => cleared), gitFolder, top);
  const replacements = uncleared.map(({ entry }, at): Replacement => ({ entry, id: ids[at]! }));
  const onlyOutputs = nothingLeft(entries, replacements) && !await concludesMerge(top);
  const files = uncleared.map((notebook) => workingFile(top, notebook));
  const sparse = files.some(({ state }) => state === "absent");
  await replaceEntries(replacements, { top, indexFile }, sparse);
  if (onlyOutputs) {
    return { decision: "only-outputs", paths: uncleared.map(({ entry }) => entry.name) };
  }
  const cleared = uncleared.map((notebook, at): Cleared => ({
    path: notebook.entry.name,
    before: notebook.entry.id,
    workingFile: clearWorkingFile(files[at]!, notebook),
  }));
  removeLeftovers(top, cleared.flatMap(({ path, workingFile }) => workingFile ? [path] : []));
  return { decision: "commit", cleared, allowed };
}

/** Whether the commit would be the same tree as HEAD. */
function nothingLeft(
  entries: readonly StagedEntry[],
  replacements: readonly Replacement[],
): boolean {
  const now = new Map(replacements.map(({ entry, id }) => [entry, id]));
  return entries.every((entry) =>
    entry.headMode === entry.mode && entry.headId === (now.get(entry) ?? entry.id)
  );
}

/** Whether an empty commit is right, since it records a merge, a cherry-pick or a revert. */
async function concludesMerge(top: string): Promise<boolean> {
  const codes = await Promise.all(
    ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD"].map(async (name) =>
      (await runGit(["rev-parse", "-q", "--verify", name], { cwd: top, exits: [0, 1] })).code
    ),
  );
  return codes.includes(0);
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
    indexFile?.replace(/[\\/][^\\/]*$/u, "") ??
      gitText(["rev-parse", "--path-format=absolute", "--git-dir"], { cwd }),
  ]);
  return { top: (await Deno.realPath(top)).replaceAll("\\", "/"), gitFolder, indexFile };
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
