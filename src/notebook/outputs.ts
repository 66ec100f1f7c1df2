/**
 * Which outputs of a cell stay: by its marks, by size, by type.
 *
 * @module
 */

import {
  decodeScalar,
  type Element,
  isObject,
  type Member,
  readArray,
  readObject,
} from "./json.ts";
import { type JsonSource, skipSpace, skipString } from "./json_skip.ts";

/** The rules that decide about single outputs. */
export interface OutputRules {
  /** Outputs of at most this size stay; 0 for none. */
  readonly maxSize: number;
  /** Types that always go, as `output_type` or `output_type:name`. */
  readonly dropOutputType: readonly string[];
  /** Types that stay, written in the same way. */
  readonly keepOutputType: readonly string[];
}

function scalarOf(bytes: Uint8Array, members: readonly Member[], key: string): unknown {
  const member = members.findLast((candidate) => candidate.key === key);
  if (member === undefined || bytes[member.value] !== 34) return undefined;
  return decodeScalar(bytes, member.value, member.end);
}

function hasType(
  bytes: Uint8Array,
  members: readonly Member[],
  types: readonly string[],
): boolean {
  return types.some((wanted) => {
    const [type, name] = wanted.split(":");
    return scalarOf(bytes, members, "output_type") === type &&
      (name === undefined || scalarOf(bytes, members, "name") === name);
  });
}

/** Length of a string's text in characters; `start` and `end` include the quotes. */
function textLength(bytes: Uint8Array, start: number, end: number): number {
  return [...decodeScalar(bytes, start, end) as string].length;
}

/**
 * The size of a value as nbstripout counts it: the characters of all strings in it (keys do not
 * count), numbers by their digits, `True`, `False` and `None` by their letters. Base64 images count
 * by their encoded text.
 *
 * @param source The file.
 * @param start Position of the value.
 * @param end Position after it.
 * @returns Its size in characters.
 */
export function outputSize(source: JsonSource, start: number, end: number): number {
  const { bytes } = source;
  let size = 0;
  for (let at = start; at < end;) {
    const byte = bytes[at]!;
    if (byte === 34) {
      const after = skipString(source, at);
      const isKey = bytes[skipSpace(bytes, after)] === 58;
      if (!isKey) size += textLength(bytes, at, after);
      at = after;
    } else if (byte === 110) { // null, in Python None
      size += 4;
      at += 4;
    } else {
      const counts = byte === 43 || byte === 45 || byte === 46 || (byte >= 48 && byte <= 57) ||
        (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122);
      if (counts) size++;
      at++;
    }
  }
  return size;
}

/** One output that stays, with its members. */
export interface KeptOutput extends Element {
  /** Its members; none when it is no object. */
  readonly members: readonly Member[];
}

/**
 * Decides about each output of a cell, in nbstripout's order: size and types to keep first (where
 * the cell is not kept, or types to keep are named), then types to drop.
 *
 * @param source The file.
 * @param outputs The member `outputs`.
 * @param keep Whether the cell's outputs are kept.
 * @param rules The rules about single outputs.
 * @returns All outputs in order, and those that stay.
 */
export function chooseOutputs(
  source: JsonSource,
  outputs: Member,
  keep: boolean,
  rules: OutputRules,
): { all: readonly Element[]; kept: ReadonlyMap<Element, KeptOutput> } {
  const { bytes } = source;
  const { maxSize, dropOutputType, keepOutputType } = rules;
  const all = readArray(source, outputs.value).elements;
  const kept = new Map<Element, KeptOutput>();
  for (const output of all) {
    const members = isObject(bytes, output.start) ? readObject(source, output.start).members : [];
    const stays = (keep && keepOutputType.length === 0) ||
      (maxSize > 0 && outputSize(source, output.start, output.end) <= maxSize) ||
      hasType(bytes, members, keepOutputType);
    if (stays && !hasType(bytes, members, dropOutputType)) {
      kept.set(output, { ...output, members });
    }
  }
  return { all, kept };
}
