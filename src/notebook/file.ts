/**
 * Reading a notebook's file, and replacing it so that there is always a whole notebook under its
 * name: the old one or the new one, whatever happens in between.
 *
 * @module
 */

import { FileError, HushbookError } from "../errors.ts";
import { MAX_NOTEBOOK_BYTES, tooLarge } from "./damage.ts";

/** A file as it was at one moment. */
export interface FileVersion {
  /** Its path, as given. */
  readonly path: string;
  /** What `stat` said of it, symbolic links followed. */
  readonly info: Deno.FileInfo;
  /** When it was read, in milliseconds since 1970. */
  readonly readAt: number;
  /** Its content. */
  readonly bytes: Uint8Array;
}

const TEMPORARY = /^\.hushbook-[0-9a-f-]+\.tmp$/;

/** Why an operation on a file failed, in words, without the runtime's own text. */
function reason(error: unknown): string {
  const { errors } = Deno;
  if (error instanceof errors.NotFound) return "there is no such file";
  if (error instanceof errors.NotCapable) {
    return "Deno may not; run it with --allow-read and --allow-write for this folder";
  }
  if (error instanceof errors.PermissionDenied) {
    return "this user may not; change the permissions of the file or its folder";
  }
  const code = (error as { code?: unknown } | null)?.code;
  if (code === "ENOSPC" || code === "EDQUOT") return "the disk is full; free some space";
  if (code === "EROFS") return "the file system is read-only";
  return typeof code === "string" ? `the system answered ${code}` : "the system refused";
}

/**
 * Reads a file.
 *
 * Needs `--allow-read`.
 *
 * @param path Its path.
 * @param buffer Memory to read into where it is large enough, so that reading many files does not
 * fill the heap; the content is then valid until the buffer is used again.
 * @returns The file as it is now.
 * @throws {FileError} When there is no such file, or it is none, or it cannot be read.
 * @throws {NotebookError} With code `notebook-too-large`, without reading it.
 */
export function readVersion(path: string, buffer?: Uint8Array): FileVersion {
  try {
    const readAt = Date.now();
    const info = Deno.statSync(path);
    if (!info.isFile) {
      throw new FileError(
        "file-not-regular",
        "Cannot read the notebook: this is no regular file; name a notebook or a folder",
      );
    }
    if (info.size > MAX_NOTEBOOK_BYTES) throw tooLarge(info.size);
    return { path, info, readAt, bytes: readAll(path, info.size, buffer) };
  } catch (error) {
    throw unreadable(error);
  }
}

/**
 * Reads the content of a file that will not be replaced; see {@link readVersion}.
 *
 * @param path Its path.
 * @param buffer Memory to read into where it is large enough.
 * @returns Its content.
 * @throws {FileError} When it cannot be read.
 * @throws {NotebookError} With code `notebook-too-large`.
 */
export function readContent(path: string, buffer: Uint8Array): Uint8Array {
  try {
    return readAll(path, buffer.length - 1, buffer);
  } catch (error) {
    throw unreadable(error);
  }
}

function unreadable(error: unknown): HushbookError {
  if (error instanceof HushbookError) return error;
  return new FileError(
    error instanceof Deno.errors.NotFound ? "file-missing" : "file-unreadable",
    `Cannot read the notebook: ${reason(error)}`,
  );
}

function readAll(path: string, size: number, buffer: Uint8Array | undefined): Uint8Array {
  using file = Deno.openSync(path, { read: true });
  // One byte more than the size, so that a file that has just grown is noticed.
  let into = buffer !== undefined && buffer.length > size ? buffer : new Uint8Array(size + 1);
  let length = 0;
  for (;;) {
    if (length === into.length) {
      const now = file.statSync().size;
      if (now > MAX_NOTEBOOK_BYTES) throw tooLarge(now);
      const larger = new Uint8Array(Math.max(now, length) + 4096);
      larger.set(into);
      into = larger;
    }
    const count = file.readSync(into.subarray(length));
    if (count === null) return into.subarray(0, length);
    length += count;
  }
}

/** Whether two contents are the same; compares four bytes at a time where memory allows. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let at = 0;
  if (a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0) {
    const words = a.length >>> 2;
    const left = new Uint32Array(a.buffer, a.byteOffset, words);
    const right = new Uint32Array(b.buffer, b.byteOffset, words);
    for (let i = 0; i < words; i++) if (left[i] !== right[i]) return false;
    at = words * 4;
  }
  for (; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/**
 * Whether a file is still the version that was read. Its times decide where they can: a file last
 * changed well before it was read, and the same by `stat` now, has not been written since. Otherwise
 * it is read again.
 */
function isStill({ path, info, readAt, bytes }: FileVersion): boolean {
  const now = Deno.statSync(path);
  const same = now.dev === info.dev && now.ino === info.ino && now.size === info.size &&
    now.mtime?.getTime() === info.mtime?.getTime() &&
    now.ctime?.getTime() === info.ctime?.getTime();
  const changed = Math.max(info.mtime?.getTime() ?? Infinity, info.ctime?.getTime() ?? Infinity);
  if (same && readAt - changed > 2_000) return true;
  return sameBytes(readAll(path, now.size, undefined), bytes);
}

