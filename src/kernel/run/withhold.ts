/**
 * Tokens in the outputs of a notebook that was just executed: they are found before anything is
 * written, and what holds one is not saved.
 *
 * @module
 */

import { findTokens } from "../../notebook/find.ts";
import type { Finding } from "../../notebook/finding.ts";
import { spellings } from "../mask/encodings.ts";
import { Finder } from "../mask/finder.ts";
import { SHORTEST_SECRET } from "../mask/secrets.ts";
import type { Output } from "../outputs.ts";
import { type CellOutcome, spliceOutputs } from "./splice.ts";

/** What stands in a cell whose outputs were withheld. */
function notice(findings: readonly Finding[]): Output[] {
  const names = [...new Set(findings.map(({ fingerprint }) => fingerprint))].join(", ");
  const which = names === "" ? "" : ` (fingerprint ${names})`;
  return [{
    output_type: "stream",
    name: "stderr",
    text: `hushbook: the outputs of this cell are not saved, they hold a token${which}. ` +
      "Call maskOutputs() in the first cell, or do not print it.\n",
  }];
}

/**
 * Cells that show one of the tokens that the kernel had in its environment, in whatever spelling.
 */
function showing(
  secrets: readonly string[],
  outcomes: ReadonlyMap<number, CellOutcome>,
): number[] {
  const needles = secrets.flatMap(spellings).filter(({ length }) => length >= SHORTEST_SECRET);
  if (needles.length === 0) return [];
  const finder = new Finder(needles);
  return [...outcomes].flatMap(([index, { outputs }]) =>
    finder.find(JSON.stringify(outputs)).length > 0 ? [index] : []
  );
}

/**
 * Puts outputs into a notebook, except those that hold a token.
 *
 * @param bytes The file.
 * @param outcomes What each executed cell is to hold, by index of the cell.
 * @param path The file's path, for the findings.
 * @param secrets Tokens that the kernel knew, looked for in every spelling.
 * @returns The new file, and everything that was found: in withheld outputs, in sources, and in
 * outputs
 *   of cells that were not executed, which are left as they are.
 */
export function spliceWithoutTokens(
  bytes: Uint8Array,
  outcomes: ReadonlyMap<number, CellOutcome>,
  path: string,
  secrets: readonly string[],
): { bytes: Uint8Array<ArrayBuffer>; findings: Finding[]; withheld: number[] } {
  const found = findTokens(spliceOutputs(bytes, [...outcomes.values()]), { path });
  const held = Map.groupBy(
    found.filter(({ inOutput, cell }) =>
      inOutput && cell !== undefined && outcomes.has(cell.index)
    ),
    ({ cell }) => cell!.index,
  );
  for (const index of showing(secrets, outcomes)) held.set(index, held.get(index) ?? []);
  const safe = [...outcomes].map(([index, outcome]) => {
    const findings = held.get(index);
    return findings === undefined ? outcome : { ...outcome, outputs: notice(findings) };
  });
  return {
    bytes: spliceOutputs(bytes, safe),
    findings: found,
    withheld: [...held.keys()].sort((a, b) => a - b),
  };
}
