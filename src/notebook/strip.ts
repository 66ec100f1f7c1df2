/**
 * Strips a notebook: finds the spans of outputs, execution counts and passing metadata, and cuts
 * them. Every other byte stays as it is.
 *
 * @module
 */

import { applyCuts, type Cut, cutItems, cutLength } from "./cut.ts";
import { MAX_NOTEBOOK_BYTES, tooLarge } from "./damage.ts";
import { isObject, type Member, readObject } from "./json.ts";
import { type JsonSource, skipSpace } from "./json_skip.ts";
import { cellKeepsOutput, cellTags, notebookKeepsOutput } from "./marks.ts";
import { type CellSpan, type ObjectSpan, readOutline } from "./outline.ts";
import { chooseOutputs, type OutputRules } from "./outputs.ts";
import { type KeyTree, type RemovableKeys, removableKeys } from "./removable.ts";
import { isEmptyCell } from "./empty_cell.ts";
import { skipPlainCellsIn } from "./skip.ts";

/** What to remove and what to keep. Names and meanings are nbstripout's. */
export interface StripOptions {
  /**
   * Whether outputs are kept where a cell does not say otherwise. Left out, the notebook's own
   * metadata `keep_output` decides, and outputs are cleared where it says nothing.
   */
  readonly keepOutput?: boolean;
  /** Keep execution counts (`prompt_number` in nbformat 3). Default false. */
  readonly keepCount?: boolean;
  /** Keys to remove besides the default ones, such as `metadata.foo` or `cell.metadata.bar`. */
  readonly extraKeys?: readonly string[];
  /** Keys not to remove, from the default ones or `extraKeys`, written in the same way. */
  readonly keepMetadataKeys?: readonly string[];
  /** Drop cells whose source is empty or white space. Default false. */
  readonly dropEmptyCells?: boolean;
  /** Drop cells that carry one of these tags. Default none. */
  readonly dropTaggedCells?: readonly string[];
  /**
   * Clear the outputs of cells marked `init_cell: true`, which are otherwise kept. Default false.
   */
  readonly stripInitCells?: boolean;
  /** Keep outputs of at most this many characters. Default 0, which keeps none. */
  readonly maxSize?: number;
  /** Output types that always go, such as `error` or `stream:stderr`. Default none. */
  readonly dropOutputType?: readonly string[];
  /**
   * Output types that stay, such as `error` or `stream:stdout`. Where any is named, other types go
   * even in cells marked to be kept. Default none.
   */
  readonly keepOutputType?: readonly string[];
}

/** How much was removed. */
export interface Removed {
  /** Outputs of so many cells were cleared, wholly or in part. */
  readonly outputs: number;
  /** So many execution counts were set to null. */
  readonly counts: number;
  /** So many metadata keys were removed. */
  readonly keys: number;
  /** So many cells were dropped. */
  readonly cells: number;
  /**
   * The notebook is so many bytes shorter; it may be longer where a count of one digit became null.
   */
  readonly bytes: number;
}

/** A stripped notebook. */
export interface StripResult {
  /** The stripped file; the very array that was given when nothing was removed. */
  readonly bytes: Uint8Array;
  /** Whether anything was removed. */
  readonly changed: boolean;
  /** How much was removed. */
  readonly removed: Removed;
}

const NOTHING: Removed = { outputs: 0, counts: 0, keys: 0, cells: 0, bytes: 0 };
const NULL = new TextEncoder().encode("null");
const COUNTS = new Set(["execution_count", "prompt_number"]);

/** Options made ready once and used for many notebooks. */
export interface StripPlan {
  /** Whether outputs are kept, where the options say so. */
  readonly keepOutput: boolean | undefined;
  /** Whether counts are kept. */
  readonly keepCount: boolean;
  /** Keys to remove. */
  readonly keys: RemovableKeys;
  /** Whether empty cells go. */
  readonly dropEmptyCells: boolean;
  /** Tags whose cells go. */
  readonly dropTaggedCells: readonly string[];
  /** Whether `init_cell` protects nothing. */
  readonly stripInitCells: boolean;
  /** Rules about single outputs. */
  readonly rules: OutputRules;
}

