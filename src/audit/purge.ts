/**
 * Retention: removing what is older than needed, so that the rest can still be verified.
 *
 * @module
 */

import { AuditError } from "../errors.ts";
import { removePrivateFile, writePrivateFile } from "../state/private_file.ts";
import type { AuditEvent } from "./event.ts";
import { type ChainHead, lineEnd } from "./record.ts";
import { lineBlocks, type OpenSegment, readAt, Snapshot } from "./segment.ts";
import { type AuditVerification, verifyChain } from "./verify.ts";

/** What was purged. */
export interface AuditPurge {
  /** Lines removed; 0 when nothing was old enough. */
  readonly removed: number;
  /** The last record removed; 0 when nothing was. */
  readonly through: number;
}

/** Where the old part ends. */
interface Border {
  /** The last record of it. */
  readonly head: ChainHead;
  /** Number of its first record. */
  readonly first: number;
  /** Its lines. */
  readonly lines: number;
  /** Index of the file it ends in. */
  readonly index: number;
  /** Its end in that file, in bytes. */
  readonly offset: number;
  /** Its last line in that file, from 1. */
  readonly line: number;
}

const TIME = /^\{"v":\d+,"time":"([^"]{20,30})"/;

/**
 * Finds the records at the beginning of the log that are older than a time. A record that claims to
 * be of the future has no known age: it goes with what is around it.
 *
 * @param snapshot The files.
 * @param before Older than this, in ms since 1970.
 * @param now The time, in ms since 1970.
 * @returns Where the old part ends, or null when there is none.
 */
export async function findBorder(
  snapshot: Snapshot,
  before: number,
  now: number,
): Promise<Border | null> {
  const decoder = new TextDecoder();
  let border: Border | null = null;
  let count = 0;
  let first: number | null = null;
  for (const [index, segment] of snapshot.segments.entries()) {
    let offset = 0;
    let line = 0;
    for await (const { lines } of lineBlocks(segment)) {
      for (const bytes of lines) {
        offset += bytes.length + 1;
        count++;
        line++;
        const end = lineEnd(bytes);
        const time = Date.parse(TIME.exec(decoder.decode(bytes.subarray(0, 64)))?.[1] ?? "");
        if (end === null || Number.isNaN(time)) continue;
        if (time >= before && time <= now) return border;
        first ??= end.seq;
        if (time < before) border = { head: end, first, lines: count, index, offset, line };
      }
    }
  }
  return border;
}

/** Runs something under the lock; what it gets writes a record and syncs it. */
export type Exclusive = <T>(
  work: (record: (event: AuditEvent) => Promise<void>) => Promise<T>,
) => Promise<T>;

/**
 * Purges. Looking and verifying, which take time, are done before the lock is taken.
 *
 * The record `audit.purge`, with number and MAC of the last record removed, is on the disk before
 * anything is removed: a process killed meanwhile leaves a log that verifies, and the next purge
 * finishes its work.
 *
 * @param folder The private folder.
 * @param key The chain's key.
 * @param options `before`: older than this, in ms since 1970. `now`: the time, in ms since 1970.
 * `force`: also remove a part that does not verify, and with it the evidence.
 * @param exclusive Takes the lock.
 * @returns What was purged.
 * @throws {AuditError} `audit-broken` when the old part does not verify.
 */
export async function purgeChain(
  folder: string,
  key: Uint8Array | null,
  { before, now, force }: { before: number; now: number; force: boolean },
  exclusive: Exclusive,
): Promise<AuditPurge> {
  while (true) {
    using snapshot = await Snapshot.open(folder);
    const border = await findBorder(snapshot, before, now);
    if (border === null) return { removed: 0, through: 0 };
    const problems = problemsIn(await verifyChain(snapshot, key), border, snapshot);
    if (problems > 0 && !force) {
      throw new AuditError(
        "audit-broken",
        `Cannot purge the audit log: ${problems} problems are in the part to be removed, and would ` +
          "be lost with it; look at them with `hushbook audit verify`, keep a copy of the files, " +
          "then purge with --force",
      );
    }
    const done = await exclusive(async (record) => {
      const names = present(snapshot.segments.slice(0, border.index + 1), folder);
      if (names === null) return false; // another purge was faster: look again
      await record({
        event: "audit.purge",
        outcome: "ok",
        first: border.first,
        last: border.head.seq,
        records: border.lines,
        head: border.head.mac,
        ...(problems > 0 && { problems }),
      });
      await remove(folder, names, snapshot, border);
      return true;
    });
    if (done) return { removed: border.lines, through: border.head.seq };
  }
}

/** The present names of files; null when one is not there any more. One may have been closed. */
function present(segments: readonly OpenSegment[], folder: string): string[] | null {
  using current = Snapshot.underLock(folder);
  const id = ({ file }: OpenSegment) => {
    const { dev, ino } = file.statSync();
    return `${dev}:${ino}`;
  };
  const names = new Map(current.segments.map((segment) => [id(segment), segment.name]));
  const found = segments.map((segment) => names.get(id(segment)));
  return found.every((name) => name !== undefined) ? found : null;
}

async function remove(
  folder: string,
  names: readonly string[],
  snapshot: Snapshot,
  border: Border,
): Promise<void> {
  for (const name of names.slice(0, -1)) await Deno.remove(`${folder}/${name}`);
  const path = `${folder}/${names.at(-1)}`;
  const { file } = snapshot.segments[border.index]!;
  const { size } = await file.stat(); // it may have grown, if only by the record of this purge
  if (border.offset === size) await removePrivateFile(path);
  else await writePrivateFile(path, readAt(file, border.offset, size - border.offset));
  for (const name of snapshot.aside) {
    if (Number(name.slice(-12)) <= border.head.seq) await removePrivateFile(`${folder}/${name}`);
  }
}

function problemsIn(found: AuditVerification, border: Border, snapshot: Snapshot): number {
  const order = new Map(snapshot.segments.map(({ name }, index) => [name, index]));
  return found.problems.filter(({ file, line }) => {
    const index = order.get(file) ?? 0;
    return index < border.index || (index === border.index && line <= border.line);
  }).length;
}
