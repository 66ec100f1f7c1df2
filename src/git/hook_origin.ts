/**
 * Where an installed hook or filter file comes from: whether it is what this hushbook writes, what the
 * same version wrote in another place, or something that may do anything.
 *
 * @module
 */

import type { Launch } from "./launcher.ts";

/** `changed`: by hand, or another version wrote it; nobody can say what it does. */
export type Origin = "here" | "elsewhere" | "changed";

/**
 * Tells where an installed file comes from.
 *
 * @param text Its content.
 * @param write What writes such a file.
 * @param launch How this hushbook is started.
 * @returns Its origin.
 */
export function originOf(
  text: string,
  write: (launch: Launch) => string,
  launch: Launch,
): Origin {
  if (text === write(launch)) return "here";
  const same = [
    { ...launch, script: "/x" },
    { ...launch, script: "https://x", denoFolder: undefined },
    { ...launch, script: "https://x", denoFolder: "/x" },
  ].some((other) => shape(text) === shape(write(other)));
  return same ? "elsewhere" : "changed";
}

/** A file without the values that differ from place to place. */
function shape(text: string): string {
  return text.replace(/^(deno|script|HUSHBOOK_PROGRAM|DENO_DIR)=.*$/gmu, "$1=")
    .replace(/^(\s*missing ").*$/gmu, "$1");
}

/**
 * The script that an installed file would start, if it is gone.
 *
 * @param text The file's content.
 * @returns Its path, or undefined if it is there, or is an address.
 */
export function goneScript(text: string): string | undefined {
  const word = /^script=(.*)$/mu.exec(text)?.[1] ?? "";
  const path = word.replace(/^'(.*)'$/u, "$1").replaceAll(`'\\''`, "'");
  if (!/^(?:\/|[A-Za-z]:)/u.test(path)) return undefined;
  try {
    Deno.statSync(path);
    return undefined;
  } catch (error) {
    return error instanceof Deno.errors.NotFound ? path : undefined;
  }
}