/**
 * Makes options ready for use.
 *
 * @param options What to remove and what to keep.
 * @returns The plan that {@link findCuts} follows.
 * @throws {UsageError} When `extraKeys` names a key that cannot be removed.
 */
export function stripPlan(options: StripOptions = {}): StripPlan {
  const {
    keepOutput,
    keepCount = false,
    extraKeys = [],
    keepMetadataKeys = [],
    dropEmptyCells = false,
    dropTaggedCells = [],
    stripInitCells = false,
    maxSize = 0,
    dropOutputType = [],
    keepOutputType = [],
  } = options;
  return {
    keepOutput,
    keepCount,
    keys: removableKeys(extraKeys, keepMetadataKeys),
    dropEmptyCells,
    dropTaggedCells,
    stripInitCells,
    rules: { maxSize, dropOutputType, keepOutputType },
  };
}

/** The cuts that strip one notebook, as they are found. */
class Cutter {
  readonly cuts: Cut[] = [];
  readonly removed = { outputs: 0, counts: 0, keys: 0, cells: 0 };
  readonly #source: JsonSource;
  readonly #plan: StripPlan;
  readonly #keepOutput: boolean;

  constructor(source: JsonSource, plan: StripPlan, metadata: readonly ObjectSpan[]) {
    this.#source = source;
    this.#plan = plan;
    this.#keepOutput = plan.keepOutput ?? notebookKeepsOutput(source, metadata) ?? false;
  }

