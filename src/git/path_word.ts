/**
 * Paths in commands that a person pastes into a shell.
 *
 * @module
 */

import { printable } from "../notebook/report_words.ts";
import { shellWord } from "./launcher.ts";

/**
 * A path as a word for the user's shell. One that starts as an option or a git pathspec's magic does
 * gets `./` before it; one with control characters is written as bash and zsh read it.
 *
 * @param path A path relative to the user's folder.
 * @returns The word.
 */
export function pathWord(path: string): string {
  const plain = /^[-:]/u.test(path) ? `./${path}` : path;
  if (printable(plain) === plain) return shellWord(plain);
  const escaped = plain.replaceAll(/[\\']/gu, "\\$&");
  return `$'${printable(escaped)}'`;
}

/**
 * A path from the top, as seen from the user's folder.
 *
 * @param path The path from the top of the working tree.
 * @param prefix `GIT_PREFIX`: the user's folder from the top, empty or ending in `/`.
 * @returns The path relative to the user's folder.
 */
export function fromFolder(path: string, prefix: string): string {
  const folders = prefix.split("/").slice(0, -1);
  const names = path.split("/");
  let shared = 0;
  while (shared < folders.length && folders[shared] === names[shared]) shared++;
  return [...folders.slice(shared).map(() => ".."), ...names.slice(shared)].join("/");
}

/**
 * The command that stages files, exactly these.
 *
 * @param paths Paths relative to the user's folder.
 * @param force Whether git would refuse one of them, since it is ignored. Default false.
 * @returns One command.
 */
export function addCommand(paths: readonly string[], force = false): string {
  // A file called [x].ipynb is a pattern to git: it would stage others with it.
  const literal = paths.some((path) => /[*?\\]|\[.+\]/u.test(path)) ? " --literal-pathspecs" : "";
  return `git${literal} add${force ? " -f" : ""} ${paths.map(pathWord).join(" ")}`;
}
