/**
 * Every token in a decoded text, through any spelling.
 *
 * @module
 */

import type { TokenLevel } from "../secret/shape.ts";
import { type SpelledMatch, TokenReader } from "./find_reader.ts";
import { forEachStart } from "./find_starts.ts";

const RANK: Readonly<Record<TokenLevel, number>> = { token: 2, suspect: 1, note: 0 };

/**
 * Finds tokens in a decoded text.
 *
 * @param text The text.
 * @param breaks Where pieces were joined: a token may end there though a letter follows.
 * @param notes Whether to return look-alikes too.
 * @returns The matches in order, none overlapping.
 */
export function searchSpelled(
  text: string,
  breaks: readonly number[],
  notes: boolean,
): SpelledMatch[] {
  const reader = new TokenReader(text, breaks);
  const found: SpelledMatch[] = [];
  forEachStart(text, {
    start(at) {
      const match = reader.read(at, notes);
      if (match !== null) found.push(match);
      return false;
    },
  });
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: SpelledMatch[] = [];
  for (const match of found) {
    const last = kept.at(-1);
    if (last === undefined || match.start >= last.end) kept.push(match);
    else if (RANK[match.level] > RANK[last.level]) kept[kept.length - 1] = match;
  }
  return kept;
}
