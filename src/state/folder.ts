/**
 * The one private folder: where it is, and opening it safely.
 *
 * @module
 */

import { StateError } from "../errors.ts";
import { removeLeftovers } from "./leftovers.ts";
import type { Notice } from "./open_private_file.ts";
import { refuseForeignOwner } from "./refusal.ts";

/** Reads an environment variable; tests and commands put their own in. */
export type EnvReader = (name: string) => string | undefined;

/** What {@link openStateFolder} may be told. */
export interface StateFolderOptions {
  /** The folder itself, absolute. Default: {@link stateFolder}. */
  readonly folder?: string;
  /** Environment to find the folder by. Default: this process's. */
  readonly env?: EnvReader;
  /** Is told, in one sentence, when permissions had to be tightened. Default: nobody is told. */
  readonly onNotice?: Notice;
}

const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

/**
 * Where hushbook keeps its private files: `$HUSHBOOK_HOME`; else `$XDG_STATE_HOME/hushbook`; else
 * `~/.local/state/hushbook` (XDG Base Directory Specification), on macOS
 * `~/Library/Application Support/hushbook`, on Windows `%LOCALAPPDATA%\hushbook`.
 * Nothing is created or looked at, so the answer is only a path.
 *
 * Needs `--allow-env` for those names when `env` is not given.
 *
 * @param options `env`: reads an environment variable; default this process's. `os`: default this
 * machine's.
 * @returns An absolute path.
 * @throws {StateError} `state-no-folder` when `HUSHBOOK_HOME` is relative, or no home is known.
 */
export function stateFolder(
  options: { readonly env?: EnvReader; readonly os?: typeof Deno.build.os } = {},
): string {
  const env = options.env ?? ((name: string) => Deno.env.get(name));
  const os = options.os ?? Deno.build.os;
  const chosen = env("HUSHBOOK_HOME");
  if (chosen) {
    if (ABSOLUTE.test(chosen)) return chosen.replace(/(?<=[^/\\:])[/\\]+$/, "");
    throw new StateError(
      "state-no-folder",
      "Cannot find the private folder: HUSHBOOK_HOME is a relative path, which would mean another " +
        "folder in each notebook; set it to an absolute path",
    );
  }
  const xdg = env("XDG_STATE_HOME");
  // The XDG specification: relative paths are invalid and must be ignored.
  if (xdg && ABSOLUTE.test(xdg)) return join(xdg, "hushbook");
  if (os === "windows") {
    const local = env("LOCALAPPDATA");
    if (local && ABSOLUTE.test(local)) return join(local, "hushbook");
  }
  const home = env(os === "windows" ? "USERPROFILE" : "HOME");
  if (!home || !ABSOLUTE.test(home)) {
    throw new StateError(
      "state-no-folder",
      "Cannot find the private folder: this process has no home folder; set HUSHBOOK_HOME to an " +
        "absolute path that only you can read",
    );
  }
  if (os === "windows") return join(home, "AppData/Local/hushbook");
  return join(
    home,
    os === "darwin" ? "Library/Application Support/hushbook" : ".local/state/hushbook",
  );
}

/**
 * Makes the private folder ready: creates it as 0700 whatever the umask, or checks the one that is
 * there. A symbolic link, another user's folder, or an open folder that holds somebody else's files
 * is refused; an own folder with open modes is tightened with a notice. What writers that were
 * killed left behind is removed.
 *
 * Needs `--allow-read` and `--allow-write` for the folder and `--allow-sys=uid`.
 *
 * @param options The folder, the environment, who is told.
 * @returns The folder's absolute path.
 * @throws {StateError} When the folder is not safe or cannot be made.
 */
export function openStateFolder(options: StateFolderOptions = {}): Promise<string> {
  return new Promise((resolve) => resolve(openStateFolderSync(options)));
}

/**
 * As {@link openStateFolder}, at once: it is a handful of system calls.
 *
 * @param options The folder, the environment, who is told.
 * @returns The folder's absolute path.
 * @throws {StateError} When the folder is not safe or cannot be made.
 */
export function openStateFolderSync(options: StateFolderOptions = {}): string {
  const path = options.folder ?? stateFolder(options);
  openPrivateFolder(path, options.onNotice);
  return path;
}

/**
 * As {@link openStateFolderSync}, for any folder: used for folders inside the private one.
 *
 * @param path Absolute path.
 * @param onNotice Is told when permissions had to be tightened.
 * @throws {StateError} When the folder is not safe or cannot be made.
 */
export function openPrivateFolder(path: string, onNotice?: Notice): void {
  if (!checkPrivateFolder(path, onNotice)) {
    try {
      Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
      // mkdir honours the umask, which may have taken our own bits away.
      if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o700);
    } catch (error) {
      throw unwritable(path, "create", error);
    }
    checkPrivateFolder(path, onNotice);
  }
  removeLeftovers(path);
}

/**
 * Looks whether a private folder is there and safe, as {@link openStateFolder} does, but creates
 * and sweeps nothing: it is one system call, for what is read before every call.
 *
 * @param path Absolute path.
 * @param onNotice Is told when permissions had to be tightened.
 * @returns Whether it is there.
 * @throws {StateError} When it is not safe.
 */
export function checkPrivateFolder(path: string, onNotice?: Notice): boolean {
  const info = lstat(path);
  if (info === null) return false;
  if (!info.isDirectory) {
    throw new StateError(
      "state-not-a-file",
      `Cannot use the private folder ${path}: it is ${
        info.isSymlink ? "a symbolic link, which could lead anywhere" : "not a folder"
      }; remove it, or set HUSHBOOK_HOME to the real folder`,
    );
  }
  refuseForeignOwner(path, info);
  if (info.mode !== null && (info.mode & 0o777) !== 0o700 && Deno.build.os !== "windows") {
    tighten(path, info.mode & 0o7777, onNotice);
  }
  return true;
}

function tighten(path: string, mode: number, onNotice?: Notice): void {
  // HUSHBOOK_HOME=/tmp set by root must not close /tmp to everybody else. Inside a folder that is
  // closed already nobody can miss it.
  const parent = lstat(path.replace(/[/\\][^/\\]*$/, "") || "/");
  const own = /[/\\]\.?hushbook$/.test(path) || ((parent?.mode ?? 0o077) & 0o077) === 0;
  if ((mode & 0o077) !== 0 && !own && !isEmpty(path)) {
    throw new StateError(
      "state-open-folder",
      `Cannot use the private folder ${path}: others can look into it (mode ${
        octal(mode)
      }) and it ` +
        `holds other files; set HUSHBOOK_HOME to an empty folder, or run: chmod 700 '${path}'`,
    );
  }
  try {
    Deno.chmodSync(path, 0o700);
  } catch (error) {
    throw unwritable(path, "tighten", error);
  }
  onNotice?.(`Tightened ${path} from mode ${octal(mode)} to 0700: it holds private files`);
}

function lstat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw unwritable(path, "open", error);
  }
}

function isEmpty(path: string): boolean {
  for (const _ of Deno.readDirSync(path)) return false;
  return true;
}

function unwritable(path: string, action: string, error: unknown): unknown {
  // A missing Deno permission names its own flag; that is the better message.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  return new StateError(
    "state-unwritable",
    `Cannot ${action} the private folder ${path}: ${
      "code" in error ? error.code : error.name
    }; make its parent writable for ` +
      `you, or set HUSHBOOK_HOME to a folder you own`,
  );
}

function join(folder: string, name: string): string {
  return `${folder.replace(/[/\\]+$/, "")}/${name}`;
}

/** A mode as people write it, such as `0644`. */
function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}
