/**
 * Calls over time, for the chart.
 *
 * @module
 */

import type { AuditLog } from "../../audit/log.ts";
import type { LimitOverview } from "../../limits/overview.ts";

/** The calls that ended in one minute. */
export interface CallMinute {
  /** Calls that went well. */
  readonly ok: number;
  /** Calls that were refused, failed or were aborted. */
  readonly other: number;
}

/** The shape of `GET /api/security/calls`. */
export interface Calls {
  /** Number of the newest record: when it grows, something happened. */
  readonly seq: number;
  /** The last 60 minutes, oldest first; the last one has just begun. */
  readonly minutes: readonly CallMinute[];
  /** The strictest limit, as calls in a minute; null when no call was made under one yet. */
  readonly limitPerMinute: number | null;
}

const MINUTE = 60_000;
const MINUTES = 60;
/** At ten calls a minute an hour has 600; more than this are not counted. */
const MOST_RECORDS = 20_000;

/**
 * Counts the calls of the last hour.
 *
 * @param log The audit log.
 * @param limits The limits in use.
 * @param now The time, in ms since 1970.
 * @returns Minute by minute.
 */
export async function callsOf(
  log: AuditLog,
  limits: readonly LimitOverview[],
  now: number,
): Promise<Calls> {
  const minutes = Array.from({ length: MINUTES }, () => ({ ok: 0, other: 0 }));
  const first = Math.floor(now / MINUTE) - MINUTES + 1;
  const { records: [newest] } = await log.read({ limit: 1 });
  let cursor: string | undefined;
  let looked = 0;
  do {
    const page = await log.read({
      events: ["inference.end", "budget.deny", "lockout.deny"],
      since: first * MINUTE,
      limit: 1000,
      ...(cursor !== undefined && { cursor }),
    });
    for (const { time, outcome } of page.records) {
      const minute = minutes[Math.floor(Date.parse(time) / MINUTE) - first];
      if (minute !== undefined) minute[outcome === "ok" ? "ok" : "other"]++;
    }
    looked += page.records.length;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && looked < MOST_RECORDS);
  const rates = limits.flatMap(({ windows }) =>
    windows.map(({ limit, windowMs }) => limit * MINUTE / windowMs)
  );
  return {
    seq: newest?.seq ?? 0,
    minutes,
    limitPerMinute: rates.length === 0 ? null : Math.round(Math.min(...rates)),
  };
}
