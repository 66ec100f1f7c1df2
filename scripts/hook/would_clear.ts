/**
 * Whether clearing would change a notebook of this repository.
 *
 * @module
 */

import { workTree } from "../../src/git/repository.ts";
import { readPolicy } from "../../src/git/policy.ts";
import type { WouldClear } from "../../src/git/uncleared.ts";

/**
 * Reads the settings of the working tree.
 *
 * @param cwd A folder in the repository, absolute.
 * @returns The question, ready to be asked.
 */
export async function wouldClear(cwd: string): Promise<WouldClear> {
  const { top } = await workTree(cwd);
  let settings: Uint8Array | null = null;
  try {
    settings = await Deno.readFile(`${top}/hushbook.json`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const policy = readPolicy(settings, null);
  return (bytes, path) => policy.clear(bytes, path).changed;
}
