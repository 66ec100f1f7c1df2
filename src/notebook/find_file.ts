/**
 * The thorough search of one file that may hold something: a notebook's strings, what is encoded
 * anywhere in its bytes, and the text as it stands.
 *
 * @module
 */

import type { RawFile } from "./find_decode.ts";
import {
  type EncodedMatch,
  type Hit,
  searchEncoded,
  searchPassage,
  withoutRepeats,
} from "./find_hits.ts";
import { LineCounter } from "./find_lines.ts";
import { searchNotebook } from "./find_notebook.ts";
import { Passage } from "./find_passage.ts";
import type { Place } from "./find_place.ts";

/** The place of what is found in a file that is no notebook, or outside a notebook's strings. */
const IN_TEXT: Place = { field: "text", cell: undefined, inOutput: false };

function isNotebook(raw: string, path: string): boolean {
  if (/\.ipynb$/i.test(path)) return true;
  return /^(?:\xef\xbb\xbf)?\s{0,100}\{/.test(raw) && raw.includes('"nbformat"');
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Searches the text as it stands, without the structure of a notebook. */
function searchWhole(file: RawFile, encoded: readonly EncodedMatch[], notes: boolean): Hit[] {
  const { raw, bytes } = file;
  // A binary file is searched byte by byte: decoding it would lose what it holds.
  const decoding = isUtf8(bytes) ? "utf-8" : "bytes";
  const passage = new Passage(file, [{ start: 0, end: bytes.length }], decoding);
  const hits = searchPassage(passage, () => IN_TEXT, notes);
  const lines = new LineCounter(raw, true);
  for (const { match, offset, end } of encoded) {
    hits.push({ match, place: IN_TEXT, ...lines.at(offset), start: offset, end, ranges: [] });
  }
  return hits;
}

/** What was found in a file. */
export interface FileHits {
  /** The hits, in order, each token in its place once. */
  readonly hits: readonly Hit[];
  /** The ids of a notebook's cells, by index. */
  readonly ids: ReadonlyMap<number, string>;
}

/**
 * Searches a file thoroughly.
 *
 * @param file The file.
 * @param path Its path, which may say that it is a notebook.
 * @param notes Whether look-alikes count.
 * @returns Everything found.
 */
export function searchFile(
  file: RawFile,
  path: string,
  notes: boolean,
): FileHits {
  const encoded = searchEncoded(file.bytes, file.raw, notes);
  const { hits, ids } = isNotebook(file.raw, path)
    ? searchNotebook(file, encoded, notes)
    : { hits: [], ids: new Map<number, string>() };
  return { hits: withoutRepeats([...hits, ...searchWhole(file, encoded, notes)]), ids };
}
