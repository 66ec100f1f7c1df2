/**
 * Looks at every staged blob, and decides what must be refused and what gets cleared.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import type { AllowEntry } from "../notebook/allow.ts";
import type { Finding } from "../notebook/finding.ts";
import { maskName } from "../notebook/mask_name.ts";
import type { ObjectReader } from "./objects.ts";
import type { Policy } from "./policy.ts";
import type { StagedEntry } from "./raw_diff.ts";
import { isNotebookName, type Places, searchEntry } from "./staged.ts";

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
  /** Entries of `.hushbook-allow` that would allow one of the findings, had they not expired. */
  readonly expired: readonly AllowEntry[];
  /** Notebooks that cannot be understood. */
  readonly problems: readonly Problem[];
  /** Notebooks with something to clear. */
  readonly uncleared: readonly Uncleared[];
}

/**
 * Inspects staged entries, one at a time, in the order in which their blobs were asked for.
 *
 * @param entries The entries; {@link ObjectReader.ask} was given the blob of each that has one.
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
  for (const entry of entries) {
    const { name } = entry;
    const { findings: all, content } = await searchEntry(entry, reader, policy.find, places);
    const refused = all.filter((finding) => !policy.allows(finding));
    allowed += all.length - refused.length;
    findings.push(...refused);
    if (content === undefined || !isNotebookName(name)) continue;
    try {
      const { bytes, changed } = policy.clear(content, name);
      if (!changed) continue;
      uncleared.push({ entry, staged: content, cleared: bytes });
      const left = () => policy.find(bytes, name).some((finding) => !policy.allows(finding));
      if (refused.length > 0 && !left()) clearable.push(maskName(name));
    } catch (error) {
      if (!(error instanceof HushbookError)) throw error;
      problems.push({ path: maskName(name), message: error.message });
    }
  }
  const seen = new Set(findings.map(({ fingerprint }) => fingerprint));
  const expired = policy.expired.filter(({ fingerprint }) => seen.has(fingerprint));
  return { findings, clearable, allowed, expired, problems, uncleared };
}
