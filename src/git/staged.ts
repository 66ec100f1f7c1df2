/**
 * Searching what is staged: the content behind every entry, and its name.
 *
 * @module
 */

import type { Finding } from "../notebook/finding.ts";
import { findTokens } from "../notebook/find.ts";
import { maskName, mayNameToken } from "../notebook/mask_name.ts";
import { isAnnexPointer, openAnnexed } from "./annex.ts";
import { LfsContent, lfsPointer } from "./lfs.ts";
import { ObjectReader } from "./objects.ts";
import { LARGE, searchPieces } from "./pieces.ts";
import { hasBlob, isKept, isRegular, stagedEntries, type StagedEntry } from "./raw_diff.ts";
import { workTree } from "./repository.ts";

/** Finds tokens in bytes; the path says what kind of file they are. */
export type Search = (bytes: Uint8Array<ArrayBuffer>, path: string) => readonly Finding[];

/** Where LFS content is looked for. */
export interface Places {
  /** The top of the working tree, absolute. */
  readonly top: string;
  /** Where LFS keeps it. */
  readonly lfs: LfsContent;
}

/** One staged entry, searched. */
export interface SearchedEntry {
  /** Every token in its name, its blob, and the content an LFS or annex pointer stands for. */
  readonly findings: readonly Finding[];
  /** The blob, if it is a regular file's own content and not too large to be held. */
  readonly content: Uint8Array<ArrayBuffer> | undefined;
}

/** Whether a path is that of a notebook. */
export function isNotebookName(name: string): boolean {
  return /\.ipynb$/iu.test(name);
}

/**
 * Searches one entry, whose blob is the next answer of the reader if it has one.
 *
 * @param entry The entry; a submodule has a name only.
 * @param reader Where its blob comes from.
 * @param search Finds tokens.
 * @param places Where LFS content is.
 * @returns What was found, and the content.
 * @throws {GitError} If the blob is missing or damaged.
 */
export async function searchEntry(
  entry: StagedEntry,
  reader: ObjectReader,
  search: Search,
  places: Places,
): Promise<SearchedEntry> {
  const { name } = entry;
  // The name is committed as well.
  const findings: Finding[] = mayNameToken(name)
    ? search(entry.path, "").map((found) => ({ ...found, path: maskName(name), field: "name" }))
    : [];
  if (!hasBlob(entry)) return { findings, content: undefined };
  const head = await reader.head(entry.id);
  const whole = isRegular(entry) && isNotebookName(name);
  if (head.size >= LARGE && !whole) {
    findings.push(...await searchPieces(reader.pieces(head), (piece) => search(piece, name)));
    return { findings, content: undefined };
  }
  const content = await reader.bytes(head);
  findings.push(...search(content, name));
  const pointer = isAnnexPointer(content) ? "annex" : lfsPointer(content);
  if (pointer === undefined) {
    return { findings, content: isRegular(entry) ? content : undefined };
  }
  const workingFile = `${places.top}/${name}`;
  const file = pointer === "annex"
    ? await openAnnexed(workingFile)
    : await places.lfs.open(pointer, workingFile);
  if (file !== undefined) {
    findings.push(...await searchPieces(file, (piece) => search(piece, name)));
  }
  return { findings, content: undefined };
}

/**
 * Searches everything that is staged, and changes nothing.
 *
 * Needs `--allow-run=git`; `--allow-read` for the content of LFS files.
 *
 * @param options `cwd`: a folder in the repository, absolute. `notes`: also return long look-alikes;
 * default false.
 * @returns Every token, allowed or not, and how many files were searched. Paths are from the top of
 * the working tree.
 * @throws {GitError} If git fails.
 */
export async function searchStaged(
  { cwd, notes = false }: { readonly cwd: string; readonly notes?: boolean },
): Promise<{ findings: Finding[]; files: number }> {
  const { top } = await workTree(cwd);
  const places: Places = { top, lfs: new LfsContent(top) };
  await using reader = new ObjectReader({ cwd });
  const entries = (await stagedEntries({ cwd })).filter(isKept);
  const asked = reader.ask(entries.filter(hasBlob).map(({ id }) => id), true);
  const findings: Finding[] = [];
  const search: Search = (bytes, path) => findTokens(bytes, { path, notes });
  for (const entry of entries) {
    findings.push(...(await searchEntry(entry, reader, search, places)).findings);
  }
  await asked;
  return { findings, files: entries.length };
}
