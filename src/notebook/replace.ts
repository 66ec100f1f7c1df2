/**
 * Replacing a notebook's file, so that there is always a whole notebook under its name: the old one
 * or the new one, whatever happens in between.
 *
 * @module
 */

import { FileError, HushbookError } from "../errors.ts";
import { isStill, type PastVersion, reason } from "./file.ts";

const TEMPORARY = /^\.hushbook-[0-9a-f-]+\.tmp$/;

/** Options of {@link replaceVersion}. */
export interface ReplaceOptions {
  /** Called right before the old file is replaced; for tests. */
  readonly beforeRename?: () => void;
}

/**
 * Replaces a file that was read before: writes a temporary file beside it, with the same mode,
 * brings it to the disk, looks whether the old file is still the one that was read, and renames. A
 * symbolic link stays, and the file it leads to is replaced. Killed at any moment, it leaves the
 * old file or the new one; what it leaves beside it is removed by {@link removeLeftover}.
 *
 * Needs `--allow-read` and `--allow-write` for the folder.
 *
 * @param version What was read.
 * @param bytes The new content.
 * @param options A hook for tests.
 * @returns False, with nothing written, when somebody else has changed the file since it was read.
 * @throws {FileError} When it cannot be written; the old file is then as it was.
 */
export function replaceVersion(
  version: PastVersion,
  bytes: Uint8Array,
  options: ReplaceOptions = {},
): boolean {
  const { beforeRename = () => {} } = options;
  try {
    const path = target(version);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const outcome = finish(begin(path, version, bytes), beforeRename);
      if (outcome !== "again") return outcome === "written";
    }
    throw takenAway();
  } catch (error) {
    throw unwritable(error);
  }
}

/**
 * As {@link replaceVersion}, with the system's part of the work on other threads, so that this one
 * can go on with the next file and many files wait for the disk together.
 *
 * @param version What was read; its bytes must not change until the promise is settled.
 * @param bytes The new content.
 * @returns A promise of what {@link replaceVersion} returns.
 * @throws {FileError} When it cannot be written; the old file is then as it was.
 */
export async function replaceVersionLater(
  version: PastVersion,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    const path = target(version);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const outcome = await finishLater(await beginLater(path, version, bytes));
      if (outcome !== "again") return outcome === "written";
    }
    throw takenAway();
  } catch (error) {
    throw unwritable(error);
  }
}

/** A new file beside the old one, not yet in its place. */
interface Replacement {
  readonly version: PastVersion;
  /** The file to replace, symbolic links followed. */
  readonly path: string;
  readonly temporary: string;
  /** The temporary file, open and locked. */
  readonly file: Deno.FsFile;
}

function unwritable(error: unknown): HushbookError {
  if (error instanceof HushbookError) return error;
  return new FileError("file-unwritable", `Cannot write the notebook: ${reason(error)}`);
}

/** So often a new file is begun when somebody takes the temporary one away. */
const ATTEMPTS = 8;

/** The file to replace, symbolic links followed; throws when this user may not write to it. */
function target({ path, info }: PastVersion): string {
  if (((info.mode ?? 0o200) & 0o222) === 0) {
    throw new FileError(
      "file-unwritable",
      "Cannot write the notebook: the file is read-only; make it writable (chmod u+w)",
    );
  }
  const real = Deno.lstatSync(path).isSymlink ? Deno.realPathSync(path) : path;
  Deno.openSync(real, { write: true }).close(); // whoever may not write to it may not replace it
  return real;
}

function takenAway(): FileError {
  return new FileError(
    "file-unwritable",
    "Cannot write the notebook: its temporary file was taken away again and again; try again",
  );
}

/** A name beside the file that no notebook has. */
function temporaryBeside(path: string): string {
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  return `${folder}.hushbook-${crypto.randomUUID()}.tmp`;
}

const NEW_FILE: Deno.OpenOptions = { write: true, createNew: true, mode: 0o600 };

