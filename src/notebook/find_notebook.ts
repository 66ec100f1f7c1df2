/**
 * Searches a notebook: every string and key, sources and outputs joined as nbformat joins them, and
 * the pieces of each stream of a cell joined across its outputs.
 *
 * @module
 */

import type { ByteRange } from "./finding.ts";
import type { RawFile } from "./find_decode.ts";
import { type EncodedMatch, type Hit, searchEncoded, searchPassage } from "./find_hits.ts";
import { LineCounter } from "./find_lines.ts";
import { Passage } from "./find_passage.ts";
import { isHarmless, namePlace, type Place } from "./find_place.ts";
import { type PathStep, type StringGroup, walkStrings } from "./find_strings.ts";

/** One output of a cell, as far as its stream goes. */
interface StreamPiece {
  readonly place: Place;
  name: string;
  pieces: readonly ByteRange[];
}

/** What was found in a notebook. */
export interface NotebookHits {
  /** The hits. */
  readonly hits: Hit[];
  /** The ids of the cells, by index. */
  readonly ids: ReadonlyMap<number, string>;
}

/** Searches one notebook. */
class NotebookSearch {
  readonly hits: Hit[] = [];
  readonly ids: Map<number, string> = new Map();
  readonly #file: RawFile;
  readonly #encoded: readonly EncodedMatch[];
  readonly #notes: boolean;
  /** By cell, then by output. */
  readonly #streams: Map<string, Map<number, StreamPiece>> = new Map();

  constructor(file: RawFile, encoded: readonly EncodedMatch[], notes: boolean) {
    this.#file = file;
    this.#encoded = [...encoded].sort((a, b) => a.offset - b.offset);
    this.#notes = notes;
  }

  visit(group: StringGroup): void {
    const passage = new Passage(this.#file, group.pieces, "json");
    const path = group.path();
    if (!group.isKey) this.#remember(path, group.pieces, passage.text);
    const place = () => namePlace(path);
    this.hits.push(...searchPassage(passage, place, this.#notes));
    this.#searchUnescaped(group, passage, place);
    const lines = new LineCounter(passage.text, false);
    for (const { match, offset, end } of this.#encodedIn(group.pieces)) {
      const index = passage.indexOf(offset);
      if (index < 0) continue;
      this.hits.push({ match, place: place(), ...lines.at(index), start: offset, end, ranges: [] });
    }
  }

  /** What is encoded in text some of whose letters the notebook escapes, as no usual writer does. */
  #searchUnescaped({ pieces }: StringGroup, passage: Passage, place: () => Place): void {
    const { raw } = this.#file;
    if (!pieces.some(({ start, end }) => raw.slice(start, end).includes("\\u00"))) return;
    const codes = Uint8Array.from(passage.text, (char) => Math.min(char.charCodeAt(0), 255));
    const lines = new LineCounter(passage.text, false);
    for (const { match, offset, end } of searchEncoded(codes, passage.text, this.#notes)) {
      const touched = passage.bytes(offset, end);
      this.hits.push({
        match,
        place: place(),
        ...lines.at(offset),
        start: touched[0]!.start,
        end: touched.at(-1)!.end,
        ranges: [],
      });
    }
  }

  /** Encoded matches from the first byte of some pieces to their last. */
  #encodedIn(pieces: readonly ByteRange[]): readonly EncodedMatch[] {
    const first = (from: number) => {
      let low = 0;
      let high = this.#encoded.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (this.#encoded[middle]!.offset < from) low = middle + 1;
        else high = middle;
      }
      return low;
    };
    return this.#encoded.slice(first(pieces[0]!.start), first(pieces.at(-1)!.end));
  }

  /** Keeps cell ids and the pieces of streams. */
  #remember(path: readonly PathStep[], pieces: readonly ByteRange[], text: string): void {
    const depth = path[0] === "cells" ? 2 : path[0] === "worksheets" && path[2] === "cells" ? 4 : 0;
    if (depth === 0) return;
    const cell = path[depth - 1];
    if (
      path.length === depth + 1 && path[depth] === "id" && typeof cell === "number" &&
      isHarmless(text)
    ) {
      this.ids.set(cell, text);
    }
    const output = path[depth + 1];
    if (path.length !== depth + 3 || path[depth] !== "outputs" || typeof output !== "number") {
      return;
    }
    const field = path[depth + 2];
    if (field !== "text" && field !== "name" && field !== "stream") return;
    const key = path.slice(0, depth).join("/");
    const outputs = this.#streams.get(key) ?? new Map<number, StreamPiece>();
    this.#streams.set(key, outputs);
    const place = namePlace([...path.slice(0, depth + 2), "text"]);
    const piece = outputs.get(output) ?? { place, name: "", pieces: [] };
    outputs.set(output, piece);
    if (field === "text") piece.pieces = pieces;
    else piece.name = text;
  }

  /** Searches each stream of each cell, joined; a token within one output is found there already. */
  joinStreams(): void {
    for (const outputs of this.#streams.values()) {
      const byName = Map.groupBy(
        [...outputs].sort(([a], [b]) => a - b).map(([, piece]) => piece)
          .filter(({ pieces }) => pieces.length > 0),
        ({ name }) => name,
      );
      for (const stream of byName.values()) {
        if (stream.length < 2) continue;
        const passage = new Passage(this.#file, stream.flatMap(({ pieces }) => pieces), "json");
        for (const hit of searchPassage(passage, () => stream[0]!.place, this.#notes)) {
          const first = stream.find(({ pieces }) =>
            pieces.some(({ start, end }) => hit.start >= start && hit.start < end)
          )!;
          const isWithin = first.pieces.at(-1)!.end >= hit.end;
          if (!isWithin) this.hits.push({ ...hit, place: first.place });
        }
      }
    }
  }
}

/**
 * Searches a notebook's strings.
 *
 * @param file The notebook; a broken one is searched as far as it can be walked.
 * @param encoded What was found encoded in its bytes, to be given a place.
 * @param notes Whether look-alikes count.
 * @returns The hits, and the ids of the cells.
 */
export function searchNotebook(
  file: RawFile,
  encoded: readonly EncodedMatch[],
  notes: boolean,
): NotebookHits {
  const search = new NotebookSearch(file, encoded, notes);
  walkStrings(file.raw, (group) => search.visit(group));
  search.joinStreams();
  return search;
}
