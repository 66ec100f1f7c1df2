/**
 * Reads the query of `GET /api/security/audit-log`.
 *
 * @module
 */

import { isEventName, isOutcome } from "../../audit/event.ts";
import type { AuditQuery } from "../../audit/read.ts";

/**
 * Reads the query. Everything that is not known is refused: nothing of it reaches the log
 * unchecked.
 *
 * @param search `limit` (1 to 500, default 50), `cursor`, `event` and `outcome` (each may come
 * several times), `since` and `until` (RFC 3339).
 * @returns The query for the log, or null if it makes no sense.
 */
export function auditQuery(search: URLSearchParams): AuditQuery | null {
  const known = new Set(["limit", "cursor", "event", "outcome", "since", "until"]);
  for (const name of search.keys()) if (!known.has(name)) return null;
  const limit = Number(search.get("limit") ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) return null;
  const cursor = search.get("cursor");
  if (cursor !== null && !/^\d{1,15}$/u.test(cursor)) return null;
  const outcomes = search.getAll("outcome");
  if (!outcomes.every(isOutcome)) return null;
  const events = search.getAll("event");
  const isEvent = (name: string) => isEventName(name) || /^[a-z]{1,20}\.$/u.test(name);
  if (!events.every(isEvent)) return null;
  const times: { since?: number; until?: number } = {};
  for (const name of ["since", "until"] as const) {
    const text = search.get(name);
    if (text === null) continue;
    const time = /^\d{4}-\d\d-\d\dT/u.test(text) ? Date.parse(text) : NaN;
    if (!Number.isFinite(time)) return null;
    times[name] = time;
  }
  return {
    limit,
    ...(cursor !== null && { cursor }),
    ...(events.length > 0 && { events: events as NonNullable<AuditQuery["events"]> }),
    ...(outcomes.length > 0 && { outcomes }),
    ...times,
  };
}
