/**
 * Proves, at the speed of memory, that a file holds no token in any spelling that is understood. Most
 * files hold none, and are never decoded or parsed.
 *
 * It reads the raw bytes with the same reader as the search, more tolerantly where a JSON notebook
 * may hide a joint (the end of one string of a list and the start of the next), and asks only
 * whether enough letters follow a prefix.
 *
 * @module
 */

import { SUSPECT_MINIMUM } from "../secret/shape.ts";
import { type EncodedText, forEachEncoded } from "./find_encoded.ts";
import { mayHaveForms } from "./find_forms.ts";
import { forEachNumbers } from "./find_numbers.ts";
import { readAlone, readReversed } from "./find_rearranged.ts";
import { TokenReader } from "./find_reader.ts";
import { forEachStart } from "./find_starts.ts";

/** How deep encodings may be nested in each other. */
export const DEEPEST_ENCODING = 3;

/** An escape cut short by the end of its JSON string: the rest may be in the next one. */
const CUT_ESCAPE = /\\(?:[uxU][0-9a-fA-F]{0,7}|[0-3][0-7]?|\\)"/y;

function mayBeSpelled(raw: string): boolean {
  const reader = new TokenReader(raw, [], { raw: true });
  return forEachStart(raw, {
    start: (at) => reader.measure(at) >= SUSPECT_MINIMUM,
    reversed: (underscore) => readReversed(raw, underscore) !== null,
    alone: (underscore) => readAlone(raw, underscore) !== null,
    wide: () => true,
    cut: (underscore) => reader.measureAfter(underscore) >= SUSPECT_MINIMUM,
    // No encoder escapes letters; one that did could hide base64 from the samples.
    letter: (marker) =>
      raw.charCodeAt(marker) === 92 && raw.charCodeAt(marker - 1) !== 92 &&
      raw.charCodeAt(marker + 1) === 117,
    broken: (marker) => {
      CUT_ESCAPE.lastIndex = marker;
      return CUT_ESCAPE.test(raw);
    },
  });
}

function mayBeEncoded(bytes: Uint8Array, raw: string, depth: number): boolean {
  const mayHold = ({ text }: EncodedText) =>
    mayBeSpelled(text) || (depth < DEEPEST_ENCODING &&
      mayBeEncoded(Uint8Array.from(text, (char) => char.charCodeAt(0)), text, depth + 1));
  return forEachEncoded(bytes, raw, mayHold) || forEachNumbers(raw, mayHold);
}

/**
 * Whether a file may hold a token.
 *
 * @param bytes The file.
 * @param raw The same, one character per byte.
 * @returns False only if it certainly holds none.
 */
export function mayHoldToken(bytes: Uint8Array, raw: string): boolean {
  return mayBeSpelled(raw) || mayHaveForms(raw) || mayBeEncoded(bytes, raw, 1);
}
