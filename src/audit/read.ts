/**
 * Reading the log: page by page from the newest record, or following it as it grows.
 *
 * @module
 */

import type { AuditEventName, AuditOutcome, AuditRecord } from "./event.ts";
import { lineEnd, parseLine } from "./record.ts";
import { firstSeq, linesBackwards, type Snapshot } from "./segment.ts";

/** Which records are wanted. */
export interface AuditFilter {
  /**
   * Event names; one that ends in a dot stands for all that begin so, as `token.`. Default: all.
   */
  readonly events?: readonly (AuditEventName | `${string}.`)[];
  /** Outcomes. Default: all. */
  readonly outcomes?: readonly AuditOutcome[];
  /** Recorded at or after this time, in ms since 1970. Default: any. */
  readonly since?: number;
  /** Recorded before this time, in ms since 1970. Default: any. */
  readonly until?: number;
}

/** Which page of records is wanted. */
export interface AuditQuery extends AuditFilter {
  /** Most records on the page. Default 50, at most 1000. */
  readonly limit?: number;
  /** `next` of the page before. Default: the newest page. */
  readonly cursor?: string;
}

/** A page of records. */
export interface AuditPage {
  /** The records, newest first. They are read, not verified. */
  readonly records: readonly AuditRecord[];
  /** Cursor of the page with older records; null when there is none. */
  readonly next: string | null;
  /** Lines passed on the way that are no records. */
  readonly damaged: number;
}

/**
 * Whether a record is wanted.
 *
 * @param record The record.
 * @param filter What is wanted.
 * @returns True if all conditions hold.
 */
export function matches(record: AuditRecord, filter: AuditFilter): boolean {
  const { events, outcomes, since, until } = filter;
  const time = Date.parse(record.time);
  return isWanted(record.event, events) &&
    (outcomes === undefined || outcomes.includes(record.outcome)) &&
    (since === undefined || time >= since) && (until === undefined || time < until);
}

/** Lines looked at before other work of the process gets its turn. */
const TURN = 2000;

const EVENT = /^\{"v":\d+,"time":"[^"]{1,40}","event":"([a-z.]{1,40})","outcome":"([a-z]{1,20})"/;
const decoder = new TextDecoder();

/** Whether a line cannot be wanted, as its beginning tells: most need no parsing then. */
function passedOver(line: Uint8Array, { events, outcomes }: AuditFilter): boolean {
  if (events === undefined && outcomes === undefined) return false;
  const start = EVENT.exec(decoder.decode(line.subarray(0, 128)));
  if (start === null) return false; // parsing will tell
  const [, event = "", outcome = ""] = start;
  return !isWanted(event, events) || !(outcomes?.some((name) => name === outcome) ?? true);
}

function isWanted(event: string, events: AuditFilter["events"]): boolean {
  return events === undefined ||
    events.some((name) => name.endsWith(".") ? event.startsWith(name) : event === name);
}

/**
 * Goes through the records from the newest to the oldest, once. A long search gives way to other
 * work of the process now and then.
 *
 * @param snapshot The files.
 * @param filter Which records.
 * @param before Only records with a smaller number. Default: all.
 * @yields Records that are wanted, and null for each line that is no record.
 */
export async function* newestFirst(
  snapshot: Snapshot,
  filter: AuditFilter = {},
  before = Infinity,
): AsyncGenerator<AuditRecord | null> {
  let looked = 0;
  for (const segment of snapshot.segments.toReversed()) {
    const first = firstSeq(segment);
    if (first !== null && first >= before) continue; // all of it is newer
    for (const line of linesBackwards(segment)) {
      if (++looked % TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      const seq = lineEnd(line)?.seq;
      if (seq !== undefined && (seq >= before || passedOver(line, filter))) continue;
      const record = parseLine(line);
      if (record === null || matches(record, filter)) yield record;
    }
  }
}

/**
 * Reads a page.
 *
 * @param snapshot The files.
 * @param query Which page.
 * @returns Records, newest first.
 * @throws {RangeError} When limit or cursor make no sense.
 */
export async function readPage(snapshot: Snapshot, query: AuditQuery = {}): Promise<AuditPage> {
  const { limit = 50, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new RangeError("Cannot read the audit log: limit must be a whole number from 1 to 1000");
  }
  if (cursor !== undefined && !/^\d{1,15}$/.test(cursor)) {
    throw new RangeError("Cannot read the audit log: cursor must be `next` of the page before");
  }
  const records: AuditRecord[] = [];
  let damaged = 0;
  for await (
    const record of newestFirst(snapshot, query, cursor === undefined ? Infinity : Number(cursor))
  ) {
    if (record === null) damaged++;
    // One more than asked for shows that there is a next page.
    else if (records.length === limit) {
      return { records, next: String(records.at(-1)!.seq), damaged };
    } else records.push(record);
  }
  return { records, next: null, damaged };
}
