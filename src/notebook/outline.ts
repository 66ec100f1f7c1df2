/**
 * The outline of a notebook: where its metadata, its cells and their members lie in the file.
 * Reading it validates the whole file, as JSON and as a notebook of nbformat 4 or 3.
 *
 * @module
 */

import { shapeDamage, syntaxDamage } from "./damage.ts";
import {
  decodeScalar,
  type Element,
  isArray,
  isObject,
  type Member,
  readArray,
  readObject,
} from "./json.ts";
import { type JsonSource, jsonSource, skipSpace, skipValue } from "./json_skip.ts";
import type { Skip } from "./skip.ts";

/** An object's members and the positions of its braces. */
export interface ObjectSpan {
  /** Position of the `{`. */
  readonly start: number;
  /** Position after the `}`. */
  readonly end: number;
  /** Its members in order, duplicates included. */
  readonly members: readonly Member[];
}

/** One cell. */
export interface CellSpan extends ObjectSpan {
  /** Its metadata; more than one only where the key is repeated. */
  readonly metadata: readonly ObjectSpan[];
}

/** One list of cells: the notebook's in nbformat 4, one of each worksheet in nbformat 3. */
export interface CellList {
  /** Position of the `[`. */
  readonly start: number;
  /** Position after the `]`. */
  readonly end: number;
  /** The cells in order, those that were passed over left out. */
  readonly cells: readonly CellSpan[];
}

/** Where the parts of a notebook lie. */
export interface NotebookOutline {
  /** The file, prepared for scanning. */
  readonly source: JsonSource;
  /** The notebook's metadata; more than one only where the key is repeated. */
  readonly metadata: readonly ObjectSpan[];
  /** Every list of cells. */
  readonly lists: readonly CellList[];
}

type PassOver = Skip | undefined;

const UTF8_MARK = [0xef, 0xbb, 0xbf];

/** Reads an object whose members are all wanted, or throws when it is none. */
function readSpan(source: JsonSource, start: number, what: string): ObjectSpan {
  if (!isObject(source.bytes, start)) {
    throw notThis(source, start, `${what} is not an object`);
  }
  const { members, end } = readObject(source, start);
  return { start, end, members };
}

/** A wrong kind of value; but where the file is no JSON at all, that is what to say. */
function notThis(source: JsonSource, at: number, what: string): Error {
  const { bytes } = source;
  const end = skipSpace(bytes, skipValue(source, firstByte(bytes)));
  if (end < bytes.length) return syntaxDamage(bytes, end, "the end", true);
  return shapeDamage(bytes, at, `${what}, so this is no Jupyter notebook`);
}

/** Where the outermost value begins: after a byte order mark and space. */
function firstByte(bytes: Uint8Array): number {
  const marked = UTF8_MARK.every((byte, i) => bytes[i] === byte);
  return skipSpace(bytes, marked ? UTF8_MARK.length : 0);
}

function readCell(source: JsonSource, start: number): CellSpan {
  const { bytes } = source;
  if (!isObject(bytes, start)) throw notThis(source, start, "a cell is not an object");
  const metadata: ObjectSpan[] = [];
  const { members, end } = readObject(source, start, (key, value) => {
    if (key === "metadata") {
      const span = readSpan(source, value, "the metadata of a cell");
      metadata.push(span);
      return span.end;
    }
    if (key === "outputs" && !isArray(bytes, value)) {
      throw notThis(source, value, "the outputs of a cell are not a list");
    }
    return skipValue(source, value);
  });
  return { start, end, members, metadata };
}

function readCells(source: JsonSource, start: number, passOver: PassOver): CellList {
  const { bytes } = source;
  if (!isArray(bytes, start)) throw notThis(source, start, "its cells are not a list");
  const cells: CellSpan[] = [];
  const { end } = readArray(source, start, (at) => {
    const wanted = passOver === undefined ? at : passOver(bytes.byteOffset + at) - bytes.byteOffset;
    const cell = readCell(source, wanted);
    cells.push(cell);
    return cell.end;
  });
  return { start, end, cells };
}

function readWorksheets(
  source: JsonSource,
  start: number,
  lists: CellList[],
  passOver: PassOver,
): number {
  const { bytes } = source;
  if (!isArray(bytes, start)) throw notThis(source, start, "its worksheets are not a list");
  return readArray(source, start, (sheet) => {
    if (!isObject(bytes, sheet)) throw notThis(source, sheet, "a worksheet is not an object");
    return readObject(source, sheet, (key, value) => {
      if (key !== "cells") return skipValue(source, value);
      const list = readCells(source, value, passOver);
      lists.push(list);
      return list.end;
    }).end;
  }).end;
}

function checkFormat(bytes: Uint8Array, { value, end }: Element & { value: number }): void {
  const major = decodeScalar(bytes, value, end);
  if (typeof major === "number" && major >= 2 && major < 5) return;
  throw shapeDamage(
    bytes,
    value,
    "its nbformat is not 3 or 4; open it in Jupyter and save it again, or update hushbook",
  );
}

/**
 * Reads the outline of a notebook.
 *
 * @param bytes The file, not empty.
 * @param passOver Skips cells that are not wanted; see `skipPlainCellsIn`. None when left out.
 * @returns Where its parts lie.
 * @throws {NotebookError} When it is not JSON, or JSON that is no notebook of nbformat 3 or 4.
 */
export function readOutline(bytes: Uint8Array, passOver?: PassOver): NotebookOutline {
  const source = jsonSource(bytes);
  const start = firstByte(bytes);
  const metadata: ObjectSpan[] = [];
  const lists: CellList[] = [];
  if (!isObject(bytes, start)) throw notThis(source, start, "its outermost value is not an object");
  const { members, end } = readObject(source, start, (key, value) => {
    switch (key) {
      case "cells": {
        const list = readCells(source, value, passOver);
        lists.push(list);
        return list.end;
      }
      case "worksheets":
        return readWorksheets(source, value, lists, passOver);
      case "metadata": {
        const span = readSpan(source, value, "its metadata");
        metadata.push(span);
        return span.end;
      }
      default:
        return skipValue(source, value);
    }
  });
  const after = skipSpace(bytes, end);
  if (after < bytes.length) throw syntaxDamage(bytes, after, "the end", true);
  for (const member of members) if (member.key === "nbformat") checkFormat(bytes, member);
  if (!members.some(({ key }) => key === "cells" || key === "worksheets")) {
    throw shapeDamage(bytes, start, "it has no cells, so this is no Jupyter notebook");
  }
  return { source, metadata, lists };
}
