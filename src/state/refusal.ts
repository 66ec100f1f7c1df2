/**
 * Why a private file or folder is not used, in words that say what to do.
 *
 * @module
 */

import { StateError } from "../errors.ts";

let ownUid: number | null | undefined;

/**
 * Refuses a file or folder that belongs to another user.
 *
 * @param path Named in the error.
 * @param info What `lstat` said of it.
 * @throws {StateError} `state-foreign-owner`.
 */
export function refuseForeignOwner(path: string, info: Deno.FileInfo): void {
  ownUid ??= Deno.uid();
  if (info.uid === null || ownUid === null || info.uid === ownUid) return;
  throw new StateError(
    "state-foreign-owner",
    `Cannot use ${path}: it belongs to another user (uid ${info.uid}, you are ${ownUid}), who could ` +
      `read or change it; remove it, or set HUSHBOOK_HOME to a folder of your own`,
  );
}

/**
 * The error for what is no regular file.
 *
 * @param path Named in the error.
 * @param info What `lstat` said of it.
 * @returns The error.
 */
export function notAFile(path: string, info: Deno.FileInfo): StateError {
  return new StateError(
    "state-not-a-file",
    `Cannot use ${path}: it is ${
      info.isSymlink ? "a symbolic link, which could lead anywhere" : "not a regular file"
    }; remove it and try again`,
  );
}

/**
 * The error for what cannot be read.
 *
 * @param path Named in the error.
 * @param error What the system said; only its code is told.
 * @returns The error to throw.
 */
export function unreadable(path: string, error: unknown): unknown {
  // A missing Deno permission names its own flag; that is the better message.
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  return new StateError(
    "state-unreadable",
    `Cannot read ${path}: ${error.name}; check the owner and mode of the file and its folder`,
  );
}

/**
 * The error for what cannot be written.
 *
 * @param path Named in the error.
 * @param error What the system said; only its code is told.
 * @returns The error to throw.
 */
export function unwritable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) return error;
  const code = "code" in error ? String(error.code) : error.name;
  const advice = code === "ENOSPC" || code === "EDQUOT"
    ? "the disk is full; free some space and try again"
    : code === "EROFS"
    ? "the disk is mounted read-only; set HUSHBOOK_HOME to a folder on another one"
    : `${code}; check the owner and mode of the folder`;
  return new StateError("state-unwritable", `Cannot write ${path}: ${advice}`);
}
