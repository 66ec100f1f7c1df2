/**
 * Recording what was refused in the audit log.
 *
 * @module
 */

import type { Finding } from "../notebook/finding.ts";
import { HushbookError } from "../errors.ts";

/** What was refused. */
export interface Refusal {
  /** The command that refused. */
  readonly command: "hook run" | "hook fix" | "hook pre-push";
  /** The tokens it saw. */
  readonly findings: readonly Finding[];
  /** How many notebooks it could not understand. Default 0. */
  readonly problems?: number;
}

/** Tokens that get a record of their own, each; a commit with more is told by its counts. */
const MOST_RECORDS = 10;

/**
 * Writes the records of a refusal, one for each token by its fingerprint.
 *
 * Needs `--allow-read` and `--allow-write` for the state folder and `--allow-sys=uid`.
 *
 * @param refusal What was refused.
 * @param env Reads an environment variable, to find the state folder by.
 * @returns A warning in one sentence if it could not be recorded, else undefined. The refusal stands
 * either way.
 */
export async function recordRefusal(
  { command, findings, problems = 0 }: Refusal,
  env: (name: string) => string | undefined,
): Promise<string | undefined> {
  try {
    // Loaded here, so that a commit that is not refused does not pay for it.
    const { AuditLog } = await import("../audit/log.ts");
    using log = new AuditLog({ env });
    const counts = {
      event: "hook.refuse",
      outcome: "refused",
      command,
      findings: findings.length,
      files: new Set(findings.map(({ path }) => path)).size + problems,
    } as const;
    const tokens = new Map(findings.map(({ fingerprint, rule }) => [fingerprint, rule]));
    if (tokens.size === 0) await log.append({ ...counts, reason: "notebook-unreadable" });
    for (const [fingerprint, rule] of [...tokens].slice(0, MOST_RECORDS)) {
      await log.append({ ...counts, fingerprint, rule });
    }
    return undefined;
  } catch (error) {
    const why = error instanceof HushbookError ? `: ${error.message}` : "";
    return `Warning: this refusal could not be recorded in the audit log${why}`;
  }
}
