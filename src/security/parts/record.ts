/**
 * The audit log: whether it is whole, and what in it is worth a look.
 *
 * @module
 */

import type { AuditRecord } from "../../audit/event.ts";
import type { AuditLog } from "../../audit/log.ts";
import { counted, linesOf, type SecurityLine } from "../line.ts";
import type { PartContext } from "./options.ts";

/** How the log stands. */
export interface RecordState {
  /** Whether every line is as it was written. */
  readonly ok: boolean;
  /** Records that are whole. */
  readonly records: number;
  /** Problems found. */
  readonly problems: number;
  /** Refusals in the last 7 days: tokens, calls, commits, the status page. */
  readonly refusals: number;
  /** Lockouts in the last 7 days. */
  readonly lockouts: number;
  /** Sources seen for the first time in the last 7 days. */
  readonly newSources: readonly string[];
  /** Notebooks seen for the first time in the last 7 days. */
  readonly newNotebooks: readonly string[];
}

const WEEK = 7 * 86_400_000;
/** Enough for years of notebook use; what is older is not compared with. */
const MOST_RECORDS = 50_000;
const line = linesOf("record");

/**
 * Verifies the log and goes through what happened in the last week.
 *
 * @param context When.
 * @param log The log.
 * @returns How it stands, and the lines about it.
 */
export async function recordPart(
  context: PartContext,
  log: AuditLog,
): Promise<{ audit: RecordState; lines: SecurityLine[] }> {
  const { ok, records, problems } = await log.verify();
  const week = await lookBack(log, context.now() - WEEK);
  const lines: SecurityLine[] = [];
  if (records === 0 && ok) {
    lines.push(line("chain", "good", "Audit log", "Nothing is recorded yet"));
  } else if (ok) {
    lines.push(
      line(
        "chain",
        "good",
        "Audit log",
        `All ${counted(records, "record")} are as they were written`,
      ),
    );
  } else {
    lines.push(
      line(
        "chain",
        "bad",
        "Audit log",
        `${counted(problems.length, "problem")}: ${problems[0]?.kind ?? "unknown"} first`,
        "hushbook audit verify",
      ),
    );
  }
  const look = (id: string, title: string, text: string, query: string) =>
    lines.push(line(id, "warning", title, text, `hushbook audit show --since 7d ${query}`));
  if (week.refusals > 0) {
    look("refusals", "Refusals", `${week.refusals} in the last 7 days`, "--outcome refused");
  }
  if (week.lockouts > 0) {
    look("lockouts", "Lockouts", `${week.lockouts} in the last 7 days`, "--event lockout.set");
  }
  if (week.newSources.length > 0) {
    const text = `Used for the first time in the last 7 days: ${listed(week.newSources)}`;
    look("sources", "New sources", text, "--event token.load");
  }
  if (week.newNotebooks.length > 0) {
    const text = `Used a token for the first time in the last 7 days: ${listed(week.newNotebooks)}`;
    look("notebooks", "New notebooks", text, "--event token.load");
  }
  return { audit: { ok, records, problems: problems.length, ...week }, lines };
}

function listed(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

type Week = Omit<RecordState, "ok" | "records" | "problems">;

/**
 * Goes through the log from its newest record; "first seen" needs the records from before the week
 * too.
 */
async function lookBack(log: AuditLog, since: number): Promise<Week> {
  let refusals = 0;
  let lockouts = 0;
  const seen = { source: new Map<string, boolean>(), notebook: new Map<string, boolean>() };
  let anythingBefore = false;
  const note = (record: AuditRecord) => {
    const recent = Date.parse(record.time) >= since;
    anythingBefore ||= !recent;
    if (recent && record.outcome === "refused") refusals++;
    if (recent && record.event === "lockout.set") lockouts++;
    if (record.event !== "token.load") return;
    for (const name of ["source", "notebook"] as const) {
      const value = record[name];
      // Newest first: the last word is whether the oldest record of it is recent.
      if (value !== undefined) seen[name].set(value, recent);
    }
  };
  let looked = 0;
  for await (const record of log.newest()) {
    note(record);
    if (++looked === MOST_RECORDS) break;
  }
  // In the first week everything is new: that says nothing.
  const firstSeen = (values: Map<string, boolean>) =>
    anythingBefore ? [...values].filter(([, recent]) => recent).map(([value]) => value).sort() : [];
  return {
    refusals,
    lockouts,
    newSources: firstSeen(seen.source),
    newNotebooks: firstSeen(seen.notebook),
  };
}
