/**
 * Looks at every staged blob, and decides what must be refused and what gets cleared.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import type { Finding } from "../notebook/finding.ts";
import { maskTokens } from "../secret/mask.ts";
import { lfsPointer, openLfsContent } from "./lfs.ts";
import type { ObjectReader } from "./objects.ts";
import { LARGE, searchPieces } from "./pieces.ts";
import type { Policy } from "./policy.ts";
import { hasBlob, isRegular, type StagedEntry } from "./raw_diff.ts";

/** A staged notebook that is not what should be committed. */
export interface Uncleared {
  /** The entry as it is staged. */
  readonly entry: StagedEntry;
  /** The staged blob. */
  readonly staged: Uint8Array<ArrayBuffer>;
  /** The blob to commit instead. */
  readonly cleared: Uint8Array;
}

/** A staged notebook that cannot be understood. */
export interface Problem {
  /** The path from the top of the working tree. */
  readonly path: string;
  /** Why, and what to do. */
  readonly message: string;
}

/** What was seen in the staged blobs. */
export interface Inspection {
  /** Every token seen that is not allowed. */
  readonly findings: readonly Finding[];
  /**
   * Notebooks that would hold no token after clearing: only outputs hold theirs. Paths from the top
   * of the working tree.
   */
  readonly clearable: readonly string[];
  /** How many tokens were seen that are allowed. */
  readonly allowed: number;
  /** Notebooks that cannot be understood. */
  readonly problems: readonly Problem[];
  /** Notebooks with something to clear. */
  readonly uncleared: readonly Uncleared[];
}

/** Whether a path is that of a notebook. */
export function isNotebookName(name: string): boolean {
  return /\.ipynb$/iu.test(name);
}

/** Where LFS content is looked for. */
export interface Places {
  /** The top of the working tree, absolute. */
  readonly top: string;
  /** The git folder, absolute. */
  readonly gitFolder: string;
}

/**
 * Inspects the blobs of staged entries, one at a time, in the order in which they were asked for.
 *
 * @param entries The entries, as given to {@link ObjectReader.ask} (those that have a blob).
 * @param reader Where their blobs come from.
 * @param policy How they are searched and cleared.
 * @param places Where LFS content is.
 * @returns What was seen. Nothing is written.
 * @throws {GitError} If a blob is missing or damaged.
 */
export async function inspect(
  entries: readonly StagedEntry[],
  reader: ObjectReader,
  policy: Policy,
  places: Places,
): Promise<Inspection> {
  const findings: Finding[] = [];
  const problems: Problem[] = [];
  const uncleared: Uncleared[] = [];
  const clearable: string[] = [];
  let allowed = 0;
  for (const entry of entries.filter(hasBlob)) {
    const { name } = entry;
    const shown = maskTokens(name);
    const before = findings.length;
    const note = (found: readonly Finding[]) => {
      const refused = found.filter((finding) => !policy.allows(finding));
      allowed += found.length - refused.length;
      findings.push(...refused);
    };
    // The name is committed as well.
    note(policy.find(entry.path, "").map((found) => ({ ...found, path: shown, field: "name" })));
    const head = await reader.head(entry.id);
    if (head.size >= LARGE && !(isNotebookName(name) && isRegular(entry))) {
      note(await searchPieces(reader.pieces(head), (piece) => policy.find(piece, name)));
      continue;
    }
    const staged = await reader.bytes(head);
    note(policy.find(staged, name));
    const pointer = lfsPointer(staged);
    if (pointer !== undefined) {
      const content = await openLfsContent(pointer, places.gitFolder, `${places.top}/${name}`);
      if (content !== undefined) {
        note(await searchPieces(content, (piece) => policy.find(piece, name)));
      }
    } else if (isRegular(entry) && isNotebookName(name)) {
      try {
        const { bytes, changed } = policy.clear(staged, name);
        if (changed) uncleared.push({ entry, staged, cleared: bytes });
        const left = () => policy.find(bytes, name).some((finding) => !policy.allows(finding));
        if (changed && findings.length > before && !left()) clearable.push(name);
      } catch (error) {
        if (!(error instanceof HushbookError)) throw error;
        problems.push({ path: shown, message: error.message });
      }
    }
  }
  return { findings, clearable, allowed, problems, uncleared };
}
