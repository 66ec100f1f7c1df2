/**
 * The characters of a token as they were read, and what is told of them.
 *
 * @module
 */

import type { TokenKind, TokenLevel } from "../secret/shape.ts";
import { STEP } from "./find_codes.ts";
import type { SpellingStep } from "./finding.ts";

/** A token read from a text. It holds the token, so it never leaves the search. */
export interface SpelledMatch {
  /** The token itself. */
  readonly token: string;
  /** How sure it is. */
  readonly level: TokenLevel;
  /** The kind of credential; null for a suspect. */
  readonly kind: TokenKind | null;
  /** What was undone, in the order met. */
  readonly chain: readonly SpellingStep[];
  /** Index of its first character in the text. */
  readonly start: number;
  /** Index after its last character. */
  readonly end: number;
  /** The spans of the text that spell it, when they spell nothing else. */
  readonly spans: readonly (readonly [from: number, to: number])[];
}

/** One character of a token. */
export interface Letter {
  readonly code: number;
  readonly start: number;
  readonly end: number;
  /** What was undone for it and for the gap before it. */
  readonly steps: number;
  /** Whether the token may also end before it: after a gap, or where an escape can be read as text. */
  readonly mayEnd: boolean;
}

/**
 * The text that letters make.
 *
 * @param letters The letters.
 * @returns The text.
 */
export function spelled(letters: readonly Letter[]): string {
  let text = "";
  for (const { code } of letters) text += String.fromCharCode(code);
  return text;
}

/**
 * What a token's letters tell of it.
 *
 * @param token The token.
 * @param letters Its letters.
 * @param level How sure it is.
 * @param kind The kind of credential; null for a suspect.
 * @returns The match.
 */
export function describe(
  token: string,
  letters: readonly Letter[],
  level: TokenLevel,
  kind: TokenKind | null,
): SpelledMatch {
  const chain: SpellingStep[] = [];
  const spans: [number, number][] = [];
  for (const [i, letter] of letters.entries()) {
    for (const [name, bit] of Object.entries(STEP)) {
      const step = name as SpellingStep;
      if ((letter.steps & bit) !== 0 && !chain.includes(step)) chain.push(step);
    }
    const last = spans.at(-1);
    if (i > 0 && last![1] === letter.start) last![1] = letter.end;
    else spans.push([letter.start, letter.end]);
  }
  return {
    token,
    level,
    kind,
    chain,
    start: letters[0]!.start,
    end: letters.at(-1)!.end,
    spans,
  };
}
