/**
 * Opening private files: own, regular, 0600, and never through a symbolic link.
 *
 * @module
 */

import { StateError } from "../errors.ts";
import { notAFile, refuseForeignOwner, unreadable, unwritable } from "./refusal.ts";

/** Is told, in one sentence, about something that was repaired. */
export type Notice = (notice: string) => void;

/** How {@link openPrivateFile} opens. */
export interface OpenPrivateFileOptions {
  /** Create the file, empty and 0600, when it is not there. Default false. */
  readonly create?: boolean;
  /** Open for writing too. Default false. */
  readonly write?: boolean;
  /** Every write goes to the end (`O_APPEND`). Default false. */
  readonly append?: boolean;
  /** Is told when permissions had to be tightened. Default: nobody is told. */
  readonly onNotice?: Notice;
}

/**
 * Opens a private file without following a symbolic link: own, regular, 0600 (tightened with a
 * notice when it is open to others).
 *
 * @param path Absolute path in the private folder.
 * @param options How to open.
 * @returns The open file, or null when it is not there and was not to be created.
 * @throws {StateError} When it is not safe, or cannot be opened.
 */
export function openPrivateFile(
  path: string,
  options: OpenPrivateFileOptions = {},
): Deno.FsFile | null {
  const { create = false, append = false, onNotice } = options;
  const write = options.write ?? (create || append);
  for (let attempt = 0; attempt < 8; attempt++) {
    const before = lstat(path);
    if (before === null) {
      if (!create) return null;
      const made = createEmpty(path, append);
      if (made !== null) return made;
      continue; // another process was faster: look at what it made
    }
    checkFile(path, before, onNotice);
    const file = openAsIs(path, write, append);
    if (file === null) continue; // replaced in between
    const now = file.statSync();
    // There is no O_NOFOLLOW: prove that what was opened is what was looked at.
    if (now.dev === before.dev && now.ino === before.ino) return file;
    file.close();
  }
  throw new StateError(
    "state-busy",
    `Cannot open ${path}: it is replaced again and again by another process; try again`,
  );
}

/**
 * Looks at a file without following a symbolic link.
 *
 * @param path Absolute path in the private folder.
 * @returns What is there, or null.
 * @throws {StateError} When the folder cannot be looked into.
 */
export function lstat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw unreadable(path, error);
  }
}

function checkFile(path: string, info: Deno.FileInfo, onNotice?: Notice): void {
  if (!info.isFile) throw notAFile(path, info);
  refuseForeignOwner(path, info);
  if (info.mode === null || (info.mode & 0o777) === 0o600 || Deno.build.os === "windows") return;
  try {
    Deno.chmodSync(path, 0o600);
  } catch (error) {
    throw unwritable(path, error);
  }
  const mode = (info.mode & 0o777).toString(8).padStart(4, "0");
  if ((info.mode & 0o077) !== 0) {
    onNotice?.(`Tightened ${path} from mode ${mode} to 0600: other users could reach it`);
  }
}

function createEmpty(path: string, append: boolean): Deno.FsFile | null {
  try {
    const file = Deno.openSync(path, {
      read: true,
      createNew: true,
      mode: 0o600,
      ...(append ? { append } : { write: true }),
    });
    // The umask may have taken our own bits away.
    if (Deno.build.os !== "windows" && ((file.statSync().mode ?? 0o600) & 0o777) !== 0o600) {
      Deno.chmodSync(path, 0o600);
    }
    return file;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return null;
    throw unwritable(path, error);
  }
}

function openAsIs(path: string, write: boolean, append: boolean): Deno.FsFile | null {
  try {
    return Deno.openSync(path, { read: true, ...(append ? { append } : { write }) });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw write ? unwritable(path, error) : unreadable(path, error);
  }
}
