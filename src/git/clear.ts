/**
 * Replacing staged notebooks by their cleared blobs, in the index and, where it holds nothing else, in
 * the working file.
 *
 * @module
 */

import type { Cleared, CommitOutcome } from "./commit.ts";
import { indexEntries, replaceEntries, type Replacement, writeBlobs } from "./index_file.ts";
import type { Inspection } from "./inspect.ts";
import type { StagedEntry } from "./raw_diff.ts";
import { runGit } from "./run.ts";
import { editsAreSetAside } from "./set_aside.ts";
import { clearWorkingFiles, removeLeftovers, workingFile } from "./working_files.ts";

/** A hook's surroundings, asked from git only where they are not plain to see. */
export interface Surroundings {
  /** The top of the working tree, absolute, symbolic links resolved. */
  readonly top: string;
  /** The git folder, absolute. */
  readonly gitFolder: string;
  /** `GIT_INDEX_FILE`, absolute; undefined for the repository's own index. */
  readonly indexFile: string | undefined;
}

/**
 * Clears what was inspected and found to hold outputs and no token.
 *
 * @param entries Everything that is staged.
 * @param inspection What was seen.
 * @param surroundings Where.
 * @returns The decision: to commit, or that nothing but outputs had changed.
 * @throws {GitError} If git fails.
 */
export async function clear(
  entries: readonly StagedEntry[],
  { uncleared, allowed }: Inspection,
  { top, gitFolder, indexFile }: Surroundings,
): Promise<CommitOutcome> {
  const asked = Promise.all([
    writeBlobs(uncleared.map(({ cleared }) => cleared), gitFolder, top),
    indexEntries({ top, indexFile }, uncleared.map(({ entry }) => entry)),
  ]);
  // Git works meanwhile.
  const files = uncleared.map((notebook) => workingFile(top, notebook));
  const [ids, held] = await asked;
  const replacements = uncleared.map(({ entry }, at): Replacement => ({ entry, id: ids[at]! }));
  const onlyOutputs = nothingLeft(entries, replacements) && !await concludesMerge(top);
  await replaceEntries(replacements, { top, indexFile }, held);
  if (onlyOutputs) {
    return { decision: "only-outputs", paths: uncleared.map(({ entry }) => entry.name) };
  }
  const written = editsAreSetAside(gitFolder) ? [] : await clearWorkingFiles(files, uncleared);
  const cleared = uncleared.map((notebook, at): Cleared => ({
    path: notebook.entry.name,
    before: notebook.entry.id,
    workingFile: written[at] ?? false,
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
