/**
 * Telling of many lines at once.
 *
 * @module
 */

import type { AuditProblem } from "./classify.ts";

/**
 * Tells neighbouring lines of the same fate in one problem: a file whose line ends were converted
 * has one problem, not 20 000.
 *
 * @param problems What is wrong, in the order of the log.
 * @returns The same, shorter.
 */
export function mergeProblems(problems: readonly AuditProblem[]): AuditProblem[] {
  const merged: AuditProblem[] = [];
  let lines = 1; // of the last one
  for (const next of problems) {
    const last = merged.at(-1);
    const { kind, file, line } = next;
    const joins = last !== undefined && (kind === "edited" || kind === "inserted") &&
      kind === last.kind && file === last.file && line === last.line + lines &&
      (last.last === undefined ? next.first === undefined : next.first === last.last + 1);
    if (!joins) {
      merged.push(next);
      lines = 1;
      continue;
    }
    lines++;
    const message = kind === "inserted"
      ? `lines ${last.line} to ${line} were not written by this log`
      : `lines ${last.line} to ${line} are not records ${last.first} to ${next.last} as they were written`;
    merged[merged.length - 1] = {
      ...last,
      ...(next.last !== undefined && { last: next.last }),
      message,
    };
  }
  return merged;
}
