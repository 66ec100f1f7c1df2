/**
 * The files of the log: `audit.jsonl`, which is written to, and the closed ones before it, each
 * named after its first record: `audit.000000000001.jsonl`.
 *
 * @module
 */

import { FileLock } from "../state/lock.ts";
import { type Notice, openPrivateFile } from "../state/open_private_file.ts";
import { lineEnd } from "./record.ts";

/** The file that is written to. */
export const ACTIVE = "audit.jsonl";
/** The lock under which everything is written. */
export const LOCK = "audit.lock";
/** The key of the chain. */
export const KEY = "audit.key";

const CLOSED = /^audit\.(\d{12})\.jsonl$/;
const ASIDE = /^audit\.torn\.\d{12}$/;

/**
 * Names a closed segment.
 *
 * @param first Number of its first record.
 * @returns The file's name.
 */
export function segmentName(first: number): string {
  return `audit.${String(first).padStart(12, "0")}.jsonl`;
}

/**
 * Names the file in which a torn tail is kept.
 *
 * @param seq Number of the record that tells of it.
 * @returns The file's name.
 */
export function asideName(seq: number): string {
  return `audit.torn.${String(seq).padStart(12, "0")}`;
}

/**
 * Lists the files of the log.
 *
 * @param folder The private folder.
 * @returns Closed segments, oldest first; and the names of torn tails kept aside.
 */
export function listSegments(folder: string): { closed: string[]; aside: string[] } {
  const closed: string[] = [];
  const aside: string[] = [];
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      if (CLOSED.test(name)) closed.push(name);
      else if (ASIDE.test(name)) aside.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { closed: closed.sort(), aside: aside.sort() };
}

/** A file of the log as it was at one moment. */
export interface OpenSegment {
  /** The file's name. */
  readonly name: string;
  /** Open for reading. */
  readonly file: Deno.FsFile;
  /** Its size at that moment, in bytes. */
  readonly size: number;
}

/** All files of the log as they were at one moment; writers may go on meanwhile. */
export class Snapshot implements Disposable {
  /** The files, oldest first. */
  readonly segments: readonly OpenSegment[];
  /** Names of torn tails kept aside. */
  readonly aside: readonly string[];

  private constructor(segments: readonly OpenSegment[], aside: readonly string[]) {
    this.segments = segments;
    this.aside = aside;
  }

  /**
   * Opens all files under the lock and gives the lock back.
   *
   * @param folder The private folder; it need not be there.
   * @param onNotice Is told when permissions had to be tightened.
   * @returns The snapshot; close it.
   */
  static async open(folder: string, onNotice?: Notice): Promise<Snapshot> {
    using lock = FileLock.openExisting(`${folder}/${LOCK}`);
    if (lock === null) return new Snapshot([], []); // nothing was ever recorded
    await lock.acquire();
    return Snapshot.underLock(folder, onNotice);
  }

  /**
   * As {@link Snapshot.open}, for who holds the lock.
   *
   * @param folder The private folder.
   * @param onNotice Is told when permissions had to be tightened.
   * @returns The snapshot; close it.
   */
  static underLock(folder: string, onNotice?: Notice): Snapshot {
    const { closed, aside } = listSegments(folder);
    const segments: OpenSegment[] = [];
    for (const name of [...closed, ACTIVE]) {
      const file = openPrivateFile(`${folder}/${name}`, onNotice ? { onNotice } : {});
      if (file !== null) segments.push({ name, file, size: file.statSync().size });
    }
    return new Snapshot(segments, aside);
  }

  /** Closes the files. */
  [Symbol.dispose](): void {
    for (const { file } of this.segments) file.close();
  }
}

const BLOCK = 256 * 1024;
const NEWLINE = 10;

/** Some lines of a file, in order. */
export interface LineBlock {
  /** The lines, without line ends; views that hold until the next block. */
  readonly lines: readonly Uint8Array<ArrayBuffer>[];
  /**
   * What follows the last line end of the file: not empty only in the last block of a torn file.
   */
  readonly rest: Uint8Array<ArrayBuffer>;
  /** How many bytes were read for it. */
  readonly bytes: number;
}

/**
 * Reads a file's lines from the beginning, some at a time, so that nothing is blocked for long.
 *
 * @param segment The file.
 * @returns Its lines in blocks.
 */
export async function* lineBlocks(segment: OpenSegment): AsyncGenerator<LineBlock> {
  let carry = new Uint8Array(0);
  for (let at = 0; at < segment.size;) {
    const wanted = Math.min(BLOCK, segment.size - at);
    const block = new Uint8Array(carry.length + wanted);
    block.set(carry);
    await segment.file.seek(at, Deno.SeekMode.Start);
    const read = await segment.file.read(block.subarray(carry.length));
    if (read === null) break;
    at += read;
    const bytes = block.subarray(0, carry.length + read);
    const lines: Uint8Array<ArrayBuffer>[] = [];
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      lines.push(bytes.subarray(start, end));
      start = end + 1;
    }
    carry = bytes.slice(start);
    yield { lines, rest: at >= segment.size ? carry : new Uint8Array(0), bytes: read };
  }
}

/**
 * Reads a file's lines from the end, some at a time; what follows the last line end is left out.
 *
 * @param segment The file.
 * @returns Lines in blocks, the last line first.
 */
export function* linesBackwards(segment: OpenSegment): Generator<Uint8Array<ArrayBuffer>> {
  let carry = new Uint8Array(0); // the beginning of a line whose end was seen
  let seenEnd = false;
  for (let at = segment.size; at > 0;) {
    const from = Math.max(0, at - 16 * 1024);
    const bytes = readAt(segment.file, from, at - from);
    at = from;
    let end = bytes.length;
    while (true) {
      const newline = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
      const line = bytes.subarray(newline + 1, end);
      if (newline < 0) {
        carry = concat(line, carry);
        break;
      }
      if (seenEnd) yield concat(line, carry);
      carry = new Uint8Array(0);
      seenEnd = true;
      end = newline;
    }
  }
  if (seenEnd) yield carry;
}

/**
 * Number of a file's first record.
 *
 * @param segment The file.
 * @returns The number, or null when the first line is no record.
 */
export function firstSeq(segment: OpenSegment): number | null {
  const bytes = readAt(segment.file, 0, Math.min(segment.size, 8192));
  const end = bytes.indexOf(NEWLINE);
  return end < 0 ? null : lineEnd(bytes.subarray(0, end))?.seq ?? null;
}

/**
 * Reads a part of a file.
 *
 * @param file The file.
 * @param from Where from, in bytes.
 * @param length How much, in bytes.
 * @returns The bytes; fewer when the file ends.
 */
export function readAt(file: Deno.FsFile, from: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  file.seekSync(from, Deno.SeekMode.Start);
  let done = 0;
  while (done < length) {
    const read = file.readSync(bytes.subarray(done));
    if (read === null) break;
    done += read;
  }
  return bytes.subarray(0, done);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