/** Options of {@link replaceVersion}. */
export interface ReplaceOptions {
  /** Called right before the old file is replaced; for tests. */
  readonly beforeRename?: () => void;
}

/**
 * Replaces a file that was read before: writes a temporary file beside it, with the same mode, brings
 * it to the disk, looks whether the old file is still the one that was read, and renames. A symbolic
 * link stays, and the file it leads to is replaced. Killed at any moment, it leaves the old file or
 * the new one; what it leaves beside it is removed by {@link removeLeftover}.
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
  version: FileVersion,
  bytes: Uint8Array,
  options: ReplaceOptions = {},
): boolean {
  try {
    for (const replacement of replacements(version, bytes)) {
      try {
        replacement.file?.syncDataSync();
      } catch (error) {
        abandon(replacement, error);
      }
      const outcome = finish(replacement, options);
      if (outcome !== "again") return outcome === "written";
    }
    return false;
  } catch (error) {
    throw unwritable(error);
  }
}

/**
 * As {@link replaceVersion}, without waiting for the disk, so that many files can wait for it
 * together.
 *
 * @param version What was read; its bytes must not change until the promise is settled.
 * @param bytes The new content.
 * @returns A promise of what {@link replaceVersion} returns.
 * @throws {FileError} When it cannot be written; the old file is then as it was.
 */
export async function replaceVersionLater(
  version: FileVersion,
  bytes: Uint8Array,
): Promise<boolean> {
  try {
    for (const replacement of replacements(version, bytes)) {
      await replacement.file?.syncData().catch((error) => abandon(replacement, error));
      const outcome = finish(replacement, {});
      if (outcome !== "again") return outcome === "written";
    }
    return false;
  } catch (error) {
    throw unwritable(error);
  }
}

/** A new file beside the old one, not yet in its place. */
interface Replacement {
  readonly version: FileVersion;
  /** The file to replace, symbolic links followed. */
  readonly path: string;
  readonly temporary: string;
  /** The temporary file, open and locked; undefined when somebody has taken it away. */
  readonly file: Deno.FsFile | undefined;
}

function unwritable(error: unknown): HushbookError {
  if (error instanceof HushbookError) return error;
  return new FileError("file-unwritable", `Cannot write the notebook: ${reason(error)}`);
}

/** The disk did not take the new file. */
function abandon({ file, temporary }: Replacement, error: unknown): never {
  file?.close();
  remove(temporary);
  throw error;
}

/** New files beside the old one, one after another, until one of them gets into its place. */
function* replacements(version: FileVersion, bytes: Uint8Array): Generator<Replacement> {
  if (((version.info.mode ?? 0o200) & 0o222) === 0) {
    throw new FileError(
      "file-unwritable",
      "Cannot write the notebook: the file is read-only; make it writable (chmod u+w)",
    );
  }
  const path = Deno.lstatSync(version.path).isSymlink
    ? Deno.realPathSync(version.path)
    : version.path;
  Deno.openSync(path, { write: true }).close(); // whoever may not write to it may not replace it
  for (let attempt = 0; attempt < 8; attempt++) yield begin(path, version, bytes);
  throw new Error("the temporary file was taken away again and again");
}

function begin(path: string, version: FileVersion, bytes: Uint8Array): Replacement {
  const folder = path.slice(0, Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
  const temporary = `${folder}.hushbook-${crypto.randomUUID()}.tmp`;
  const { mode, uid, gid } = version.info;
  const file = Deno.openSync(temporary, { write: true, createNew: true, mode: 0o600 });
  try {
    // The lock says that its writer lives. Without it, another run has begun to clear it away.
    if (file.tryLockSync(true)) {
      for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      if (mode !== null) Deno.chmodSync(temporary, mode & 0o7777);
      keepOwner(temporary, uid, gid);
      return { version, path, temporary, file };
    }
  } catch (error) {
    if (exists(temporary)) {
      file.close();
      remove(temporary);
      throw error;
    }
  }
  file.close();
  return { version, path, temporary, file: undefined };
}

/** Puts a new file into the place of the old one. Nothing is waited for in between. */
function finish(
  { version, path, temporary, file }: Replacement,
  { beforeRename }: ReplaceOptions,
): "written" | "changed" | "again" {
  if (file === undefined) return "again";
  let open = true;
  const close = () => {
    if (open) file.close();
    open = false;
  };
  try {
    beforeRename?.();
    if (!isStill(version)) {
      remove(temporary);
      return "changed";
    }
    if (Deno.build.os === "windows") close(); // which renames no open file
    Deno.renameSync(temporary, path);
    return "written";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && !exists(temporary)) return "again";
    remove(temporary);
    throw error;
  } finally {
    close();
  }
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
