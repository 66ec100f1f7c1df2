/**
 * The report for other programs: one JSON object, `version` 1.
 *
 * @module
 */

import type { ReportOptions, ScanReport } from "./report.ts";
import { countFindings, fails } from "./report_words.ts";

/**
 * Writes the report as JSON.
 *
 * @param report What to tell.
 * @param options Which findings fail.
 * @returns The text: `version`, `findings` (each with `allowed` and `fails`), `failures`, `allow`
 * and `summary`.
 */
export function jsonReport(report: ScanReport, options: ReportOptions = {}): string {
  const { findings, searched, failures, allow } = report;
  const value = {
    version: 1,
    findings: findings.map((finding) => ({
      ...finding,
      allowed: finding.allowed === true,
      fails: fails(finding, options),
    })),
    failures,
    allow,
    summary: { searched: searched.count, ...countFindings(findings), failures: failures.length },
  };
  return `${JSON.stringify(value)}\n`;
}
