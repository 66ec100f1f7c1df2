/**
 * The filter's driver: what a clone's configuration must say so that git knows the filter that
 * attributes name. Attributes travel with a clone, the driver does not.
 *
 * @module
 */

import { gitText, runGit } from "./run.ts";
import { GREETING } from "./filter.ts";
import { goneScript, originOf } from "./hook_origin.ts";
import { filterText } from "./hook_text.ts";
import type { Launch } from "./launcher.ts";
import { replaceFile } from "./replace_file.ts";
import type { Repository } from "./repository.ts";

// Git runs these through a shell, at the top of the working tree. Asking for the common folder finds
// the start file in linked worktrees too, and after the repository was moved.
const START = `"$(git rev-parse --git-common-dir)/hushbook/filter"`;

/** What the configuration must say. Not `required`: then git would delete or refuse other work. */
const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  ["filter.hushbook.process", `printf '${GREETING}'; exec ${START} process`],
  ["filter.hushbook.clean", `${START} clean %f`],
  ["filter.hushbook.smudge", "cat"],
  // A textconv that fails makes git diff and git show fail.
  ["diff.hushbook.textconv", `f() { ${START} textconv "$1" || cat "$1"; }; f`],
];

/** The start file, absolute. */
function startFile({ commonFolder }: Repository): string {
  return `${commonFolder}/hushbook/filter`;
}

/**
 * Installs the driver, or brings it up to date.
 *
 * @param repository Where.
 * @param launch How to start hushbook.
 * @throws {GitError} If git fails.
 */
export async function installDriver(repository: Repository, launch: Launch): Promise<void> {
  const path = startFile(repository);
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await replaceFile(path, filterText(launch), { mode: 0o755 });
  await rememberEnd(repository);
  const cwd = repository.gitFolder;
  for (const [key, value] of SETTINGS) {
    await runGit(["config", "--local", "--replace-all", key, value], { cwd });
  }
}

/**
 * Removes the driver.
 *
 * @param repository Where.
 * @returns Whether there was one.
 * @throws {GitError} If git fails.
 */
export async function removeDriver(repository: Repository): Promise<boolean> {
  const cwd = repository.gitFolder;
  let removed = false;
  for (const section of ["filter.hushbook", "diff.hushbook"]) {
    // 128: there is no such section.
    const exits = [0, 128];
    const { code } = await runGit(["config", "--local", "--remove-section", section], {
      cwd,
      exits,
    });
    removed ||= code === 0;
  }
  await restoreEnd(repository);
  try {
    await Deno.remove(startFile(repository));
    await Deno.remove(`${repository.commonFolder}/hushbook`);
    removed = true;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return removed;
}

/** Says that the configuration had no final line end: git adds one, and keeps it. */
function openEnd({ commonFolder }: Repository): string {
  return `${commonFolder}/hushbook/config-had-no-final-line-end`;
}

async function rememberEnd(repository: Repository): Promise<void> {
  const config = await Deno.readFile(`${repository.commonFolder}/config`);
  if (config.length > 0 && config.at(-1) !== 0x0a) {
    await Deno.writeFile(openEnd(repository), config.subarray(0, 0));
  }
}

async function restoreEnd(repository: Repository): Promise<void> {
  try {
    await Deno.remove(openEnd(repository));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  const path = `${repository.commonFolder}/config`;
  const config = await Deno.readFile(path);
  if (config.at(-1) === 0x0a) await replaceFile(path, config.subarray(0, -1));
}

/**
 * What is wrong with the driver.
 *
 * @param repository Where.
 * @param launch How this hushbook is started.
 * @returns `absent` if nothing is configured, else one sentence for each fault; empty if all is well.
 * @throws {GitError} If git fails.
 */
export async function driverFaults(
  repository: Repository,
  launch: Launch,
): Promise<"absent" | string[]> {
  const { stdout } = await runGit(
    ["config", "-z", "--get-regexp", "^(filter|diff)\\.hushbook\\."],
    { cwd: repository.gitFolder, exits: [0, 1] },
  );
  const configured = new Map(
    new TextDecoder().decode(stdout).split("\0").filter((entry) => entry !== "").map((entry) => {
      const cut = entry.indexOf("\n");
      return cut < 0 ? [entry, ""] as const : [entry.slice(0, cut), entry.slice(cut + 1)] as const;
    }),
  );
  if (configured.size === 0) return "absent";
  const faults: string[] = [];
  for (const [key, value] of SETTINGS) {
    if (configured.get(key) !== value) faults.push(`git config ${key} is not what install wrote`);
  }
  if (/^(?:true|yes|on|1|)$/iu.test(configured.get("filter.hushbook.required") ?? "false")) {
    faults.push(
      "git config filter.hushbook.required is set: git then deletes working files when the filter " +
        "cannot start; run git config --unset filter.hushbook.required",
    );
  }
  try {
    const text = await Deno.readTextFile(startFile(repository));
    const gone = goneScript(text);
    if (gone !== undefined) {
      faults.push(
        `it starts ${gone}, which is gone, so outputs pass: run hook install --filter again`,
      );
    } else if (originOf(text, filterText, launch) === "changed") {
      faults.push(
        `${
          startFile(repository)
        } was changed, or another version wrote it: run hook install --filter again`,
      );
    }
    const { mode } = await Deno.stat(startFile(repository));
    if (Deno.build.os !== "windows" && ((mode ?? 0) & 0o111) === 0) {
      faults.push(`${startFile(repository)} is not executable`);
    }
  } catch {
    faults.push(`${startFile(repository)} is missing`);
  }
  return faults;
}

/**
 * The shared attributes files hushbook wrote to in this clone.
 *
 * @param repository Where.
 * @returns Absolute paths.
 * @throws {GitError} If git fails.
 */
export async function sharedAttributes({ gitFolder }: Repository): Promise<string[]> {
  const { stdout } = await runGit(["config", "--local", "-z", "--get-all", "hushbook.attributes"], {
    cwd: gitFolder,
    exits: [0, 1],
  });
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

/**
 * Remembers, or forgets, a shared attributes file.
 *
 * @param repository Where.
 * @param path The file, absolute; null forgets all of them.
 * @throws {GitError} If git fails.
 */
export async function rememberAttributes(
  repository: Repository,
  path: string | null,
): Promise<void> {
  const cwd = repository.gitFolder;
  if (path === null) {
    // 5: there is none. Git removes a section with its last key.
    await runGit(["config", "--local", "--unset-all", "hushbook.attributes"], {
      cwd,
      exits: [0, 5],
    });
  } else if (!(await sharedAttributes(repository)).includes(path)) {
    await gitText(["config", "--local", "--add", "hushbook.attributes", path], { cwd });
  }
}
