/**
 * Every string of a JSON text, with its place: a forgiving walk that goes on where a parser would
 * give up, keeps duplicate keys, and needs no more memory for deep nesting than the nesting itself.
 *
 * @module
 */

import type { ByteRange } from "./finding.ts";

/** A key (bytes above 0x7F one character each) or an index. */
export type PathStep = string | number;

/** A string, or strings that follow each other in one array, which nbformat joins. */
export interface StringGroup {
  /** What stands between the quotes, as offsets. */
  readonly pieces: readonly ByteRange[];
  /** Whether it is a key of an object rather than a value. */
  readonly isKey: boolean;
  /** Where it is; costs something, so ask only when needed. */
  path(): PathStep[];
}

interface Frame {
  readonly isArray: boolean;
  index: number;
  key: string;
  strings: ByteRange[];
}

/** A key without its escapes; a damaged one as it is. */
function keyText(spelled: string): string {
  if (!spelled.includes("\\")) return spelled;
  try {
    return JSON.parse(`"${spelled}"`) as string;
  } catch {
    return spelled;
  }
}

/** The key or index at which each frame stands. */
function pathOf(frames: readonly Frame[]): PathStep[] {
  return frames.map((frame) => frame.isArray ? frame.index : keyText(frame.key));
}

/** Deeper nesting than this is not a notebook; the raw search still covers it. */
const DEEPEST = 10_000;

/** Index of the quote that ends the string whose text begins at `from`, or -1. */
function closingQuote(raw: string, from: number): number {
  for (let at = raw.indexOf('"', from); at >= 0; at = raw.indexOf('"', at + 1)) {
    let slashes = at;
    while (slashes > from && raw.charCodeAt(slashes - 1) === 92) slashes--;
    if ((at - slashes) % 2 === 0) return at;
  }
  return -1;
}

/**
 * Visits every string of a JSON text. The strings that follow each other in one array are visited
 * together, when the array ends or something else stands there, which nbformat would not join.
 *
 * @param raw The text.
 * @param visit Called once for each group, in the order in which groups end.
 * @returns Whether the text could be walked to its end; if not, what was seen has been visited.
 */
export function walkStrings(raw: string, visit: (group: StringGroup) => void): boolean {
  const stack: Frame[] = [];
  const path = () => pathOf(stack);
  /** Visits the strings that the innermost frame holds. */
  const flush = () => {
    const frame = stack.at(-1);
    if (frame === undefined || frame.strings.length === 0) return;
    const pieces = frame.strings;
    frame.strings = [];
    visit({
      pieces,
      isKey: false,
      path: () => pathOf(stack.slice(0, -1)),
    });
  };
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    const top = stack.at(-1);
    if (code === 34) { // a string
      const end = closingQuote(raw, at + 1);
      if (end < 0) {
        for (; stack.length > 0; stack.pop()) flush();
        return false;
      }
      const piece = { start: at + 1, end };
      at = end;
      if (top?.isArray === true) {
        top.strings.push(piece);
        continue;
      }
      let after = end + 1;
      while (raw.charCodeAt(after) <= 32) after++;
      const isKey = raw.charCodeAt(after) === 58;
      if (isKey && top !== undefined) top.key = raw.slice(piece.start, piece.end);
      visit({ pieces: [piece], isKey, path });
    } else if (code === 91 || code === 123) {
      if (stack.length >= DEEPEST) return false;
      flush();
      stack.push({ isArray: code === 91, index: 0, key: "", strings: [] });
    } else if (code === 93 || code === 125) {
      if (top === undefined || top.isArray !== (code === 93)) return false;
      flush();
      stack.pop();
    } else if (code === 44) {
      if (top?.isArray === true) top.index++;
    } else if (code !== 32 && code !== 10 && code !== 13 && code !== 9) flush();
  }
  const whole = stack.length === 0;
  for (; stack.length > 0; stack.pop()) flush();
  return whole;
}
