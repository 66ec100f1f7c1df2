/**
 * Replacing tokens in a notebook by a text that is none.
 *
 * @module
 */

import type { Cut } from "./cut.ts";
import type { ByteRange, Finding } from "./finding.ts";

/** What stands in the place of a token. It is too short to be one. */
const REDACTED = new TextEncoder().encode("hf_REDACTED");

/**
 * The cuts that replace tokens by `hf_REDACTED`. A token spelled in several pieces (a string cut
 * into lines) is replaced at its first piece and cut from the others. One that has no bytes of its
 * own, as in base64, cannot be replaced.
 *
 * @param findings What was found, with `ranges`.
 * @returns The cuts, none overlapping another.
 */
export function redactionCuts(findings: readonly Finding[]): Cut[] {
  const pieces: (ByteRange & { first: boolean })[] = [];
  for (const { ranges = [] } of findings) {
    ranges.forEach((range, index) => pieces.push({ ...range, first: index === 0 }));
  }
  pieces.sort((a, b) => a.start - b.start || b.end - a.end);
  const cuts: Cut[] = [];
  for (const { start, end, first } of pieces) {
    const last = cuts.at(-1);
    if (last !== undefined && start < last.end) { // the same bytes, found in two ways
      if (end > last.end) cuts[cuts.length - 1] = { ...last, end };
      continue;
    }
    cuts.push({ start, end, ...(first ? { put: REDACTED } : {}) });
  }
  return cuts;
}
