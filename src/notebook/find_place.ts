/**
 * Names the places of a notebook: a field such as `cells[3].outputs[0].data["text/html"]`, its cell,
 * and whether scrubbing clears it.
 *
 * @module
 */

import type { PathStep } from "./find_strings.ts";

/** A place in a notebook. */
export interface Place {
  /** The field's name. */
  readonly field: string;
  /** Index of the cell, counted from 0, in nbformat 3 within its worksheet. */
  readonly cell: number | undefined;
  /** Whether it is in an output or in widget state. */
  readonly inOutput: boolean;
}

/**
 * Whether a key or an id can be shown: no token can be spelled with what it holds.
 *
 * @param key The key.
 * @returns False for anything long, unusual, or with many letters and digits in a row.
 */
export function isHarmless(key: string): boolean {
  return /^[\w ./+:@-]{1,64}$/.test(key) && !/[A-Za-z0-9]{25}/.test(key);
}

function stepName(step: PathStep, first: boolean): string {
  if (typeof step === "number") return `[${step}]`;
  if (!isHarmless(step)) return '["…"]';
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(step)) return first ? step : `.${step}`;
  return `["${step}"]`;
}

/** How many steps lead to a cell, index included, or 0 when the path leads elsewhere. */
function cellDepth(path: readonly PathStep[]): number {
  if (path[0] === "cells" && typeof path[1] === "number") return 2;
  const isSheet = path[0] === "worksheets" && typeof path[1] === "number" && path[2] === "cells";
  return isSheet && typeof path[3] === "number" ? 4 : 0;
}

/**
 * Names a place.
 *
 * @param path The keys and indexes that lead there.
 * @returns Its field, cell and whether scrubbing clears it.
 */
export function namePlace(path: readonly PathStep[]): Place {
  const depth = cellDepth(path);
  return {
    field: path.map((step, i) => stepName(step, i === 0)).join(""),
    cell: depth > 0 ? path[depth - 1] as number : undefined,
    inOutput: (depth > 0 && path[depth] === "outputs") ||
      (path[0] === "metadata" && path[1] === "widgets"),
  };
}
