/**
 * Secrets with colour codes inside: found in the text without the codes, masked in the text with them.
 *
 * @module
 */

import type { Finder, Span } from "./finder.ts";

/** Colours and cursor movements (ECMA-48 control sequences), and links and titles (OSC). */
// deno-lint-ignore no-control-regex
const CODES = /\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g;

/**
 * Whether a code stands between two characters that are neighbours in a secret. This is the quick
 * question that spares nearly every coloured output the slow search.
 */
function mayBeSplit(text: string, finder: Finder): boolean {
  CODES.lastIndex = text.indexOf("\x1b");
  let before = -1;
  let end = -1;
  for (let match; (match = CODES.exec(text)) !== null;) {
    // Codes in a row count as one.
    if (match.index !== end) {
      if (end >= 0 && before >= 0 && finder.mayJoin(before, text.charCodeAt(end))) return true;
      before = match.index > 0 ? text.charCodeAt(match.index - 1) : -1;
    }
    end = CODES.lastIndex;
  }
  return end >= 0 && end < text.length && before >= 0 &&
    finder.mayJoin(before, text.charCodeAt(end));
}

/**
 * Finds what is split by colour codes.
 *
 * @param text A text that holds an escape character.
 * @param finder What to look for.
 * @returns Where, in the text with its codes.
 */
export function findSplit(text: string, finder: Finder): Span[] {
  if (!mayBeSplit(text, finder)) return [];
  // Each piece between two codes, and where it stands in both texts.
  const pieces: { plain: number; coloured: number }[] = [];
  let plain = "";
  let at = 0;
  const take = (end: number) => {
    if (end > at) pieces.push({ plain: plain.length, coloured: at });
    plain += text.slice(at, end);
  };
  for (const match of text.matchAll(CODES)) {
    take(match.index);
    at = match.index + match[0].length;
  }
  take(text.length);
  const place = (index: number) => {
    let low = 0;
    for (let high = pieces.length; high - low > 1;) {
      const middle = (low + high) >> 1;
      if (pieces[middle]!.plain <= index) low = middle;
      else high = middle;
    }
    return pieces[low]!.coloured + index - pieces[low]!.plain;
  };
  return finder.find(plain).map(({ start, end }) => ({
    start: place(start),
    end: place(end - 1) + 1,
  }));
}

/**
 * The colour codes in a text, to be kept when the text between them goes: a lost code would colour
 * everything after it.
 *
 * @param text The text.
 * @returns The codes alone.
 */
export function codesOf(text: string): string {
  return text.includes("\x1b") ? (text.match(CODES) ?? []).join("") : "";
}
