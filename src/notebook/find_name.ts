/**
 * Finds tokens in the name of a file, which is published with it.
 *
 * @module
 */

import { findTokens } from "./find.ts";
import type { Finding } from "./finding.ts";
import { maskName, mayNameToken } from "./mask_name.ts";

/**
 * Finds tokens in a path.
 *
 * @param path The path.
 * @param options `notes`: also return long look-alikes; default false.
 * @returns What was found, with the field `name`; the path in it is masked.
 */
export function findInName(path: string, options: { readonly notes?: boolean } = {}): Finding[] {
  if (!mayNameToken(path)) return [];
  return findTokens(new TextEncoder().encode(path), options)
    .map((found) => ({ ...found, path: maskName(path), field: "name" }));
}
