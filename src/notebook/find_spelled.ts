/**
 * Every token in a decoded text, through any spelling.
 *
 * @module
 */

import type { TokenLevel } from "../secret/shape.ts";
import { foldForms } from "./find_forms.ts";
import { readAlone, readReversed, type Rearranged } from "./find_rearranged.ts";
import type { SpelledMatch } from "./find_letters.ts";
import { TokenReader } from "./find_reader.ts";
import { forEachStart } from "./find_starts.ts";

const RANK: Readonly<Record<TokenLevel, number>> = { token: 2, suspect: 1, note: 0 };

function spelledAs({ token, kind, step, start, end }: Rearranged): SpelledMatch {
  return { token, level: "token", kind, chain: [step], start, end, spans: [[start, end]] };
}

function searchText(text: string, breaks: readonly number[], notes: boolean): SpelledMatch[] {
  const reader = new TokenReader(text, breaks);
  const found: SpelledMatch[] = [];
  const take = (match: SpelledMatch | null) => {
    if (match !== null) found.push(match);
    return false;
  };
  const rearranged = (one: Rearranged | null) => take(one === null ? null : spelledAs(one));
  forEachStart(text, {
    start: (at) => take(reader.read(at, notes)),
    reversed: (underscore) => rearranged(readReversed(text, underscore)),
    alone: (underscore) => rearranged(readAlone(text, underscore)),
  });
  return found;
}

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
  const found = searchText(text, breaks, notes);
  const folded = foldForms(text);
  if (folded !== null) {
    const { from } = folded;
    const own = new Set(found.map(({ start }) => start));
    for (const match of searchText(folded.text, [], notes)) {
      const start = from[match.start]!;
      if (own.has(start)) continue;
      found.push({
        ...match,
        chain: ["compatibility", ...match.chain],
        start,
        end: from[match.end]!,
        spans: match.spans.map(([first, last]) => [from[first]!, from[last]!]),
      });
    }
  }
  found.sort((a, b) => a.start - b.start || b.end - a.end);
  const kept: SpelledMatch[] = [];
  for (const match of found) {
    const last = kept.at(-1);
    if (last === undefined || match.start >= last.end) kept.push(match);
    else if (RANK[match.level] > RANK[last.level]) kept[kept.length - 1] = match;
  }
  return kept;
}
