/**
 * Writing blobs and index entries: what the hook changes in the index that is being committed.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { joinBytes } from "./bytes.ts";
import { type GitOptions, gitText, runGit } from "./run.ts";
import type { StagedEntry } from "./raw_diff.ts";

/** One entry that gets another blob; path and mode stay. */
export interface Replacement {
  /** The entry as it is staged. */
  readonly entry: StagedEntry;
  /** The id of the blob it gets. */
  readonly id: string;
}

/** What an empty pipe takes at once, in bytes (64 KiB on Linux, 16 KiB on macOS). */
const PIPE = 16_384;

/** The index a hook works on. */
export interface IndexPlace {
  /** The top of the working tree, absolute: where git commands run. */
  readonly top: string;
  /** `GIT_INDEX_FILE` as git set it, absolute; undefined for the repository's own index. */
  readonly indexFile: string | undefined;
}

/**
 * Writes blobs, all by one git process.
 *
 * @param contents What to write.
 * @param folder Where temporary files may be made: the git folder.
 * @param top Where git runs.
 * @returns The ids, in the same order.
 * @throws {GitError} If git fails, or a temporary file cannot be written.
 */
export async function writeBlobs(
  contents: readonly Uint8Array[],
  folder: string,
  top: string,
): Promise<string[]> {
  if (contents.length === 0) return [];
  // A path with a line end cannot be told to git this way; standard input always can.
  if (contents.length === 1 || folder.includes("\n")) {
    return await Promise.all(
      contents.map((input) =>
        gitText(["hash-object", "-w", "--no-filters", "--stdin"], { cwd: top, input })
      ),
    );
  }
  await removeOldTemporaries(folder);
  const temporary = await Deno.makeTempDir({ dir: folder, prefix: "hushbook-" });
  try {
    const paths = contents.map((_, at) => `${temporary}/${at}`);
    for (const [at, path] of paths.entries()) {
      await Deno.writeFile(path, contents[at]!, { mode: 0o600, createNew: true });
    }
    const ids = await gitText(["hash-object", "-w", "--no-filters", "--stdin-paths"], {
      cwd: top,
      input: paths.join("\n") + "\n",
    });
    return ids.split("\n");
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

/** Removes what hooks that were killed more than an hour ago left in the git folder. */
async function removeOldTemporaries(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || !/^hushbook-[0-9a-f]+$/u.test(name)) continue;
    const { mtime } = await Deno.stat(`${folder}/${name}`);
    if (mtime !== null && mtime.getTime() < Date.now() - 3_600_000) {
      await Deno.remove(`${folder}/${name}`, { recursive: true });
    }
  }
}

/**
 * Puts other blobs into the index being committed, modes kept. `git commit PATH` builds a second
 * index, and git puts the real one, locked, in place after the commit: it is changed too, where it
 * still holds the same blob.
 *
 * @param replacements What to put in.
 * @param place The index.
 * @param held What {@link indexEntries} said of the index being committed.
 * @throws {GitError} If git fails, or has given up the commit. Nothing was changed then in the index
 * being committed.
 */
