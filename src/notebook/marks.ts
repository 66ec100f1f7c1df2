/**
 * What a notebook says about itself: `keep_output`, `init_cell` and tags, read as nbstripout does.
 *
 * @module
 */

import { shapeDamage } from "./damage.ts";
import { decodeScalar, isArray, isObject, type Member, readArray } from "./json.ts";
import { type JsonSource, skipSpace } from "./json_skip.ts";
import type { ObjectSpan } from "./outline.ts";

/** The last member of that name, which is the one every JSON reader takes. */
function lastMember(spans: readonly ObjectSpan[], key: string): Member | undefined {
  return spans.at(-1)?.members.findLast((member) => member.key === key);
}

/**
 * Whether a value counts as yes: not false, null, zero, nor empty (Python's rule, as in
 * nbstripout).
 */
function isTruthy(bytes: Uint8Array, { value, end }: Member): boolean {
  if (isObject(bytes, value) || isArray(bytes, value)) {
    return skipSpace(bytes, value + 1) !== end - 1;
  }
  const text = new TextDecoder().decode(bytes.subarray(value, Math.min(end, value + 64)));
  if (text.startsWith('"')) return end - value > 2;
  return /^(true|-?Infinity|NaN|-?[\d.]*[1-9])/.test(text);
}

/**
 * The tags of a cell.
 *
 * @param source The file.
 * @param metadata The cell's metadata.
 * @returns Its tags, none when it has none.
 */
export function cellTags(source: JsonSource, metadata: readonly ObjectSpan[]): string[] {
  const tags = lastMember(metadata, "tags");
  if (tags === undefined || !isArray(source.bytes, tags.value)) return [];
  return readArray(source, tags.value).elements
    .filter(({ start }) => source.bytes[start] === 34)
    .map(({ start, end }) => decodeScalar(source.bytes, start, end) as string);
}

/**
 * Whether the whole notebook asks for its outputs to be kept.
 *
 * @param source The file.
 * @param metadata The notebook's metadata.
 * @returns What its `keep_output` says, or undefined when it says nothing.
 */
export function notebookKeepsOutput(
  source: JsonSource,
  metadata: readonly ObjectSpan[],
): boolean | undefined {
  const mark = lastMember(metadata, "keep_output");
  return mark === undefined ? undefined : isTruthy(source.bytes, mark);
}

/**
 * Whether a cell asks for its outputs to be kept: `init_cell` decides where it stands, else
 * `keep_output` as metadata or as a tag.
 *
 * @param source The file.
 * @param metadata The cell's metadata.
 * @param stripInitCells Whether `init_cell: true` does not protect the outputs.
 * @returns What the cell says, or undefined when it says nothing.
 * @throws {NotebookError} When `keep_output` is false as metadata and present as a tag.
 */
export function cellKeepsOutput(
  source: JsonSource,
  metadata: readonly ObjectSpan[],
  stripInitCells: boolean,
): boolean | undefined {
  if (metadata.length === 0 || metadata.at(-1)!.members.length === 0) return undefined;
  const init = lastMember(metadata, "init_cell");
  if (init !== undefined) return isTruthy(source.bytes, init) && !stripInitCells;
  const mark = lastMember(metadata, "keep_output");
  const keep = mark === undefined ? undefined : isTruthy(source.bytes, mark);
  if (!cellTags(source, metadata).includes("keep_output")) return keep;
  if (mark !== undefined && keep === false) {
    throw shapeDamage(
      source.bytes,
      mark.start,
      "this cell's metadata says keep_output false and its tags say keep_output; remove one of them",
    );
  }
  return true;
}
