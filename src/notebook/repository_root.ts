/**
 * The repository a folder belongs to.
 *
 * @module
 */

import { join } from "./path.ts";

/**
 * Finds the repository a folder belongs to, without asking git: the nearest folder at or above it
 * that holds a `.git`.
 *
 * @param folder The folder, absolute.
 * @param known Folders that were looked at before, and their answers; use one for many folders.
 * @returns The repository's folder, or undefined when there is none.
 */
export function repositoryRoot(
  folder: string,
  known: Map<string, string | undefined> = new Map(),
): string | undefined {
  const above: string[] = [];
  let root: string | undefined;
  for (let at = folder;;) {
    if (known.has(at)) {
      root = known.get(at);
      break;
    }
    above.push(at);
    if (exists(join(at, ".git"))) {
      root = at;
      break;
    }
    const parent = at.replace(/[/\\][^/\\]*[/\\]?$/, "") || "/";
    if (parent === at || !/[/\\]/.test(at)) break;
    at = parent;
  }
  for (const one of above) known.set(one, root);
  return root;
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
