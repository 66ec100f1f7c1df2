/**
 * Tracked notebooks that still hold outputs: what adopting the filter has to deal with.
 *
 * @module
 */

import { ObjectReader } from "./objects.ts";
import { runGit } from "./run.ts";

/**
 * Whether clearing would change a notebook; what it throws counts as no.
 *
 * @param bytes The notebook.
 * @param path Its path from the top of the working tree.
 */
export type WouldClear = (bytes: Uint8Array<ArrayBuffer>, path: string) => boolean;

/**
 * Lists the tracked notebooks whose blob in the index clearing would change.
 *
 * @param top The top of the working tree, absolute.
 * @param wouldClear Whether clearing would change one.
 * @returns Paths from the top.
 * @throws {GitError} If git fails.
 */
export async function uncleared(top: string, wouldClear: WouldClear): Promise<string[]> {
  const { stdout } = await runGit(["ls-files", "-s", "-z", "--", "*.ipynb"], { cwd: top });
  const notebooks = new TextDecoder().decode(stdout).split("\0").flatMap((line) => {
    const found = /^100\d+ ([0-9a-f]+) 0\t(.*)$/su.exec(line);
    return found === null ? [] : [{ id: found[1]!, path: found[2]! }];
  });
  if (notebooks.length === 0) return [];
  await using reader = new ObjectReader({ cwd: top });
  const asked = reader.ask(notebooks.map(({ id }) => id), true);
  const paths: string[] = [];
  for (const { id, path } of notebooks) {
    const bytes = await reader.bytes(await reader.head(id));
    try {
      if (wouldClear(bytes, path)) paths.push(path);
    } catch { /* Not understood: the hook will say so. */ }
  }
  await asked;
  return paths;
}