/** Writes the new file; undefined when somebody has taken it away meanwhile. */
function begin(
  path: string,
  version: PastVersion,
  bytes: Uint8Array,
): Replacement | undefined {
  const temporary = temporaryBeside(path);
  const file = Deno.openSync(temporary, NEW_FILE);
  try {
    // The lock says that its writer lives. Without it, another run has begun to clear it away.
    if (file.tryLockSync(true)) {
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      file.syncDataSync();
      return complete(path, version, temporary, file);
    }
  } catch (error) {
    return abandon(temporary, file, error);
  }
  file.close();
  return undefined;
}

/** As `begin`, on other threads where the system does work: creating, writing, syncing. */
async function beginLater(
  path: string,
  version: PastVersion,
  bytes: Uint8Array,
): Promise<Replacement | undefined> {
  const temporary = temporaryBeside(path);
  const file = await Deno.open(temporary, NEW_FILE);
  try {
    if (file.tryLockSync(true)) {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.syncData();
      return complete(path, version, temporary, file);
    }
  } catch (error) {
    return abandon(temporary, file, error);
  }
  file.close();
  return undefined;
}

/** The new file gets the mode and the owner of the old one. */
function complete(
  path: string,
  version: PastVersion,
  temporary: string,
  file: Deno.FsFile,
): Replacement {
  const { mode, uid, gid } = version.info;
  if (mode !== null) Deno.chmodSync(temporary, mode & 0o7777);
  keepOwner(temporary, uid, gid);
  return { version, path, temporary, file };
}

/** The disk did not take the new file, or somebody has taken it away. */
function abandon(temporary: string, file: Deno.FsFile, error: unknown): undefined {
  file.close();
  if (error instanceof Deno.errors.NotFound && !exists(temporary)) return undefined;
  remove(temporary);
  throw error;
}

/** Whether the old file may be replaced now; the new one is removed when it may not. */
function mayReplace({ version, temporary }: Replacement): boolean {
  const may = isStill(version);
  if (!may) remove(temporary);
  return may;
}

/** Puts a new file into the place of the old one. */
function finish(
  replacement: Replacement | undefined,
  beforeRename: () => void,
): "written" | "changed" | "again" {
  if (replacement === undefined) return "again";
  const { path, temporary, file } = replacement;
  try {
    beforeRename();
    if (!mayReplace(replacement)) return "changed";
    if (Deno.build.os !== "windows") Deno.renameSync(temporary, path);
  } catch (error) {
    return notRenamed(replacement, error);
  } finally {
    file.close();
  }
  if (Deno.build.os === "windows") Deno.renameSync(temporary, path); // not while it is open
  return "written";
}

/** As `finish`, with the renaming, at which the system may have to wait for the disk, elsewhere. */
async function finishLater(
  replacement: Replacement | undefined,
): Promise<"written" | "changed" | "again"> {
  if (replacement === undefined) return "again";
  const { path, temporary, file } = replacement;
  try {
    if (!mayReplace(replacement)) return "changed";
    if (Deno.build.os !== "windows") await Deno.rename(temporary, path);
  } catch (error) {
    return notRenamed(replacement, error);
  } finally {
    file.close();
  }
  if (Deno.build.os === "windows") await Deno.rename(temporary, path);
  return "written";
}

function notRenamed({ temporary }: Replacement, error: unknown): "again" {
  if (error instanceof Deno.errors.NotFound && !exists(temporary)) return "again";
  remove(temporary);
  throw error;
}

/** Gives a file to the owner of the one it replaces, where this user may. */
function keepOwner(path: string, uid: number | null, gid: number | null): void {
  const now = Deno.statSync(path);
  if (now.uid === uid && now.gid === gid) return;
  try {
    Deno.chownSync(path, uid, gid);
  } catch { /* Only root may; for others the file becomes theirs, as with git. */ }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* Somebody else has removed it. */ }
}

/**
 * Whether a name is that of a temporary file of {@link replaceVersion}.
 *
 * @param name A file name without folder.
 * @returns True for our temporary files; no notebook is called so.
 */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name);
}

/**
 * Removes a temporary file whose writer was killed. One that is being written stays.
 *
 * @param path Path of a file whose name {@link isTemporaryName} knows.
 */
export function removeLeftover(path: string): void {
  try {
    using file = Deno.openSync(path, { write: true });
    if (file.tryLockSync(true)) Deno.removeSync(path);
  } catch { /* Gone already, or not ours to remove. */ }
}
