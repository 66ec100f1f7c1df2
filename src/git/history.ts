/**
 * Searching what is committed: every blob once, commits and tags with their authors and messages, and
 * the names of files, branches and tags.
 *
 * @module
 */

import type { Finding } from "../notebook/finding.ts";
import { findTokens } from "../notebook/find.ts";
import { findInName } from "../notebook/find_name.ts";
import { type ObjectHead, ObjectReader } from "./objects.ts";
import { LARGE, searchPieces } from "./pieces.ts";
import { asTheyAre, type GitOptions, gitText, runGit, startGit } from "./run.ts";

/** A token in the history. */
export interface HistoryFinding extends Finding {
  /** The commit it entered with; the tag itself for a tag's message. */
  readonly commit: string;
}

/** The field of a token in the name of a branch, a tag or another ref. */
export const REF_NAME = "ref name";

/** Whether a finding is in a commit or in what it brought, so that a rebase can take it out. */
export function isInCommit({ field }: Finding): boolean {
  return field !== REF_NAME && !field.startsWith("tag ");
}

/** Which part of the history to search. */
export interface HistoryOptions {
  /** A folder in the repository, absolute. */
  readonly cwd: string;
  /**
   * Revisions as `git rev-list --stdin` reads them, one a line. Default: all that refs, HEAD and every
   * entry of the stash reach, and the names of the refs.
   */
  readonly revisions?: readonly string[];
  /** Remotes whose branches, as they were last seen, need no search. Default none. */
  readonly exceptRemote?: string;
  /** Also return long look-alikes, with level `note`. Default false. */
  readonly notes?: boolean;
  /** Is told now and then how many objects have been read. */
  readonly onProgress?: (objects: number) => void;
}

/** What was searched. */
export interface HistoryResult {
  /** Every token, in the order in which it entered, oldest first. */
  readonly findings: readonly HistoryFinding[];
  /** How many blobs, commits and tags were read. */
  readonly objects: number;
}

/** An object that was asked for, and what is known about it besides. */
interface Asked {
  readonly id: string;
  /** The first path it was seen under; empty for a commit. */
  readonly path: string;
  /** The commit that brought it. */
  readonly commit: string;
}

/**
 * Searches the history. Each object is read once, through one `git cat-file --batch`, and forgotten
 * again, so memory stays bounded whatever the repository.
 *
 * Needs `--allow-run=git`.
 *
 * @param options Which part, and who is told of the progress.
 * @returns The tokens found, with the commit and path where each entered.
 * @throws {GitError} If git fails or an object is damaged.
 */
export async function searchHistory(options: HistoryOptions): Promise<HistoryResult> {
  const { cwd, notes = false, onProgress } = options;
  const findings: HistoryFinding[] = [];
  let objects = 0;
  const git = asTheyAre({ cwd });
  if (options.revisions === undefined) findings.push(...await searchRefNames(git, notes));
  await using reader = new ObjectReader(git);
  for await (const batch of listObjects(git, options)) {
    const asked = reader.ask(batch.map(({ id }) => id));
    for (const object of batch) {
      const head = await reader.head(object.id);
      const search = (bytes: Uint8Array) => searchObject(bytes, head.type, object, notes);
      findings.push(
        ...findInName(object.path, { notes }).map((found) => ({ ...found, commit: object.commit })),
      );
      if (head.type === "tree") await reader.skip(head);
      else if (head.size >= LARGE) {
        findings.push(...await searchPieces(reader.pieces(head), search));
      } else findings.push(...search(await reader.bytes(head)));
      if (++objects % 500 === 0) onProgress?.(objects);
    }
    await asked;
  }
  await reader.finish();
  onProgress?.(objects);
  return { findings, objects };
}

/**
 * Searches the name of a ref, which is published with it.
 *
 * @param name The whole name, such as `refs/heads/main`.
 * @param commit What it points to.
 * @param notes Whether look-alikes count.
 * @returns What was found.
 */
export function searchRefName(name: string, commit: string, notes: boolean): HistoryFinding[] {
  return findInName(name, { notes }).map((found) => ({ ...found, field: REF_NAME, commit }));
}

async function searchRefNames(git: GitOptions, notes: boolean): Promise<HistoryFinding[]> {
  const refs = await gitText(["for-each-ref", "--format=%(objectname) %(refname)"], git);
  return refs.split("\n").flatMap((line) => {
    const cut = line.indexOf(" ");
    return searchRefName(line.slice(cut + 1), line.slice(0, cut), notes);
  });
}

/** What only the list of stash entries reaches: all but the newest. */
async function stashEntries(git: GitOptions): Promise<string[]> {
  const { stdout, code } = await runGit(["rev-list", "--walk-reflogs", "refs/stash", "--"], {
    ...git,
    exits: [0, 128], // there is none
  });
  return code === 0 ? new TextDecoder().decode(stdout).split("\n").filter((id) => id !== "") : [];
}

/** Lists objects in batches: each commit, oldest first, then what it brought. */
async function* listObjects(
  git: GitOptions,
  { revisions, exceptRemote }: HistoryOptions,
): AsyncGenerator<Asked[]> {
  await using list = startGit([
    "rev-list",
    "--objects",
    "--in-commit-order",
    "--topo-order",
    "--reverse",
    "--ignore-missing",
    ...(revisions === undefined ? ["--all", "HEAD"] : []),
    "--stdin",
    ...(exceptRemote === undefined ? [] : ["--not", `--remotes=${exceptRemote}`]),
  ], git);
  const more = revisions ?? await stashEntries(git);
  if (more.length > 0) await list.write(`${more.join("\n")}\n`);
  await list.closeInput();
  let commit = "";
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of list.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    const batch = lines.map((line): Asked => {
      const cut = line.indexOf(" ");
      if (cut < 0) commit = line; // Only a commit has no name after it.
      return cut < 0
        ? { id: line, path: "", commit }
        : { id: line.slice(0, cut), path: line.slice(cut + 1), commit };
    });
    for (let from = 0; from < batch.length; from += 1000) yield batch.slice(from, from + 1000);
  }
  await list.finish();
}

function searchObject(
  bytes: Uint8Array,
  type: ObjectHead["type"],
  { id, path, commit }: Asked,
  notes: boolean,
): HistoryFinding[] {
  if (type === "blob") {
    return findTokens(bytes, { path, notes }).map((found) => ({ ...found, commit }));
  }
  // A message follows the header (author, committer, a tag's name) after an empty line.
  let start = 0;
  while (start < bytes.length && !(bytes[start] === 0x0a && bytes[start + 1] === 0x0a)) start++;
  const search = (part: Uint8Array, name: string) =>
    findTokens(part, { notes }).map((found) => ({
      ...found,
      field: `${type} ${name}`,
      commit: type === "tag" ? id : commit,
    }));
  return [
    ...search(bytes.subarray(0, start), "header"),
    ...search(bytes.subarray(start + 2), "message"),
  ];
}
