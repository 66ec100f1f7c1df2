/**
 * Finds Hugging Face tokens in a notebook or any other text file, by meaning rather than spelling.
 *
 * @module
 */

import { fingerprint } from "../secret/fingerprint.ts";
import { searchTokens } from "../secret/shape.ts";
import type { ByteRange, Finding } from "./finding.ts";
import { ruleName } from "./finding.ts";
import type { RawFile } from "./find_decode.ts";
import { Passage } from "./find_passage.ts";
import { namePlace, type Place } from "./find_place.ts";
import { rawText } from "./find_raw.ts";
import { searchSpelled, type SpelledMatch } from "./find_spelled.ts";
import { type PathStep, walkStrings } from "./find_strings.ts";

/** How to search. */
export interface FindOptions {
  /** The file's path, for the report; one that ends in `.ipynb` is read as a notebook. */
  readonly path?: string;
  /** Also return long look-alikes, with level `note`. Default false. */
  readonly notes?: boolean;
  /** Also return the bytes that spell each token. Default false. */
  readonly ranges?: boolean;
}

/** A match, where it is, and the bytes it touches. */
interface Hit {
  match: SpelledMatch;
  place: Place;
  line: number;
  column: number;
  bytes: ByteRange[];
}

function lineAndColumn(text: string, index: number): { line: number; column: number } {
  let line = 1;
  let from = 0;
  for (let at = text.indexOf("\n"); at >= 0 && at < index; at = text.indexOf("\n", from)) {
    line++;
    from = at + 1;
  }
  return { line, column: [...text.slice(from, index)].length + 1 };
}

function isNotebook(raw: string, path: string): boolean {
  if (/\.ipynb$/i.test(path)) return true;
  return /^(?:\xef\xbb\xbf)?\s{0,100}\{/.test(raw) && raw.includes('"nbformat"');
}

/** Replaces what looks like a token in a file's name. */
function maskPath(path: string): string {
  let masked = path;
  for (const { start, end } of searchTokens(path).reverse()) {
    masked = `${masked.slice(0, start)}…${masked.slice(end)}`;
  }
  return masked;
}

function searchPassage(passage: Passage, place: () => Place, notes: boolean, hits: Hit[]): void {
  for (const match of searchSpelled(passage.text, passage.breaks, notes)) {
    hits.push({
      match,
      place: place(),
      ...lineAndColumn(passage.text, match.start),
      bytes: passage.bytes(match.start, match.end),
    });
  }
}

function searchNotebook(file: RawFile, notes: boolean, hits: Hit[]): Map<number, string> {
  const ids = new Map<number, string>();
  walkStrings(file.raw, (group) => {
    const passage = new Passage(file, group.pieces, true);
    let known: PathStep[] | undefined;
    const path = () => known ??= group.path();
    if (!group.isKey && group.pieces.length === 1 && passage.text.length <= 64) {
      const steps = path();
      if (steps.length === 3 && steps[0] === "cells" && steps[2] === "id") {
        ids.set(steps[1] as number, passage.text);
      }
    }
    searchPassage(passage, () => namePlace(path()), notes, hits);
  });
  return ids;
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
  const { path = "", notes = false, ranges = false } = options;
  const file: RawFile = { bytes, raw: rawText(bytes) };
  const hits: Hit[] = [];
  const ids = isNotebook(file.raw, path)
    ? searchNotebook(file, notes, hits)
    : new Map<number, string>();
  const whole = new Passage(file, [{ start: 0, end: bytes.length }], false);
  const inText: Hit[] = [];
  searchPassage(whole, () => ({ field: "text", cell: undefined, inOutput: false }), notes, inText);
  for (const hit of inText) {
    const from = hit.bytes[0]!.start;
    const to = hit.bytes.at(-1)!.end;
    if (!hits.some(({ bytes }) => bytes.some(({ start, end }) => start < to && from < end))) {
      hits.push(hit);
    }
  }
  hits.sort((a, b) => a.bytes[0]!.start - b.bytes[0]!.start);
  const shown = maskPath(path);
  return hits.map(({ match, place, line, column, bytes: touched }) => {
    const at = lineAndColumn(file.raw, touched[0]!.start);
    const id = place.cell === undefined ? undefined : ids.get(place.cell);
    return {
      path: shown,
      ...(place.cell === undefined
        ? {}
        : { cell: { index: place.cell, ...(id === undefined ? {} : { id }) } }),
      field: place.field,
      line,
      column,
      fileLine: at.line,
      fileColumn: at.column,
      level: match.level,
      rule: ruleName(match.kind, match.level),
      kind: match.kind,
      chain: match.chain,
      length: match.token.length,
      fingerprint: fingerprint(match.token),
      inOutput: place.inOutput,
      ...(ranges ? { ranges: touched } : {}),
    };
  });
}
