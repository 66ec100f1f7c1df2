/**
 * Whether hushbook is in force in a repository: what git would really do, not what was once installed.
 *
 * @module
 */

import { ATTRIBUTES_LINE, filtersInForce } from "./attributes.ts";
import { driverFaults } from "./driver.ts";
import { type HookState, lookAtHook } from "./hook_file.ts";
import { goneScript, originOf } from "./hook_origin.ts";
import { type HookName, hookText } from "./hook_text.ts";
import type { Launch } from "./launcher.ts";
import { type HookManager, hookManager } from "./managers.ts";
import { hooksFolder, type WorkTree, workTree } from "./repository.ts";
import { exposedSecretFiles, type ExposedSecrets } from "./secret_files.ts";
import { uncleared, type WouldClear } from "./uncleared.ts";

/** One part of hushbook in a repository. */
export interface Part {
  /** Whether it is there and git would run it. */
  readonly inForce: boolean;
  /** Whether something was installed or checked in for it at all. */
  readonly installed: boolean;
  /** What is wrong or worth knowing, one sentence each. */
  readonly notes: readonly string[];
}

/** What is in force in a repository. */
export interface HookStatus {
  /** The pre-commit hook. */
  readonly preCommit: Part;
  /** The pre-push hook. */
  readonly prePush: Part;
  /** The filter. */
  readonly filter: Part;
  /** Secret files that git would take in, or has already. */
  readonly secretFiles: ExposedSecrets;
  /** Tracked notebooks whose committed or staged content still holds outputs. */
  readonly uncleared: readonly string[];
}

/**
 * Looks at a repository.
 *
 * Needs `--allow-run=git` and reading in the repository and its hooks folder.
 *
 * @param cwd A folder in the repository, absolute.
 * @param launch How this hushbook is started; an installed hook that says otherwise is out of date.
 * @param wouldClear Whether clearing would change a notebook.
 * @returns What is in force.
 * @throws {GitError} If there is no working tree, or git fails.
 */
export async function hookStatus(
  cwd: string,
  launch: Launch,
  wouldClear: WouldClear,
): Promise<HookStatus> {
  const tree = await workTree(cwd);
  const hooks = await hooksFolder(tree);
  const manager = await hookManager(tree.top, hooks);
  return {
    preCommit: await hookPart(tree, hooks, "pre-commit", launch, manager),
    prePush: await hookPart(tree, hooks, "pre-push", launch, undefined),
    filter: await filterPart(tree, launch),
    secretFiles: await exposedSecretFiles(tree.top),
    uncleared: await uncleared(tree.top, wouldClear),
  };
}

async function hookPart(
  { commonFolder }: WorkTree,
  hooks: string,
  name: HookName,
  launch: Launch,
  manager: HookManager | undefined,
): Promise<Part> {
  const state = await lookAtHook(hooks, name);
  if (manager !== undefined) {
    const legacy = manager.name === "pre-commit"
      ? await legacyPart(hooks, name, launch)
      : undefined;
    if (legacy !== undefined && !manager.runsHushbook) return legacy;
    const { file, runsHushbook } = manager;
    const note = runsHushbook
      ? `${manager.name} runs it, by ${file}`
      : `${manager.name} manages the hooks, and ${file} does not run hushbook`;
    return { installed: runsHushbook, inForce: runsHushbook && state.executable, notes: [note] };
  }
  if (state.whose === "nobody") {
    const bypassed = hooks !== `${commonFolder}/hooks` &&
      (await lookAtHook(`${commonFolder}/hooks`, name)).whose === "hushbook";
    const notes: string[] = [];
    if (bypassed) {
      notes.push(
        `core.hooksPath names ${hooks}, so git passes over the hook in ${commonFolder}/hooks: ` +
          "run hook install again",
      );
    }
    if (name === "pre-commit" && await isNoFolder(hooks)) {
      notes.push(`core.hooksPath names ${hooks}, which is no folder, so git runs no hook at all`);
    }
    return { installed: bypassed, inForce: false, notes };
  }
  const notes: string[] = [];
  if (state.whose === "dangling") {
    notes.push(`${state.path} is a link to nothing, which git passes over in silence`);
  } else if (state.whose === "other") {
    notes.push(`${state.path} is another program's hook; hook install runs it before its own`);
  } else {
    return ownPart(state, name, launch);
  }
  return { installed: false, inForce: false, notes };
}

/** A hook of ours. */
function ownPart(state: HookState, name: HookName, launch: Launch): Part {
  const { path, text = "", executable } = state;
  const notes: string[] = [];
  if (!executable) {
    notes.push(`${path} is not executable, so git passes over it: run chmod +x on it`);
  }
  const origin = originOf(text, (other) => hookText(name, other), launch);
  if (origin !== "here") {
    notes.push(
      origin === "changed"
        ? "it was changed, or another version wrote it, so nobody can say what it does: run hook install again"
        : "it was installed from another place: run hook install again",
    );
  }
  const gone = goneScript(text);
  if (gone !== undefined) {
    notes.push(
      `it starts ${gone}, which is gone, so it refuses everything: run hook install again`,
    );
  }
  if (state.chained) notes.push("the hook from before runs first");
  const inForce = executable && origin !== "changed" && gone === undefined;
  return { installed: true, inForce, notes };
}

/** Our hook where the pre-commit framework was installed over it: it runs that before anything else. */
async function legacyPart(
  hooks: string,
  name: HookName,
  launch: Launch,
): Promise<Part | undefined> {
  const state = await lookAtHook(hooks, `${name}.legacy`);
  if (state.whose !== "hushbook") return undefined;
  const part = ownPart(state, name, launch);
  return { ...part, notes: [`pre-commit runs it first, as ${state.path}`, ...part.notes] };
}

async function filterPart(tree: WorkTree, launch: Launch): Promise<Part> {
  const faults = await driverFaults(tree, launch);
  const filters = [...await filtersInForce(tree.top)];
  const ours = filters.filter(([, filter]) => filter === "hushbook");
  if (faults === "absent") {
    const notes = ours.length === 0 ? [] : [
      `attributes name the filter, but this clone does not know it, so outputs pass in silence: run ` +
      "hook install --filter",
    ];
    return { installed: ours.length > 0, inForce: false, notes };
  }
  const notes = [...faults];
  for (const [path, filter] of filters) {
    if (filter === "hushbook") continue;
    notes.push(
      filter === "unspecified"
        ? `no attribute gives ${path} to the filter; the line is: ${ATTRIBUTES_LINE}`
        : `another attribute wins for ${path}: filter is ${filter}`,
    );
  }
  return { installed: true, inForce: faults.length === 0 && ours.length === filters.length, notes };
}

/** Whether something else than a folder is in the place, such as `/dev/null`. */
async function isNoFolder(path: string): Promise<boolean> {
  try {
    return !(await Deno.stat(path)).isDirectory;
  } catch {
    return false; // Nothing there: an empty repository has no hooks folder.
  }
}
