/**
 * Finds Hugging Face tokens in a notebook or any other file, by meaning rather than spelling.
 *
 * @module
 */

import { fingerprint } from "../secret/fingerprint.ts";
import type { Finding, SpellingStep } from "./finding.ts";
import { ruleName } from "./finding.ts";
import type { RawFile } from "./find_decode.ts";
import { searchFile } from "./find_file.ts";
import { LineCounter } from "./find_lines.ts";
import { mayHoldToken } from "./find_prefilter.ts";
import { rawText } from "./find_raw.ts";
import { maskName } from "./mask_name.ts";
import { utf16AsUtf8 } from "./find_utf16.ts";

/** How to search. */
export interface FindOptions {
  /** The file's path, for the report; one that ends in `.ipynb` is read as a notebook. */
  readonly path?: string;
  /** Also return long look-alikes, with level `note`. Default false. */
  readonly notes?: boolean;
  /** Also return the bytes that spell each token. Default false. */
  readonly ranges?: boolean;
}

/**
 * Finds tokens in a file's bytes. Notebooks are read as such: every string and key, sources and
 * outputs joined as nbformat joins them; what is no notebook, or a broken one, is searched as text.
 *
 * It is synchronous, takes time in proportion to the file, and never throws, whatever the bytes.
 *
 * @param bytes The file.
 * @param options Its path, and what to return.
 * @returns What was found, in the order of the file. No finding holds the token or any text around it.
 */
export function findTokens(bytes: Uint8Array, options: FindOptions = {}): Finding[] {
  return findEach(bytes, options, (finding) => finding);
}

/**
 * Finds tokens, and hands each to whoever needs more than the place.
 *
 * @param bytes The file.
 * @param options Its path, and what to return.
 * @param make Makes what is returned; it must not let the token get anywhere that shows it.
 * @returns What was made of each, in the order of the file.
 */
export function findEach<T>(
  bytes: Uint8Array,
  options: FindOptions,
  make: (finding: Finding, token: string) => T,
): T[] {
  const { path = "", notes = false, ranges = false } = options;
  const utf8 = utf16AsUtf8(bytes);
  const outer: SpellingStep[] = utf8 === null ? [] : ["utf-16"];
  const file: RawFile = { bytes: utf8 ?? bytes, raw: rawText(utf8 ?? bytes) };
  if (!mayHoldToken(file.bytes, file.raw)) return [];
  const { hits, ids } = searchFile(file, path, notes);
  const shown = maskName(path);
  const lines = new LineCounter(file.raw, true);
  return hits.map((hit): T => {
    const { match, place } = hit;
    const { line: fileLine, column: fileColumn } = lines.at(hit.start);
    const id = place.cell === undefined ? undefined : ids.get(place.cell);
    const finding: Finding = {
      path: shown,
      ...(place.cell === undefined
        ? {}
        : { cell: { index: place.cell, ...(id === undefined ? {} : { id }) } }),
      field: place.field,
      line: hit.line,
      column: hit.column,
      fileLine,
      fileColumn,
      level: match.level,
      rule: ruleName(match.kind, match.level),
      kind: match.kind,
      chain: [...outer, ...match.chain],
      length: match.token.length,
      fingerprint: fingerprint(match.token),
      inOutput: place.inOutput,
      ...(ranges ? { ranges: utf8 === null ? hit.ranges : [] } : {}),
    };
    return make(finding, match.token);
  });
}
