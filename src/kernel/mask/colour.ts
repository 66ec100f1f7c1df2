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

/** Where the codes that follow each other from a place on end. */
function codesEnd(text: string, from: number): number {
  let end = from;
  while (text.charCodeAt(end) === 0x1b) {
    const next = codeEnd(text, end);
    if (next === end) break;
    end = next;
  }
  return end;
}

/** Whether a character can be in a code; links and titles hold others too. */
function isOfCode(code: number): boolean {
  return code === 0x1b || code === 0x5b || (code >= 0x30 && code <= 0x3f) ||
    (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/**
 * Finds what the codes split that begin at one place.
 *
 * The quick question first, which spares nearly every coloured output the slow search: whether codes
 * stand between two characters that are neighbours in a secret. Only then the codes are taken out,
 * and only as far as characters of secrets go.
 *
 * @param text Any text.
 * @param escape Where the codes begin.
 * @param floor Nothing before it is looked at again.
 * @param finder What to look for.
 * @param found What is found is added here, as places in the text with its codes.
 * @returns Where to go on looking for codes.
 */
export function findSplitAt(
  text: string,
  escape: number,
  floor: number,
  finder: Finder,
  found: Span[],
): number {
  const before = escape === 0 ? 0 : text.charCodeAt(escape - 1);
  if (!finder.mayHold(before)) return escape + 1;
  const after = codesEnd(text, escape);
  if (after === escape || after >= text.length) return Math.max(after, escape + 1);
  if (!finder.mayJoin(before, text.charCodeAt(after))) return after;
  let start = escape;
  while (start > floor) {
    const code = text.charCodeAt(start - 1);
    if (!finder.mayHold(code) && !isOfCode(code)) break;
    start--;
  }
  let end = after;
  while (end < text.length) {
    const next = codesEnd(text, end);
    if (next === end && !finder.mayHold(text.charCodeAt(end))) break;
    end = Math.max(next, end + 1);
  }
  for (const span of findPlain(text.slice(start, end), finder)) {
    found.push({ start: start + span.start, end: start + span.end });
  }
  return end;
}

/** Finds in the text without its codes; the places are those in the text with them. */
function findPlain(text: string, finder: Finder): Span[] {
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
