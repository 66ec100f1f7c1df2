/**
 * Tokens in a decoded text, through any spelling.
 *
 * @module
 */

import type { TokenKind, TokenLevel } from "../secret/shape.ts";
import { searchTokens } from "../secret/shape.ts";
import type { SpellingStep } from "./finding.ts";

/** A token read from a text. It holds the token, so it never leaves the search. */
export interface SpelledMatch {
  /** The token itself. */
  readonly token: string;
  /** How sure it is. */
  readonly level: TokenLevel;
  /** The kind of credential; null for a suspect. */
  readonly kind: TokenKind | null;
  /** What was undone. */
  readonly chain: readonly SpellingStep[];
  /** Index of its first character in the text. */
  readonly start: number;
  /** Index after its last character. */
  readonly end: number;
  /** The spans of the text that spell it, when they spell nothing else. */
  readonly spans: readonly (readonly [from: number, to: number])[];
}

/**
 * Finds tokens in a decoded text.
 *
 * @param text The text.
 * @param _breaks Where pieces were joined: a token may end there though a letter follows.
 * @param notes Whether to return look-alikes too.
 * @returns The matches in order.
 */
export function searchSpelled(
  text: string,
  _breaks: readonly number[],
  notes: boolean,
): SpelledMatch[] {
  return searchTokens(text, { notes }).map((match) => ({
    token: text.slice(match.start, match.end),
    level: match.level,
    kind: match.kind,
    chain: [],
    start: match.start,
    end: match.end,
    spans: [[match.start, match.end]],
  }));
}
