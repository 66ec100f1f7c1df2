/**
 * What is going on: lockouts and limits.
 *
 * @module
 */

import { HushbookError } from "../../errors.ts";
import { type LimitOverview, listLimits } from "../../limits/overview.ts";
import { Lockout, type LockoutStatus } from "../../token/lockout.ts";
import { counted, linesOf, type SecurityLine } from "../line.ts";
import type { PartContext } from "./options.ts";

const line = linesOf("use");

/**
 * Looks at lockouts and limits.
 *
 * @param context Where and when.
 * @returns Both, and the lines about them.
 */
export async function usePart(
  context: PartContext,
): Promise<{ lockouts: LockoutStatus[]; limits: LimitOverview[]; lines: SecurityLine[] }> {
  const lockouts = await new Lockout(context).status();
  const limits = await listLimits(context).catch((error) => {
    if (error instanceof HushbookError) return [];
    throw error;
  });
  const lines = [...lockoutLines(lockouts), ...limits.map(limitLine)];
  return { lockouts, limits, lines };
}

function lockoutLines(lockouts: readonly LockoutStatus[]): SecurityLine[] {
  const locked = lockouts.filter(({ remainingMs }) => remainingMs > 0);
  if (locked.length > 0) {
    return locked.map(({ subject, remainingMs }) =>
      line(
        `lockout.${subject === "*" ? "all" : subject}`,
        "bad",
        "Lockout",
        `${subjectName(subject)} locked for ${Math.ceil(remainingMs / 1000)} s more`,
        "hushbook security --clear-lockout",
      )
    );
  }
  const failures = lockouts.reduce((sum, { failures }) => sum + failures, 0);
  return failures > 0
    ? [
      line(
        "lockout",
        "warning",
        "Lockout",
        `${counted(failures, "failure")} so far, of 5 that lock`,
      ),
    ]
    : [line("lockout", "good", "Lockout", "Nothing is locked, and nothing has failed")];
}

function subjectName(subject: string): string {
  if (subject === "*") return "Everything is";
  return subject === "store" ? "The stored token is" : `The token ${subject} is`;
}

function limitLine(limit: LimitOverview): SecurityLine {
  const id = `limit.${limit.name}`;
  if (limit.damaged) {
    return line(
      id,
      "warning",
      "Limit",
      `${limit.name}: its file is damaged; the next call replaces it`,
    );
  }
  const windows = limit.windows.map(({ limit, windowMs, used }) =>
    `${used} of ${limit} calls in ${windowMs / 1000} s`
  ).join(", ");
  const wait = limit.nextFreeMs > 0 ? `, next in ${(limit.nextFreeMs / 1000).toFixed(1)} s` : "";
  const paused = limit.pausedMs > 0;
  return line(
    id,
    paused ? "warning" : "good",
    "Limit",
    `${limit.name}: ${windows}${wait}${paused ? ", paused by the server" : ""}`,
  );
}
