/**
 * Where in an output a secret stands, colour codes inside or not.
 *
 * @module
 */

import { findSplitAt } from "./colour.ts";
import { type Finder, joined, type Span } from "./finder.ts";
import { ROOM, type Sieve, sieve } from "./sieve.ts";

/** From this length on the sieve is worth its call. */
const LONG = 2048;
/** What of the next part is in the sieve too: the codes that begin in this one. */
const AHEAD = 1024;
/** After a part that is not ASCII, so many are not tried at most: most of such texts is not. */
const MOST_SKIPPED = 16;

/**
 * Finds every secret in a text.
 *
 * @param text Any text.
 * @param finder What to look for.
 * @returns Where, in order, overlapping ones joined.
 */
export function search(text: string, finder: Finder): Span[] {
  const coloured = text.includes("\x1b");
  if (!coloured && text.length < LONG) return finder.find(text);
  const found: Span[] = [];
  const places = { grid: 0, codes: 0, floor: 0 };
  const size = text.length < LONG ? LONG : ROOM - AHEAD - 1;
  let skip = 0, skipNext = 1;
  for (let from = 0; from < text.length; from += size) {
    const end = Math.min(from + size, text.length);
    let part: Sieve | undefined;
    if (skip > 0) skip--;
    else if (size > LONG && (coloured || isDense(text, (from + end) >> 1))) {
      part = sieve(text, Math.max(0, from - 1), Math.min(end + AHEAD, text.length), finder);
      if (part === undefined) {
        skip = skipNext;
        skipNext = Math.min(2 * skipNext, MOST_SKIPPED);
      }
    }
    searchPlain(text, end, finder, places, found, part);
    if (coloured) searchSplit(text, end, finder, places, found, part);
  }
  return joined(found);
}

/**
 * Whether a text has no space near a place, as pictures in base64. At such text JavaScript must look
 * twice at most places; at words and code it is as quick as the sieve, and need not copy.
 */
function isDense(text: string, middle: number): boolean {
  return !text.slice(middle - 64, middle + 64).includes(" ");
}

/** Where the search goes on. */
interface Places {
  /** On the finder's grid. */
  grid: number;
  /** The next character that may begin a colour code. */
  codes: number;
  /** No secret that reaches back before it can be split by a code after it. */
  floor: number;
}

/** Looks at the places of the grid up to the part's end, the last one with what follows it. */
function searchPlain(
  text: string,
  end: number,
  finder: Finder,
  places: Places,
  found: Span[],
  part: Sieve | undefined,
): void {
  const { grid } = finder;
  if (part === undefined) finder.findIn(text, places.grid, end, found);
  else {
    const last = Math.min(end + 2, text.length);
    for (let at = part.triple(places.grid, last); at < last; at = part.triple(at + grid, last)) {
      finder.verify(text, at, found);
    }
  }
  places.grid += Math.max(0, Math.ceil((end - places.grid) / grid)) * grid;
}

/** Looks at the codes that begin before the part's end. */
function searchSplit(
  text: string,
  end: number,
  finder: Finder,
  places: Places,
  found: Span[],
  part: Sieve | undefined,
): void {
  while (places.codes < end) {
    const escape = part === undefined
      ? finder.nextSplit(text, places.codes)
      : part.split(places.codes);
    if (escape < end) {
      places.codes = places.floor = findSplitAt(text, escape, places.floor, finder, found);
    } else places.codes = part === undefined ? escape : end; // a part knows nothing after its end
  }
}