export async function replaceEntries(
  replacements: readonly Replacement[],
  place: IndexPlace,
  held: ReadonlyMap<string, IndexEntry>,
): Promise<void> {
  if (replacements.length === 0) return;
  refuseGoneIndex(place.indexFile);
  await updateIndex(replacements, place, held);
  const real = lockedIndexBeside(place.indexFile);
  if (real === undefined) return;
  const lock = { top: place.top, indexFile: real };
  try {
    const real = await indexEntries(lock, replacements.map(({ entry }) => entry));
    const same = replacements.filter(({ entry }) =>
      real.get(byteKey(entry.path))?.blob === `${entry.mode} ${entry.id} 0`
    );
    await updateIndex(same, lock, real);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function updateIndex(
  replacements: readonly Replacement[],
  place: IndexPlace,
  held: ReadonlyMap<string, IndexEntry>,
): Promise<void> {
  if (replacements.length === 0) return;
  const lines = replacements.map(({ entry, id }) =>
    joinBytes(`${entry.mode} ${id} 0\t`, entry.path, "\0")
  );
  for (const input of joinUpTo(PIPE, lines)) {
    await whenUnlocked(["update-index", "-z", "--index-info"], { ...options(place), input });
  }
  // Git gives a new entry no marks: those of the old one are set again.
  for (const [option, mark] of MARKS) {
    const again = replacements.filter(({ entry }) => held.get(byteKey(entry.path))?.[mark]);
    const paths = again.map(({ entry }) => joinBytes(entry.path, "\0"));
    for (const input of joinUpTo(PIPE, paths)) {
      await whenUnlocked(["update-index", option, "-z", "--stdin"], { ...options(place), input });
    }
  }
}

const MARKS = [
  ["--skip-worktree", "skipped"],
  ["--assume-unchanged", "assumed"],
] as const;

/**
 * Joins lines into inputs that fit into an empty pipe as a whole. Git takes what it was sent when its
 * input ends, and a line cut off in the middle of a path would name another path: this way a killed
 * hook has sent all of it or nothing.
 */
function joinUpTo(limit: number, lines: readonly Uint8Array[]): Uint8Array<ArrayBuffer>[] {
  const inputs: Uint8Array<ArrayBuffer>[] = [];
  for (let from = 0; from < lines.length;) {
    let length = 0;
    let to = from;
    do length += lines[to++]!.length; while (
      to < lines.length && length + lines[to]!.length <= limit
    );
    inputs.push(joinBytes(...lines.slice(from, to)));
    from = to;
  }
  return inputs;
}

/**
 * Runs git, and again for a second while another git process holds the lock of the index: editors
 * refresh it in the background.
 */
async function whenUnlocked(args: readonly string[], where: GitOptions): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      await runGit(args, where);
      return;
    } catch (error) {
      const locked = error instanceof GitError && error.message.includes(".lock'");
      if (!locked || attempt === 20) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What an index holds for one path, as far as it matters here. */
export interface IndexEntry {
  /** `<mode> <id> <stage>`. */
  readonly blob: string;
  /** Whether it is marked skip-worktree: outside a sparse checkout, or by hand. */
  readonly skipped: boolean;
  /** Whether it is marked assume-unchanged. */
  readonly assumed: boolean;
}

/** So many paths are named to git; for more it lists the whole index. */
const NAMED = 100;

/**
 * Looks up entries of an index.
 *
 * @param place The index.
 * @param wanted The entries to look for, by their paths.
 * @returns What is there, and perhaps more, keyed by {@link byteKey} of the path.
 * @throws {GitError} If git fails.
 */
export async function indexEntries(
  place: IndexPlace,
  wanted: readonly StagedEntry[],
): Promise<Map<string, IndexEntry>> {
  const all = wanted.length > NAMED || !wanted.every(({ named }) => named);
  const { stdout } = await runGit([
    "--literal-pathspecs",
    "ls-files",
    "-v",
    "-s",
    "-z",
    "--",
    ...(all ? [] : wanted.map(({ name }) => name)),
  ], options(place));
  const entries = new Map<string, IndexEntry>();
  for (const line of byteKey(stdout).split("\0")) {
    const tab = line.indexOf("\t");
    if (tab < 0) continue;
    const mark = line[0]!; // In lower case if assumed to be unchanged (git-ls-files, "-v").
    entries.set(line.slice(tab + 1), {
      blob: line.slice(2, tab),
      skipped: mark.toUpperCase() === "S",
      assumed: mark !== mark.toUpperCase(),
    });
  }
  return entries;
}

/** Git would make a new index where there is none: a lock file that nobody removes. */
function refuseGoneIndex(indexFile: string | undefined): void {
  try {
    if (indexFile !== undefined) Deno.lstatSync(indexFile);
  } catch (error) {
    // An index of the user's own may lie where it cannot be looked at; git's locks do not.
    if (!(error instanceof Deno.errors.NotFound)) return;
    throw new GitError(
      "git-failed",
      "Cannot update the index: it is gone, so git has given up this commit; commit again",
    );
  }
}

/** The real index, held under git's lock, while the index of `git commit PATH` is being made. */
function lockedIndexBeside(indexFile: string | undefined): string | undefined {
  const found = indexFile === undefined ? null : /^(.*\/)next-index-\d+\.lock$/su.exec(indexFile);
  if (found === null) return undefined;
  const lock = `${found[1]}index.lock`;
  try {
    return Deno.lstatSync(lock).isFile ? lock : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new GitError("git-failed", "Cannot update the index: its lock file cannot be looked at");
  }
}

function options({ top, indexFile }: IndexPlace): { cwd: string; env?: Record<string, string> } {
  return indexFile === undefined ? { cwd: top } : { cwd: top, env: { GIT_INDEX_FILE: indexFile } };
}

/** Bytes as a key: each byte one character, so that paths that are not UTF-8 stay apart. */
function byteKey(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
