/**
 * The working file behind a staged notebook: whether it holds exactly what is staged, and clearing it
 * too if it does. Anything else in it is the user's unstaged work and is never touched.
 *
 * @module
 */

import { type FileVersion, readVersion } from "../notebook/file.ts";
import {
  isTemporaryName,
  removeLeftover,
  replaceVersion,
  replaceVersionLater,
} from "../notebook/replace.ts";
import { equalBytes } from "./bytes.ts";
import type { Uncleared } from "./inspect.ts";

/** How a working file relates to its staged blob. */
export type WorkingFile =
  /** It holds the same, as bytes or with CRLF line ends (`core.autocrlf`, `eol=crlf`). */
  | { readonly state: "same"; readonly version: FileVersion; readonly crlf: boolean }
  /** It holds something else (unstaged edits, a filter's work), is a link, or cannot be read. */
  | { readonly state: "other" };

/**
 * Compares a working file with its staged blob.
 *
 * @param top The top of the working tree, absolute, symbolic links resolved.
 * @param notebook The staged notebook.
 * @returns How they relate.
 */
export function workingFile(top: string, { entry, staged }: Uncleared): WorkingFile {
  if (!entry.named) return { state: "other" };
  const path = `${top}/${entry.name}`;
  try {
    if (!Deno.lstatSync(path).isFile) return { state: "other" };
    const folder = path.slice(0, path.lastIndexOf("/"));
    // Behind a symbolic link to a folder lies another place, which git does not track.
    if (Deno.realPathSync(folder).replaceAll("\\", "/") !== folder) return { state: "other" };
    const version = readVersion(path);
    if (equalBytes(version.bytes, staged)) return { state: "same", version, crlf: false };
    if (equalBytes(version.bytes, withCrlf(staged))) return { state: "same", version, crlf: true };
    return { state: "other" };
  } catch {
    return { state: "other" }; // Deleted, outside a sparse checkout, or not readable.
  }
}

/** So many files wait for the disk together: one after the other, it is waited for once for each. */
const WRITING = 16;

/**
 * Clears the working files that held what was staged, unless somebody has changed them since.
 *
 * @param files What {@link workingFile} said of each notebook.
 * @param notebooks The notebooks, in the same order.
 * @returns Whether each was cleared, in the same order.
 */
export async function clearWorkingFiles(
  files: readonly WorkingFile[],
  notebooks: readonly Uncleared[],
): Promise<boolean[]> {
  // For one file, starting other threads costs more than waiting.
  const replace = files.length === 1 ? replaceVersion : replaceVersionLater;
  const cleared: boolean[] = new Array(files.length).fill(false);
  const next = files.entries();
  const write = async () => {
    for (const [at, file] of next) {
      if (file.state !== "same") continue;
      const { cleared: bytes } = notebooks[at]!;
      try {
        cleared[at] = await replace(file.version, file.crlf ? withCrlf(bytes) : bytes);
      } catch {
        /* The commit is right all the same; the message says that the file was left alone. */
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(WRITING, files.length) }, write));
  return cleared;
}

/**
 * Removes what a hook that was killed while it cleared a working file left beside it.
 *
 * @param top The top of the working tree, absolute.
 * @param cleared Paths of files that were cleared now, from the top.
 */
export function removeLeftovers(top: string, cleared: readonly string[]): void {
  const folders = new Set(cleared.map((path) => `${top}/${path}`.replace(/\/[^/]*$/u, "")));
  for (const folder of folders) {
    for (const { name } of Deno.readDirSync(folder)) {
      if (isTemporaryName(name)) removeLeftover(`${folder}/${name}`);
    }
  }
}

/**
 * The bytes as `core.autocrlf=true` or `eol=crlf` writes them into the working tree.
 *
 * @param bytes What git stores.
 * @returns The same with CR before each LF; bytes that hold a CR already are not converted, as git does.
 */
export function withCrlf(bytes: Uint8Array): Uint8Array {
  if (bytes.includes(0x0d)) return bytes;
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++;
  const converted = new Uint8Array(bytes.length + lines);
  let to = 0;
  for (let from = 0; from < bytes.length; from++) {
    if (bytes[from] === 0x0a) converted[to++] = 0x0d;
    converted[to++] = bytes[from]!;
  }
  return converted;
}
