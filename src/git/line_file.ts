/**
 * One line of ours in a text file of the user's or of git's, such as an attributes file: put in, taken
 * out exactly, seen.
 *
 * @module
 */

import { replaceFile } from "./replace_file.ts";

/**
 * Adds a line at the end of a file, where it beats the lines before it.
 *
 * @param path The file, absolute; it and its folder are made if they are missing.
 * @param line The line, without line end.
 * @returns Whether the file was changed.
 */
export async function addLine(path: string, line: string): Promise<boolean> {
  const text = await textOf(path);
  if (holds(text, line)) return false;
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  // A file without a final line end stays one, so that removing the line restores it exactly.
  const open = text !== "" && !text.endsWith("\n");
  await replaceFile(path, text + (open ? end + line : line + end));
  return true;
}

/**
 * Takes a line out of a file. A file with nothing else in it is removed.
 *
 * @param path The file, absolute.
 * @param line The line, without line end.
 * @returns Whether the file was changed.
 */
export async function removeLine(path: string, line: string): Promise<boolean> {
  const text = await textOf(path);
  if (!holds(text, line)) return false;
  const lines = text.split(/(?<=\n)/u);
  const kept = lines.filter((each) => each.trim() !== line).join("");
  const open = lines.at(-1)!.trim() === line && !text.endsWith("\n");
  if (kept === "") await Deno.remove(path);
  else await replaceFile(path, open ? kept.replace(/\r?\n$/u, "") : kept);
  return true;
}

function holds(text: string, line: string): boolean {
  return text.split("\n").some((each) => each.trim() === line);
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
