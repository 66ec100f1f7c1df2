/**
 * Following the log as it grows.
 *
 * @module
 */

import { sleepMs } from "../state/lock.ts";
import type { AuditRecord } from "./event.ts";
import { type AuditFilter, matches } from "./read.ts";

/** How to follow. */
export interface FollowOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Number of the last record already seen. Default the newest. */
  readonly after?: number;
  /** How often to look, in ms. Default 250. */
  readonly pollMs?: number;
}

/** What can be followed. */
interface Readable {
  newest(): AsyncGenerator<AuditRecord>;
}

/** Number of the newest record; 0 when there is none. */
async function newestSeq(log: Readable): Promise<number> {
  for await (const { seq } of log.newest()) return seq;
  return 0;
}

/**
 * Gives each record as it is written, until the signal aborts.
 *
 * @param log The log.
 * @param filter Which records.
 * @param options Where to begin, how often to look.
 * @yields The records, oldest first.
 */
export async function* followLog(
  log: Readable,
  filter: AuditFilter,
  options: FollowOptions,
): AsyncGenerator<AuditRecord> {
  const { signal, pollMs = 250 } = options;
  let seen = options.after ?? await newestSeq(log);
  while (!signal?.aborted) {
    if (await newestSeq(log) < seen) seen = 0; // the log was deleted and begins anew
    const added: AuditRecord[] = [];
    for await (const record of log.newest()) {
      if (record.seq <= seen) break;
      added.push(record);
    }
    for (const record of added.reverse()) {
      seen = record.seq;
      if (matches(record, filter)) yield record;
    }
    await sleepMs(pollMs, signal).catch(() => {});
  }
}
