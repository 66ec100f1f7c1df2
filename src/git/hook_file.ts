/**
 * Putting a hook into a hooks folder, taking it out again, and seeing what is there. A hook that was
 * there before is kept beside ours and runs before it.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { beforeName, type HookName, isMadeByHushbook } from "./hook_text.ts";
import { replaceFile } from "./replace_file.ts";

/** What is found where a hook belongs. */
export interface HookState {
  /** The hook file, absolute. */
  readonly path: string;
  /** Whose it is; `dangling` is a symbolic link to nothing, which git passes over in silence. */
  readonly whose: "hushbook" | "other" | "nobody" | "dangling";
  /** Its text, if it is a file that can be read. */
  readonly text: string | undefined;
  /** Whether git would run it. */
  readonly executable: boolean;
  /** Whether a hook that was there before is kept beside it. */
  readonly chained: boolean;
}

/**
 * Looks at a hook.
 *
 * @param folder The hooks folder, absolute.
 * @param name Which hook; with `.legacy`, where the pre-commit framework was installed over it.
 * @returns What is there.
 */
export async function lookAtHook(
  folder: string,
  name: HookName | `${HookName}.legacy`,
): Promise<HookState> {
  const path = `${folder}/${name}`;
  const chained = await present(`${folder}/${beforeName(name.replace(".legacy", "") as HookName)}`);
  if (!await present(path)) {
    return { path, whose: "nobody", text: undefined, executable: false, chained };
  }
  try {
    const { mode } = await Deno.stat(path);
    const text = new TextDecoder().decode(await Deno.readFile(path));
    const executable = Deno.build.os === "windows" || ((mode ?? 0) & 0o111) !== 0;
    const whose = isMadeByHushbook(text) ? "hushbook" : "other";
    return { path, whose, text, executable, chained };
  } catch (error) {
    const whose = error instanceof Deno.errors.NotFound ? "dangling" : "other";
    return { path, whose, text: undefined, executable: false, chained };
  }
}

/**
 * Installs a hook, or brings ours up to date. At no moment is there no hook where one was.
 *
 * @param folder The hooks folder, absolute; it is made if it is missing.
 * @param name Which hook.
 * @param text Its text.
 * @returns What was done.
 * @throws {GitError} If another hook is there and so is one from before.
 */
export async function installHook(
  folder: string,
  name: HookName,
  text: string,
): Promise<"installed" | "updated" | "unchanged" | "chained"> {
  const state = await lookAtHook(folder, name);
  if (state.whose === "hushbook" && state.text === text && state.executable) return "unchanged";
  await makeFolder(folder);
  if (state.whose === "other" || state.whose === "dangling") {
    if (state.chained) {
      throw new GitError(
        "git-failed",
        `Cannot install the ${name} hook: another one was put over it (${state.path}), and ` +
          `${
            beforeName(name)
          } beside it is from before; join the two in one file, remove the other, ` +
          "and install again",
      );
    }
    await copyHook(state.path, `${folder}/${beforeName(name)}`);
  }
  // What a symbolic link leads to, a checked-in script perhaps, stays as it is.
  await replaceFile(state.path, text, { mode: 0o755, followLinks: false });
  if (state.whose === "hushbook") return "updated";
  return state.whose === "nobody" ? "installed" : "chained";
}

/**
 * Removes our hook, and puts the one from before back.
 *
 * @param folder The hooks folder, absolute.
 * @param name Which hook.
 * @returns What was done; `kept` if the hook there is not ours.
 */
export async function removeHook(
  folder: string,
  name: HookName,
): Promise<"removed" | "restored" | "absent" | "kept"> {
  const state = await lookAtHook(folder, name);
  const legacy = await lookAtHook(folder, `${name}.legacy`);
  if (legacy.whose === "hushbook") await Deno.remove(legacy.path);
  if (state.whose === "nobody") return "absent";
  if (state.whose !== "hushbook") return legacy.whose === "hushbook" ? "removed" : "kept";
  if (state.chained) {
    await Deno.rename(`${folder}/${beforeName(name)}`, state.path);
    return "restored";
  }
  await Deno.remove(state.path);
  return "removed";
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch {
    throw new GitError(
      "git-failed",
      `Cannot install the hook: git looks for hooks in ${folder} (core.hooksPath), which is no folder ` +
        "and cannot be made one; see git config --show-origin core.hooksPath",
    );
  }
}

/** Gives a hook a second name, so that it comes back as it was: times, owner and all. */
async function copyHook(from: string, to: string): Promise<void> {
  try {
    return await Deno.link(from, to);
  } catch { /* Not every file system can. */ }
  const info = await Deno.lstat(from);
  if (info.isSymlink) await Deno.symlink(await Deno.readLink(from), to);
  else await Deno.copyFile(from, to);
}

async function present(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}
