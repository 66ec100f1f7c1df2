/**
 * Uninstalling: exactly what was installed goes, and a hook from before comes back.
 *
 * @module
 */

import { ATTRIBUTES_LINE } from "./attributes.ts";
import { rememberAttributes, removeDriver, sharedAttributes } from "./driver.ts";
import { removeHook } from "./hook_file.ts";
import type { HookName } from "./hook_text.ts";
import { TEMPORARY_FILES } from "./install.ts";
import { removeLine } from "./line_file.ts";
import { hooksFolder, workTree } from "./repository.ts";

/**
 * Removes hushbook from a repository. Doing it again changes nothing. Entries in `.gitignore` stay:
 * without them git would take the secret files in.
 *
 * Needs `--allow-run=git`, and reading and writing in the repository and its hooks folder.
 *
 * @param cwd A folder in the repository, absolute.
 * @returns What was done, one sentence each; empty if nothing was installed.
 * @throws {GitError} If there is no working tree, or git fails.
 */
export async function uninstall(cwd: string): Promise<string[]> {
  const tree = await workTree(cwd);
  const hooks = await hooksFolder(tree);
  const said: string[] = [];
  const names: HookName[] = ["pre-commit", "pre-push"];
  // core.hooksPath may have been set since.
  const own = `${tree.commonFolder}/hooks`;
  for (const name of own === hooks ? [] : names) {
    const done = await removeHook(own, name);
    if (done === "removed" || done === "restored") {
      said.push(`The ${name} hook is removed from ${own}`);
    }
  }
  for (const name of names) {
    const done = await removeHook(hooks, name);
    if (done === "removed") said.push(`The ${name} hook is removed`);
    if (done === "restored") {
      said.push(`The ${name} hook is removed, and the one from before is back`);
    }
    if (done === "kept") said.push(`The ${name} hook is another program's and was left alone`);
  }
  const files = [`${tree.commonFolder}/info/attributes`, ...await sharedAttributes(tree)];
  for (const file of files) {
    if (await removeLine(file, ATTRIBUTES_LINE)) {
      said.push(`The filter's line is removed from ${file}`);
    }
  }
  await rememberAttributes(tree, null);
  await removeLine(`${tree.commonFolder}/info/exclude`, TEMPORARY_FILES);
  if (await removeDriver(tree)) {
    said.push("The filter is removed; git add a notebook and its outputs are staged again");
  }
  return said;
}
