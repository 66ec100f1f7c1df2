/**
 * The ends of segments: where the chain goes on from.
 *
 * @module
 */

import { openPrivateFile } from "../state/open_private_file.ts";
import { type ChainHead, type LineEnd, lineEnd } from "./record.ts";
import {
  ACTIVE,
  firstSeq,
  linesBackwards,
  listSegments,
  type OpenSegment,
  readAt,
  segmentName,
} from "./segment.ts";

/** What the first record of a segment says of the one before it. */
export interface ClosedSegment {
  /** The file's name. */
  readonly segment: string;
  /** Number of its first record. */
  readonly first: number;
  /** Number of its last record. */
  readonly last: number;
  /** Its size. */
  readonly bytes: number;
  /** Its SHA-256, as `sha256sum` prints it: an archived copy can be checked without the key. */
  readonly sha256: string;
  /** Its last record's MAC. */
  readonly head: string;
}

/**
 * Describes the newest closed segment that holds a record.
 *
 * @param folder The private folder.
 * @returns Its digest, or null when there is none.
 */
export function lastClosed(folder: string): ClosedSegment | null {
  for (const name of listSegments(folder).closed.reverse()) {
    using file = openPrivateFile(`${folder}/${name}`);
    if (file === null) continue;
    const segment = { name, file, size: file.statSync().size };
    const end = lastEnd(segment);
    if (end === null) continue;
    return {
      segment: name,
      first: firstSeq(segment) ?? end.seq,
      last: end.seq,
      bytes: segment.size,
      sha256: digest(segment),
      head: end.mac,
    };
  }
  return null;
}

/**
 * Gives the segment that is written to its lasting name.
 *
 * @param folder The private folder.
 */
export function closeActive(folder: string): void {
  using file = openPrivateFile(`${folder}/${ACTIVE}`);
  if (file === null) return;
  const first = firstSeq({ name: ACTIVE, file, size: file.statSync().size });
  // Names rise, whatever somebody wrote into the first line.
  const before = listSegments(folder).closed.at(-1);
  const least = before === undefined ? 1 : Number(before.slice(6, 18)) + 1;
  Deno.renameSync(
    `${folder}/${ACTIVE}`,
    `${folder}/${segmentName(Math.max(least, first ?? least))}`,
  );
}

/**
 * Size up to the last line end.
 *
 * @param segment The file.
 * @returns Bytes; what is after them is torn.
 */
export function wholeBytes({ file, size }: OpenSegment): number {
  for (let at = size; at > 0;) {
    const from = Math.max(0, at - 4096);
    const newline = readAt(file, from, at - from).lastIndexOf(10);
    if (newline >= 0) return from + newline + 1;
    at = from;
  }
  return 0;
}

/**
 * The last record of a file that ends with a whole one, in one small read.
 *
 * @param segment The file.
 * @returns Number and MACs, or null when the file ends otherwise.
 */
export function tailEnd({ file, size }: OpenSegment): LineEnd | null {
  const tail = readAt(file, Math.max(0, size - 256), Math.min(256, size));
  return tail.at(-1) === 10 ? lineEnd(tail.subarray(0, -1)) : null;
}

/**
 * The last line that is a record. Lines that are none are for `verify` to report.
 *
 * @param segment The file.
 * @returns Number and MACs, or null when no line is a record.
 */
export function lastEnd(segment: OpenSegment): LineEnd | null {
  for (const line of linesBackwards(segment)) {
    const end = lineEnd(line);
    if (end !== null) return end;
  }
  return null;
}

function digest({ file, size }: OpenSegment): string {
  // Ten megabytes: worth loading what the records themselves need not.
  const hash = process.getBuiltinModule("node:crypto").createHash("sha256");
  for (let at = 0; at < size; at += 1024 * 1024) {
    hash.update(readAt(file, at, Math.min(1024 * 1024, size - at)));
  }
  return hash.digest("hex");
}

/**
 * Where the chain stands at the end of a closed segment.
 *
 * @param closed The segment, or null when there is none.
 * @returns The head; null for none.
 */
export function headOf(closed: ClosedSegment | null): ChainHead | null {
  return closed && { seq: closed.last, mac: closed.head };
}
