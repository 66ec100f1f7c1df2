/**
 * Installing: the hooks, and on request the filter and the entries that keep secret files out.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { ATTRIBUTES_LINE, filtersInForce } from "./attributes.ts";
import { installDriver, rememberAttributes } from "./driver.ts";
import { installHook } from "./hook_file.ts";
import { type HookName, hookText } from "./hook_text.ts";
import { type Launch, shellWord } from "./launcher.ts";
import { addLine } from "./line_file.ts";
import { type HookManager, hookManager, linesToAdd } from "./managers.ts";
import { hooksFolder, type WorkTree, workTree } from "./repository.ts";
import { uncleared, type WouldClear } from "./uncleared.ts";
import { addIgnoreEntries, exposedSecretFiles } from "./secret_files.ts";

/** What to install besides the pre-commit hook. */
export interface InstallOptions {
  /** A folder in the repository, absolute. */
  readonly cwd: string;
  /** How to start hushbook later. */
  readonly launch: Launch;
  /** Also the pre-push hook. */
  readonly prePush?: boolean;
  /** Also the filter and textconv. */
  readonly filter?: boolean;
  /** A shared attributes file, absolute, instead of the one in the git folder. */
  readonly attributes?: string;
  /** Also the entries for secret files in `.gitignore`. */
  readonly gitignore?: boolean;
  /** Whether clearing would change a notebook; what it throws counts as no. */
  readonly wouldClear: WouldClear;
}

/**
 * Installs hushbook in a repository. Doing it again changes nothing, or brings it up to date.
 *
 * Needs `--allow-run=git`, and reading and writing in the repository and its hooks folder.
 *
 * @param options Where, and what.
 * @returns What was done, one sentence each.
 * @throws {GitError} If there is no working tree, another program manages the hooks, another filter
 * has the notebooks, or git fails. The message says what to do.
 */
export async function install(options: InstallOptions): Promise<string[]> {
  const tree = await workTree(options.cwd);
  const hooks = await hooksFolder(tree);
  const manager = await hookManager(tree.top, hooks);
  if (manager !== undefined && !manager.runsHushbook) throw refusal(manager, options.launch);
  const filter = options.filter === true || options.attributes !== undefined;
  if (filter) await refuseOtherFilter(tree);
  const said: string[] = [];
  // Ours would run the manager's, which runs hushbook already.
  if (manager !== undefined) said.push(`${manager.name} runs hushbook, by ${manager.file}`);
  const names: HookName[] = manager === undefined ? ["pre-commit"] : [];
  if (options.prePush === true) names.push("pre-push");
  for (const name of names) {
    const done = await installHook(hooks, name, hookText(name, options.launch));
    said.push(SENTENCES[done](name, `${hooks}/${name}`));
  }
  await addLine(`${tree.commonFolder}/info/exclude`, TEMPORARY_FILES);
  said.push(...sharedFolderNotes(tree, hooks));
  if (filter) said.push(...await installFilter(tree, options));
  if (options.gitignore === true) said.push(...await installIgnore(tree.top));
  return said;
}

/** What a killed hook may leave in a working tree; git must not take it in. */
export const TEMPORARY_FILES = ".hushbook-*.tmp";

const SENTENCES = {
  installed: (name: HookName, path: string) => `The ${name} hook is installed: ${path}`,
  updated: (name: HookName, path: string) => `The ${name} hook is brought up to date: ${path}`,
  unchanged: (name: HookName, path: string) => `The ${name} hook was installed already: ${path}`,
  chained: (name: HookName, path: string) =>
    `The ${name} hook is installed: ${path}; the one that was there runs before it`,
} as const;

function refusal(manager: HookManager, { program }: Launch): GitError {
  return new GitError(
    "git-failed",
    [
      `Cannot install the hook: ${manager.name} manages the hooks of this repository and would write ` +
      `over it; add this to ${manager.file} instead:`,
      "",
      ...linesToAdd(manager, program).map((line) => `  ${line}`),
    ].join("\n"),
  );
}

async function refuseOtherFilter({ top }: WorkTree): Promise<void> {
  for (const [path, filter] of await filtersInForce(top)) {
    if (["unspecified", "unset", "set", "hushbook"].includes(filter)) continue;
    throw new GitError(
      "git-failed",
      `Cannot install the filter: ${path} belongs to the filter "${filter}" by an attributes file, and ` +
        "git runs only one filter for a file; remove that line, or install without --filter: the hook " +
        "clears notebooks on its own",
    );
  }
}

function sharedFolderNotes({ top, commonFolder }: WorkTree, hooks: string): string[] {
  if (hooks.startsWith(`${commonFolder}/`)) return [];
  return [
    hooks.startsWith(`${top}/`)
      ? `Note: core.hooksPath names a folder of this repository; the hook holds paths of this machine, so do not commit it`
      : `Note: core.hooksPath names ${hooks}, so the hook runs in every repository that uses that folder`,
  ];
}

async function installFilter(tree: WorkTree, options: InstallOptions): Promise<string[]> {
  const said: string[] = [];
  await installDriver(tree, options.launch);
  const file = options.attributes ?? `${tree.commonFolder}/info/attributes`;
  if (options.attributes !== undefined) await rememberAttributes(tree, options.attributes);
  said.push(
    await addLine(file, ATTRIBUTES_LINE)
      ? `The filter is installed for *.ipynb: ${file}`
      : `The filter was installed for *.ipynb already: ${file}`,
  );
  for (const [path, filter] of await filtersInForce(tree.top)) {
    if (filter !== "hushbook") {
      said.push(
        `Note: another attribute wins for ${path}, so the filter never sees it (${filter})`,
      );
    }
  }
  if (options.attributes !== undefined) {
    said.push(
      `Commit ${
        shellWord(file)
      } to share it; each clone needs '${options.launch.program} hook install --filter' once`,
    );
  }
  const { length } = await uncleared(tree.top, options.wouldClear);
  if (length > 0) {
    said.push(
      `${length} tracked notebook${
        length === 1 ? " holds" : "s hold"
      } outputs; on each live branch run`,
      // Notebooks only, from any folder: other files may have line ends to normalize.
      `  git add --renormalize ':/*.ipynb' && git commit -m "Clear notebook outputs"`,
    );
  }
  said.push(
    "Outputs are unversioned from now on: a checkout, merge or stash can overwrite those of a re-run",
  );
  return said;
}

async function installIgnore(top: string): Promise<string[]> {
  const added = await addIgnoreEntries(top);
  const { tracked } = await exposedSecretFiles(top);
  return [
    added.length > 0
      ? `Added to .gitignore: ${added.join(" ")}`
      : "The entries were in .gitignore already",
    ...tracked.map((path) =>
      `Note: git tracks ${path}, so ignoring does not apply: run git rm --cached ${
        shellWord(path)
      }, and rotate what is in it`
    ),
  ];
}
