/**
 * Secrets with colour codes inside: found in the text without the codes, masked in the text with them.
 *
 * @module
 */

import type { Finder, Span } from "./finder.ts";

/** Colours and cursor movements (ECMA-48 control sequences), and links and titles (OSC). */
// deno-lint-ignore no-control-regex
const CODES = /\x1b(?:\[[0-9;:?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))/g;

/** Where the code that begins at an escape character ends, or the same place when it is no code. */
function codeEnd(text: string, escape: number): number {
  const kind = text.charCodeAt(escape + 1);
  if (kind === 0x5b) { // [
    let end = escape + 2;
    let code = text.charCodeAt(end);
    while (code >= 0x30 && code <= 0x3f) code = text.charCodeAt(++end); // digits ; : ?
    return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) ? end + 1 : escape;
  }
  if (kind !== 0x5d) return escape; // ]
  let end = escape + 2;
  while (end < text.length && text.charCodeAt(end) !== 7 && text.charCodeAt(end) !== 0x1b) end++;
  if (text.charCodeAt(end) === 7) return end + 1;
  return text.startsWith("\x1b\\", end) ? end + 2 : escape;
}

/**
 * Whether a code stands between two characters that are neighbours in a secret. This is the quick
 * question that spares nearly every coloured output the slow search.
 */
function mayBeSplit(text: string, finder: Finder): boolean {
  for (let at = text.indexOf("\x1b"); at >= 0;) {
    const before = at === 0 ? 0 : text.charCodeAt(at - 1);
    if (!finder.mayHold(before)) {
      at = text.indexOf("\x1b", at + 1);
      continue;
    }
    let end = codeEnd(text, at);
    // Codes in a row count as one.
    for (let next = end; text.charCodeAt(next) === 0x1b; end = next) {
      next = codeEnd(text, next);
      if (next === end) break;
    }
    if (end > at && end < text.length && finder.mayJoin(before, text.charCodeAt(end))) return true;
    at = text.indexOf("\x1b", Math.max(end, at + 1));
  }
  return false;
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
