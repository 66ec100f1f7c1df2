/**
 * Which notebooks git hands to the filter: the line in an attributes file, and what git makes of all
 * attributes together.
 *
 * @module
 */

import { joinBytes } from "./bytes.ts";
import { runGit } from "./run.ts";

/** The line that hands every notebook to the filter and to textconv. */
export const ATTRIBUTES_LINE = "*.ipynb filter=hushbook diff=hushbook";

/** A notebook whose filter is not ours. */
export interface OtherFilter {
  /** The path from the top of the working tree. */
  readonly path: string;
  /** The filter in force: another one's name, `unset`, or `unspecified`. */
  readonly filter: string;
}

/**
 * Which filter git uses for each tracked notebook, and for a new one at the top.
 *
 * @param top The top of the working tree, absolute.
 * @returns The filter of each path: its name, `unset`, `set` or `unspecified`.
 * @throws {GitError} If git fails.
 */
export async function filtersInForce(top: string): Promise<Map<string, string>> {
  const tracked = (await runGit(["ls-files", "-z", "--", "*.ipynb"], { cwd: top })).stdout;
  const input = joinBytes("new-notebook.ipynb\0", tracked);
  const { stdout } = await runGit(["check-attr", "-z", "--stdin", "filter"], { cwd: top, input });
  const fields = new TextDecoder().decode(stdout).split("\0");
  const filters = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) filters.set(fields[at]!, fields[at + 2]!);
  return filters;
}
