/**
 * Shows where a token was looked for and what was found, never a value.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import { contextOf, type LoadTokenOptions } from "./load.ts";
import { defaultOrder } from "./order.ts";
import type { Sighting, SourceContext, TokenSource } from "./source.ts";

/** One place that was looked at. */
export interface ExplainedSource extends Sighting {
  /** The source's name. */
  readonly source: string;
  /** Whether `loadToken` would use the token from here. */
  readonly used: boolean;
}

/** The table of places, in the order they are asked. In a notebook it shows as a table. */
export class TokenExplanation {
  /** The places. */
  readonly rows: readonly ExplainedSource[];

  /**
   * Makes the table.
   *
   * @param rows The places, in order.
   */
  constructor(rows: readonly ExplainedSource[]) {
    this.rows = rows;
  }

  /** The place `loadToken` would use, or undefined where it would ask a person or fail. */
  get used(): ExplainedSource | undefined {
    return this.rows.find((row) => row.used);
  }

  /**
   * The table as text.
   *
   * @returns One line per place, under a heading.
   */
  toString(): string {
    const cells = [
      ["source", "where", "found", "fingerprint", "note"],
      ...this.rows.map((row) => [
        row.source,
        row.where,
        row.found ? "yes" : "no",
        row.fingerprint ?? "",
        row.used ? "used" : row.skipped === undefined ? "" : `not used: ${row.skipped}`,
      ]),
    ];
    const widths = cells[0]!.map((_, column) =>
      Math.max(...cells.map((row) => row[column]!.length))
    );
    return cells
      .map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd())
      .join("\n");
  }

  /**
   * What a notebook cell shows.
   *
   * @returns The table as text.
   */
  [Symbol.for("Jupyter.display")](): { "text/plain": string } {
    return { "text/plain": this.toString() };
  }
}

/**
 * Tells where `loadToken` looks with these options, what is there, which token it would use and why
 * not the others. Nobody is asked, nothing is decrypted and no network is used.
 *
 * @param options As for `loadToken`.
 * @returns The table.
 *
 * @example Why is the new token not used?
 * ```ts
 * import { explainToken } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const variables = new Map([
 *   ["HF_TOKEN", ["hf", "x".repeat(34)].join("_")],
 *   ["HUGGINGFACE_TOKEN", "hf_short"],
 * ]);
 * const folder = await Deno.makeTempDir();
 * const explained = await explainToken({ env: (name) => variables.get(name), cwd: folder, folder });
 *
 * assert.equal(explained.used?.where, "HF_TOKEN");
 * assert.match(String(explained), /HUGGINGFACE_TOKEN .* not used: it has 8 characters/);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function explainToken(options: LoadTokenOptions = {}): Promise<TokenExplanation> {
  const order = options.order ?? defaultOrder(options);
  const context = contextOf({ ...options, person: null }, () => {});
  const rows: ExplainedSource[] = [];
  let decided = false;
  for (const source of order) {
    for (const seen of await look(source, context)) {
      const used = !decided && seen.found && seen.skipped === undefined;
      const skipped = seen.skipped ?? (seen.found && decided ? "an earlier one is" : undefined);
      // What is broken stops the search too: the next source is never asked in its place.
      if (seen.found) decided = true;
      rows.push({ ...seen, source: source.name, used, ...(skipped !== undefined && { skipped }) });
    }
  }
  return new TokenExplanation(rows);
}

async function look(source: TokenSource, context: SourceContext): Promise<readonly Sighting[]> {
  const where = source.name;
  if (source.interactive) {
    return [{ where, found: false, skipped: "asks only when it is its turn" }];
  }
  if (source.peek === undefined) {
    return [{ where, found: false, skipped: "cannot be looked at without asking or the network" }];
  }
  try {
    return await source.peek(context, { thorough: true });
  } catch (error) {
    const skipped = error instanceof HushbookError ? error.message : "it cannot be read";
    return [{ where, found: true, skipped }];
  }
}