  /** Whether a cell is dropped as a whole. */
  drops(cell: CellSpan): boolean {
    const { dropEmptyCells, dropTaggedCells } = this.#plan;
    if (dropEmptyCells && isEmptyCell(this.#source, cell)) return true;
    return dropTaggedCells.length > 0 &&
      cellTags(this.#source, cell.metadata).some((tag) => dropTaggedCells.includes(tag));
  }

  cell(cell: CellSpan): void {
    for (const member of cell.members) {
      if (COUNTS.has(member.key)) this.#count(member);
      else if (member.key === "outputs") this.#outputs(cell, member);
    }
    this.keys(cell, this.#plan.keys.cell, cell.metadata);
  }

  /**
   * Removes keys from an object and from the objects inside it; `inside` are those already read.
   */
  keys(object: ObjectSpan, tree: KeyTree, inside: readonly ObjectSpan[] = []): void {
    const goes = ({ key }: Member) => tree.whole.has(key);
    if (object.members.some(goes)) {
      this.removed.keys += cutItems(object, object.members, goes, this.cuts);
    }
    if (tree.inside.size === 0) return;
    for (const member of object.members) {
      const subtree = tree.inside.get(member.key);
      if (subtree === undefined || goes(member)) continue;
      if (!isObject(this.#source.bytes, member.value)) continue;
      const read = inside.find(({ start }) => start === member.value);
      this.keys(
        read ?? { start: member.value, ...readObject(this.#source, member.value) },
        subtree,
      );
    }
  }

  #count({ value, end }: Member): void {
    const isNull = this.#source.bytes[value] === NULL[0];
    if (isNull || this.#plan.keepCount) return;
    this.cuts.push({ start: value, end, put: NULL });
    this.removed.counts++;
  }

  #outputs(cell: CellSpan, outputs: Member): void {
    const { bytes } = this.#source;
    if (skipSpace(bytes, outputs.value + 1) === outputs.end - 1) return; // already []
    const { rules, stripInitCells } = this.#plan;
    const keep = cellKeepsOutput(this.#source, cell.metadata, stripInitCells) ?? this.#keepOutput;
    if (!keep && rules.maxSize === 0 && rules.keepOutputType.length === 0) {
      this.cuts.push({ start: outputs.value + 1, end: outputs.end - 1 });
      this.removed.outputs++;
      return;
    }
    const { all, kept } = chooseOutputs(this.#source, outputs, keep, rules);
    const span = { start: outputs.value, end: outputs.end };
    if (cutItems(span, all, (output) => !kept.has(output), this.cuts) > 0) this.removed.outputs++;
    for (const { members } of kept.values()) {
      for (const member of members) if (COUNTS.has(member.key)) this.#count(member);
    }
  }
}

/** Whether a file holds nothing but white space: such a file is left alone. */
function isBlank(bytes: Uint8Array): boolean {
  return skipSpace(bytes, 0) >= bytes.length;
}

/**
 * Finds what to cut from a notebook.
 *
 * @param bytes The file.
 * @param plan What to remove and what to keep.
 * @returns The cuts, in no particular order, none overlapping another, and how much they remove.
 * @throws {NotebookError} When the notebook cannot be understood.
 */
export function findCuts(
  bytes: Uint8Array,
  plan: StripPlan,
): { cuts: readonly Cut[]; removed: Removed } {
  if (bytes.length > MAX_NOTEBOOK_BYTES) throw tooLarge(bytes.length);
  if (isBlank(bytes)) return { cuts: [], removed: NOTHING };
  const { dropEmptyCells, dropTaggedCells, keys } = plan;
  const passOver = dropEmptyCells || dropTaggedCells.length > 0
    ? undefined
    : skipPlainCellsIn(bytes, keys.cell);
  const { source, metadata, lists } = readOutline(bytes, passOver);
  const cutter = new Cutter(source, plan, metadata);
  for (const span of metadata) cutter.keys(span, keys.notebook);
  for (const list of lists) {
    const dropped = new Set(list.cells.filter((cell) => cutter.drops(cell)));
    cutter.removed.cells += cutItems(list, list.cells, (cell) => dropped.has(cell), cutter.cuts);
    for (const cell of list.cells) if (!dropped.has(cell)) cutter.cell(cell);
  }
  const { cuts, removed } = cutter;
  return { cuts, removed: { ...removed, bytes: cutLength(cuts) } };
}

/**
 * Strips a notebook with options made ready by {@link stripPlan}.
 *
 * @param bytes The notebook, as the file holds it.
 * @param plan What to remove and what to keep.
 * @returns As {@link stripNotebook}.
 * @throws {NotebookError} When the notebook cannot be understood.
 */
export function stripPlanned(bytes: Uint8Array, plan: StripPlan): StripResult {
  const { cuts, removed } = findCuts(bytes, plan);
  const changed = cuts.length > 0;
  return { bytes: changed ? applyCuts(bytes, cuts) : bytes, changed, removed };
}

/**
 * Strips a notebook of nbformat 4 or 3: outputs become `[]`, execution counts `null`, and the
 * metadata keys that note folding, timing and widget state go. Every other byte stays as it is.
 *
 * @param bytes The notebook, as the file holds it. An empty or blank file has nothing to remove.
 * @param options What to remove and what to keep.
 * @returns The stripped notebook; the same array, and `changed` false, when there is nothing to
 * remove.
 * @throws {NotebookError} When the notebook cannot be understood, with line and column.
 * @throws {UsageError} When an option is wrong.
 *
 * @example Keep the outputs, without their execution counts
 * ```ts
 * import { stripNotebook } from "hushbook";
 * import { equal } from "node:assert/strict";
 *
 * const notebook = new TextEncoder().encode('{"cells": [{"execution_count": 7, "outputs": [{}]}]}');
 * const { bytes } = stripNotebook(notebook, { keepOutput: true });
 * equal(
 *   new TextDecoder().decode(bytes),
 *   '{"cells": [{"execution_count": null, "outputs": [{}]}]}',
 * );
 * ```
 */
export function stripNotebook(bytes: Uint8Array, options: StripOptions = {}): StripResult {
  return stripPlanned(bytes, stripPlan(options));
}
