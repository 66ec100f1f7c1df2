/**
 * Reading a notebook's file, and knowing later whether it is still what was read.
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

/** A version whose content need not be at hand: {@link isStill} can do without it. */
export interface PastVersion extends Omit<FileVersion, "bytes"> {
  /** Its content; undefined when its times decide. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Why an operation on a file failed, in words, without the runtime's own text.
 *
 * @param error What the runtime threw.
 * @returns The reason and what to do.
 */
export function reason(error: unknown): string {
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
 * A file's last change must be so long ago, in milliseconds, that the next one has another time.
 */
const COARSE = 2_000, FINE = 250;

/**
 * Whether the times of a file tell of every change after it was read: it was last changed well
 * before. A file system that keeps parts of a second needs less of a distance than one, such as
 * FAT, that counts in steps of up to two seconds.
 */
function timesDecide({ info: { mtime, ctime }, readAt }: PastVersion): boolean {
  if (mtime === null || ctime === null) return false;
  const isFine = mtime.getTime() % 1_000 !== 0 && ctime.getTime() % 1_000 !== 0;
  return readAt - Math.max(mtime.getTime(), ctime.getTime()) > (isFine ? FINE : COARSE);
}

/**
 * A version to compare with later, when the memory that it was read into holds something else.
 *
 * @param version What was read.
 * @returns The same, its content copied only where {@link isStill} may need it.
 */
export function pastVersion(version: FileVersion): PastVersion {
  return { ...version, bytes: timesDecide(version) ? undefined : version.bytes.slice() };
}

/**
 * Whether a file is still the version that was read. Its times decide where they can: a file last
 * changed well before it was read, and the same by `stat` now, has not been written since.
 * Otherwise it is read again; without the content to compare it with, it counts as changed.
 *
 * @param version What was read.
 * @returns False when somebody has changed or replaced the file.
 */
export function isStill(version: PastVersion): boolean {
  const { path, info, bytes } = version;
  const now = Deno.statSync(path);
  const same = now.dev === info.dev && now.ino === info.ino && now.size === info.size &&
    now.mtime?.getTime() === info.mtime?.getTime() &&
    now.ctime?.getTime() === info.ctime?.getTime();
  if (same && timesDecide(version)) return true;
  return bytes !== undefined && sameBytes(readAll(path, now.size, undefined), bytes);
}
