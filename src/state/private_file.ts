/**
 * Private files: 0600 whatever the umask, own, regular, written so that a reader sees the old bytes
 * or the new ones and never a part.
 *
 * @module
 */

import { StateError } from "../errors.ts";
import { removeLeftovers, temporaryPath } from "./leftovers.ts";
import { lstat, type Notice, openPrivateFile } from "./open_private_file.ts";
import { notAFile, refuseForeignOwner, unwritable } from "./refusal.ts";

/** What {@link readPrivateFile} may be told. */
export interface ReadPrivateFileOptions {
  /** Most bytes accepted. Default 1 MiB: every file of ours is far smaller. */
  readonly maxBytes?: number;
  /** Is told when permissions had to be tightened. Default: nobody is told. */
  readonly onNotice?: Notice;
}

/** How often a temporary file may be taken for a leftover before this gives up. */
const ATTEMPTS = 20;

/**
 * Reads a private file whole.
 *
 * Needs `--allow-read` and `--allow-write` for the folder and `--allow-sys=uid`.
 *
 * @param path Absolute path in the private folder.
 * @param options The most bytes accepted, and who is told.
 * @returns Its bytes, or null when there is no such file.
 * @throws {StateError} When it is a link or no regular file, another user's, too large, unreadable.
 */
export function readPrivateFile(
  path: string,
  options: ReadPrivateFileOptions = {},
): Promise<Uint8Array<ArrayBuffer> | null> {
  return new Promise((resolve) => resolve(readPrivateFileSync(path, options)));
}

/**
 * As {@link readPrivateFile}, at once: for use while a lock is held.
 *
 * @param path Absolute path in the private folder.
 * @param options The most bytes accepted, and who is told.
 * @returns Its bytes, or null when there is no such file.
 * @throws {StateError} When it is a link or no regular file, another user's, too large, unreadable.
 */
export function readPrivateFileSync(
  path: string,
  options: ReadPrivateFileOptions = {},
): Uint8Array<ArrayBuffer> | null {
  const { maxBytes = 1024 * 1024, onNotice } = options;
  using file = openPrivateFile(path, onNotice === undefined ? {} : { onNotice });
  if (file === null) return null;
  const { size } = file.statSync();
  const tooLarge = () =>
    new StateError(
      "state-too-large",
      `Cannot read ${path}: it is larger than ${maxBytes} bytes, so hushbook did not write it; ` +
        `move it away and try again`,
    );
  if (size > maxBytes) throw tooLarge();
  let bytes = new Uint8Array(size + 1);
  let length = 0;
  while (true) {
    const read = file.readSync(bytes.subarray(length));
    if (read === null) return bytes.subarray(0, length);
    length += read;
    if (length > maxBytes) throw tooLarge();
    if (length === bytes.length) { // it grows while we read
      const larger = new Uint8Array(length * 2);
      larger.set(bytes);
      bytes = larger;
    }
  }
}

/**
 * Replaces a private file: the bytes go to a new 0600 file in the same folder, are synced to disk,
 * and then take the name. Whoever reads at any moment, after `kill -9` or a power cut too, finds
 * the old bytes or the new ones. A symbolic link of that name is replaced, not followed.
 *
 * Needs `--allow-read` and `--allow-write` for the folder and `--allow-sys=uid`.
 *
 * @param path Absolute path; its folder must be there.
 * @param bytes The new content.
 * @throws {StateError} When the folder or disk does not take it; the old content is then unchanged.
 */
export async function writePrivateFile(path: string, bytes: Uint8Array): Promise<void> {
  const { folder, name } = split(path);
  const before = lstat(path);
  if (before !== null && !before.isSymlink) {
    if (!before.isFile) throw notAFile(path, before);
    refuseForeignOwner(path, before);
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const temporary = temporaryPath(folder, name);
    try {
      const file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
      try {
        // Held until the file has its name: a temporary file nobody holds is a leftover.
        if (!(await file.tryLock(true))) continue;
        if (Deno.build.os !== "windows") await Deno.chmod(temporary, 0o600);
        for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
        await file.sync();
        await Deno.rename(temporary, path);
      } finally {
        file.close();
      }
    } catch (error) {
      if (wasSwept(error, folder)) continue;
      await Deno.remove(temporary).catch(() => {});
      throw unwritable(path, error);
    }
    await syncFolder(folder);
    removeLeftovers(folder, name);
    return;
  }
  throw swept(path);
}

/**
 * Makes a private file unless there is one already: of many processes exactly one succeeds, and one
 * that is killed leaves the whole file or none. Done at once, for use while a lock is held.
 *
 * @param path Absolute path; its folder must be there.
 * @param bytes The content.
 * @returns Whether this call made it.
 * @throws {StateError} When the folder or disk does not take it.
 */
export function createPrivateFile(path: string, bytes: Uint8Array): boolean {
  const { folder, name } = split(path);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const temporary = temporaryPath(folder, name);
    const file = openPrivateFile(temporary, { create: true })!;
    try {
      if (!file.tryLockSync(true)) continue; // taken for a leftover before it could be locked
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncSync();
      nameIt(temporary, path);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return false;
      if (!wasSwept(error, folder)) throw unwritable(path, error);
    } finally {
      file.close();
      try {
        Deno.removeSync(temporary);
      } catch { /* swept away already */ }
    }
  }
  throw swept(path);
}

/**
 * Removes a private file; that it is already gone is no error.
 *
 * @param path Absolute path in the private folder.
 * @returns Whether there was one.
 * @throws {StateError} When it cannot be removed.
 */
export async function removePrivateFile(path: string): Promise<boolean> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw unwritable(path, error);
  }
  await syncFolder(split(path).folder);
  return true;
}

/** Whether a temporary file is gone because another process took it for a leftover. */
function wasSwept(error: unknown, folder: string): boolean {
  return error instanceof Deno.errors.NotFound && lstat(folder) !== null;
}

function swept(path: string): StateError {
  return new StateError(
    "state-busy",
    `Cannot write ${path}: other processes keep removing the temporary file; try again`,
  );
}

/** Gives a file its name unless that is taken. */
function nameIt(temporary: string, path: string): void {
  try {
    // Unlike a rename, a link never replaces what another process made a moment ago.
    Deno.linkSync(temporary, path);
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || lstat(path) !== null) {
      throw new Deno.errors.AlreadyExists();
    }
    Deno.renameSync(temporary, path); // a disk without links, such as exFAT
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    using handle = await Deno.open(folder, { read: true });
    await handle.sync();
  } catch { /* Windows and some network disks cannot; the file itself is synced */ }
}

function split(path: string): { folder: string; name: string } {
  const at = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return { folder: path.slice(0, at), name: path.slice(at + 1) };
}
