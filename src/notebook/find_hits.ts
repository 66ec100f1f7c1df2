/**
 * Hits: tokens read from a file, each with its place, before they become findings. The same token in
 * the same bytes can be reached on several ways; one is kept.
 *
 * @module
 */

import type { TokenLevel } from "../secret/shape.ts";
import type { ByteRange, SpellingStep } from "./finding.ts";
import { type EncodedText, forEachEncoded } from "./find_encoded.ts";
import { forEachNumbers } from "./find_numbers.ts";
import { LineCounter } from "./find_lines.ts";
import type { Passage } from "./find_passage.ts";
import type { Place } from "./find_place.ts";
import { DEEPEST_ENCODING } from "./find_prefilter.ts";
import type { SpelledMatch } from "./find_letters.ts";
import { searchSpelled } from "./find_spelled.ts";

/** A token and its place. It holds the token, so it never leaves the search. */
export interface Hit {
  /** The token. */
  readonly match: Pick<SpelledMatch, "token" | "level" | "kind" | "chain">;
  /** Where in the notebook. */
  readonly place: Place;
  /** Line in the field, counted from 1. */
  readonly line: number;
  /** Column in that line, counted from 1. */
  readonly column: number;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset after its last byte. */
  readonly end: number;
  /** The bytes that spell it and nothing else. */
  readonly ranges: readonly ByteRange[];
}

/**
 * Searches a passage.
 *
 * @param passage The passage.
 * @param place Called for its place when something is found.
 * @param notes Whether look-alikes count.
 * @returns The hits in order.
 */
export function searchPassage(passage: Passage, place: () => Place, notes: boolean): Hit[] {
  const lines = new LineCounter(passage.text, false);
  return searchSpelled(passage.text, passage.breaks, notes).map((match) => {
    const ranges = match.spans.flatMap(([from, to]) => passage.bytes(from, to));
    return {
      match,
      place: place(),
      ...lines.at(match.start),
      start: ranges[0]!.start,
      end: ranges.at(-1)!.end,
      ranges,
    };
  });
}

/** A token found inside base64 or hexadecimal, and about where it is spelled. */
export interface EncodedMatch {
  /** The token. */
  readonly match: Hit["match"];
  /** Offset of the first character that spells it. */
  readonly offset: number;
  /** Offset after the first of the characters that spell its end. */
  readonly end: number;
}

/**
 * Searches everything that is encoded in a file, encodings within encodings included.
 *
 * @param bytes The file.
 * @param raw The same, one character per byte.
 * @param notes Whether look-alikes count.
 * @param outer The encodings that were undone already.
 * @returns The matches.
 */
export function searchEncoded(
  bytes: Uint8Array,
  raw: string,
  notes: boolean,
  outer: readonly SpellingStep[] = [],
): EncodedMatch[] {
  const found: EncodedMatch[] = [];
  const search = ({ text, encoding, offsetOf }: EncodedText) => {
    const chain = [...outer, encoding];
    for (const match of searchSpelled(text, [], notes)) {
      found.push({
        match: { ...match, chain: [...chain, ...match.chain] },
        offset: offsetOf(match.start),
        end: offsetOf(match.end - 1) + 1,
      });
    }
    if (chain.length < DEEPEST_ENCODING) {
      const inner = Uint8Array.from(text, (char) => char.charCodeAt(0));
      for (const { match, offset, end } of searchEncoded(inner, text, notes, chain)) {
        found.push({ match, offset: offsetOf(offset), end: offsetOf(end - 1) + 1 });
      }
    }
    return false;
  };
  forEachEncoded(bytes, raw, search);
  forEachNumbers(raw, search);
  return found;
}

const RANK: Readonly<Record<TokenLevel, number>> = { token: 2, suspect: 1, note: 0 };

/**
 * Keeps one hit of those that touch the same bytes: the surest, and of equals the one that comes
 * first in the list.
 *
 * @param hits The hits, better routes first.
 * @returns Those kept, in the order of the file.
 */
export function withoutRepeats(hits: readonly Hit[]): Hit[] {
  const order = new Map(hits.map((hit, i) => [hit, i]));
  const better = (a: Hit, b: Hit) =>
    RANK[b.match.level] - RANK[a.match.level] || order.get(a)! - order.get(b)!;
  const sorted = [...hits].sort((a, b) => a.start - b.start || better(a, b));
  const kept: Hit[] = [];
  for (const hit of sorted) {
    const last = kept.at(-1);
    if (last === undefined || hit.start >= last.end) kept.push(hit);
    else if (better(hit, last) < 0) kept[kept.length - 1] = hit;
  }
  return kept;
}
