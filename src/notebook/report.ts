/**
 * Reports of a search, for people and for programs. No format carries a token, its head or tail, or
 * a line of a file.
 *
 * @module
 */

import type { AllowEntry } from "./allow.ts";
import type { Finding } from "./finding.ts";
import { githubReport } from "./report_github.ts";
import { jsonReport } from "./report_json.ts";
import { sarifReport } from "./report_sarif.ts";
import { textReport } from "./report_text.ts";

/** A finding, and what is known about it besides. */
export interface ReportedFinding extends Finding {
  /** Whether an entry of `.hushbook-allow` allows it. Default false. */
  readonly allowed?: boolean;
  /** The commit it entered with, when the history was searched. */
  readonly commit?: string;
}

/** Everything a report tells. */
export interface ScanReport {
  /** What was found, allowed findings and look-alikes included. */
  readonly findings: readonly ReportedFinding[];
  /** How many of what were searched: files, staged files, or objects of the history. */
  readonly searched: { readonly count: number; readonly what: "file" | "staged file" | "object" };
  /** What could not be read. */
  readonly failures: readonly { readonly path: string; readonly message: string }[];
  /** Entries of `.hushbook-allow` that allow nothing any more, or that nothing needed. */
  readonly allow: {
    readonly expired: readonly AllowEntry[];
    readonly unused: readonly AllowEntry[];
  };
}

/** The formats. */
export type ReportFormat = "text" | "json" | "sarif" | "github";

/** How to report. */
export interface ReportOptions {
  /** Which findings fail: every one, or only those of level `token`. Default `suspect`. */
  readonly failOn?: "token" | "suspect";
  /** Whether text may carry colour. Default false. */
  readonly colour?: boolean;
  /** Whether text names look-alikes and allowed findings one by one. Default false. */
  readonly verbose?: boolean;
}

/**
 * Writes a report.
 *
 * @param report What to tell.
 * @param format `text` for people, `json` (version 1), `sarif` (SARIF 2.1.0), or `github` (workflow
 * commands that annotate a pull request).
 * @param options Colour, detail, and which findings fail.
 * @returns The text, with a final line end unless empty.
 */
export function formatReport(
  report: ScanReport,
  format: ReportFormat,
  options: ReportOptions = {},
): string {
  switch (format) {
    case "text":
      return textReport(report, options);
    case "json":
      return jsonReport(report, options);
    case "sarif":
      return sarifReport(report, options);
    case "github":
      return githubReport(report, options);
  }
}
