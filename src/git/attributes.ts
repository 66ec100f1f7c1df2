/**
 * Which notebooks git hands to the filter: the line in an attributes file, and what git makes of all
 * attributes together.
 *
 * @module
 */

import { joinBytes } from "./bytes.ts";
import { replaceFile } from "./replace_file.ts";
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

function isOurs(line: string): boolean {
  return line.trim() === ATTRIBUTES_LINE;
}

/**
 * Adds the line to an attributes file, at its end, where it beats the lines before it.
 *
 * @param path The file, absolute; it and its folder are made if they are missing.
 * @returns Whether the file was changed.
 */
export async function addAttributes(path: string): Promise<boolean> {
  const text = await textOf(path);
  if (text.split(/\r?\n/u).some(isOurs)) return false;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  // A file without a final line end stays one, so that removing the line restores it exactly.
  const open = text !== "" && !text.endsWith("\n");
  await replaceFile(path, text + (open ? end + ATTRIBUTES_LINE : ATTRIBUTES_LINE + end));
  return true;
}

/**
 * Takes the line out of an attributes file. A file with nothing else in it is removed.
 *
 * @param path The file, absolute.
 * @returns Whether the file was changed.
 */
export async function removeAttributes(path: string): Promise<boolean> {
  const text = await textOf(path);
  const lines = text.split(/(?<=\n)/u);
  const left = lines.filter((line) => !isOurs(line));
  if (left.length === lines.length) return false;
  const kept = left.join("");
  const open = isOurs(lines.at(-1)!) && !text.endsWith("\n");
  if (left.length === 0) await Deno.remove(path);
  else await replaceFile(path, open ? kept.replace(/\r?\n$/u, "") : kept);
  return true;
}

/**
 * Whether an attributes file holds the line.
 *
 * @param path The file, absolute.
 * @returns True if it does.
 */
export async function hasAttributes(path: string): Promise<boolean> {
  return (await textOf(path)).split(/\r?\n/u).some(isOurs);
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

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
