/**
 * What `hushbook scrub` says.
 *
 * @module
 */

import type { FileReport } from "../src/notebook/scrub_file.ts";
import type { Outcome, ScrubFinding } from "../src/notebook/scrub.ts";
import type { Removed } from "../src/notebook/strip.ts";

/** Where tokens are revoked. */
const TOKENS_PAGE = "https://huggingface.co/settings/tokens";

/** All reports in numbers. */
export interface ScrubSummary {
  /** Notebooks looked at, checkpoint copies included. */
  readonly notebooks: number;
  /** Notebooks that were changed, or, when only checked, would be. */
  readonly changed: number;
  /** Bytes that were removed, or would be. */
  readonly removedBytes: number;
  /** Tokens that remain in a notebook. */
  readonly remaining: number;
  /** Tokens that were in what was cleared. */
  readonly cleared: number;
  /** Tokens that were redacted. */
  readonly redacted: number;
  /** Files that could not be read, understood or written. */
  readonly failures: number;
}

/**
 * Sums reports up.
 *
 * @param reports One for each notebook.
 * @returns The sums.
 */
export function summarise(reports: readonly FileReport[]): ScrubSummary {
  const findings = reports.flatMap((report) => report.findings);
  const count = (outcome: Outcome) =>
    findings.filter((finding) => finding.outcome === outcome).length;
  const changed = reports.filter((report) => report.changed);
  return {
    notebooks: reports.length,
    changed: changed.length,
    removedBytes: changed.reduce((sum, { removed }) => sum + (removed?.bytes ?? 0), 0),
    remaining: count("remains"),
    cleared: count("cleared"),
    redacted: count("redacted"),
    failures: reports.filter(({ failure }) => failure !== undefined).length,
  };
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A size with a unit of 1000. */
function size(bytes: number): string {
  const steps = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]] as const;
  const step = steps.find(([unit]) => Math.abs(bytes) >= unit);
  return step === undefined ? `${bytes} bytes` : `${(bytes / step[0]).toFixed(1)} ${step[1]}`;
}

function removedText({ outputs, counts, keys, cells, bytes }: Removed): string {
  const parts = [
    outputs > 0 ? `outputs of ${plural(outputs, "cell")}` : "",
    counts > 0 ? plural(counts, "execution count") : "",
    keys > 0 ? plural(keys, "metadata key") : "",
    cells > 0 ? plural(cells, "whole cell") : "",
  ].filter((part) => part !== "");
  return `${parts.join(", ")} (${size(bytes)})`;
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  remains: "found",
  cleared: "found in what is cleared",
  redacted: "found and redacted",
};

function findingText(path: string, finding: ScrubFinding): string {
  const { cell, field, line, column, rule, chain, fingerprint, outcome } = finding;
  const where = [
    cell === undefined ? "" : `cell ${cell.index + 1}`,
    field,
    `line ${line}, column ${column}`,
  ].filter((part) => part !== "").join(", ");
  const how = chain.length === 0 ? "" : `, spelled by way of ${chain.join(" and ")}`;
  return `${path}: ${where}: ${rule} ${OUTCOMES[outcome]}${how} (fingerprint ${fingerprint})`;
}

function failureText({ path, failure }: FileReport): string {
  const { line, column, message } = failure!;
  return line === undefined ? `${path}: ${message}` : `${path}:${line}:${column}: ${message}`;
}

/** How much to say, and to whom. */
export interface ReportTone {
  /** Whether nothing was written. */
  readonly check: boolean;
  /** Whether to say what was done to each notebook. */
  readonly verbose: boolean;
  /** Whether to say nothing but tokens and failures. */
  readonly quiet: boolean;
  /** Receives the report. */
  readonly say: (text: string) => void;
  /** Receives what went wrong. */
  readonly complain: (text: string) => void;
}

/**
 * Says what became of notebooks.
 *
 * @param reports One for each notebook.
 * @param tone How much to say, and to whom.
 */
export function reportScrub(reports: readonly FileReport[], tone: ReportTone): void {
  const { check, verbose, quiet, say, complain } = tone;
  for (const report of reports) {
    const { path, changed, removed, findings, failure } = report;
    for (const finding of findings) say(`${findingText(path, finding)}\n`);
    if (failure !== undefined) complain(`${failureText(report)}\n`);
    if (!quiet && changed && (verbose || check)) {
      say(`${path}: ${check ? "to clear" : "cleared"}: ${removedText(removed!)}\n`);
    }
  }
  const sum = summarise(reports);
  if (sum.remaining > 0) {
    say(
      `\n${plural(sum.remaining, "token")} in what is kept. Remove ${
        sum.remaining === 1 ? "it" : "them"
      } from the cells (--redact does it), and revoke: ${TOKENS_PAGE}\n`,
    );
  }
  if (sum.cleared + sum.redacted > 0) {
    say(
      `\n${plural(sum.cleared + sum.redacted, "token")} ${
        check ? "would be" : sum.cleared + sum.redacted === 1 ? "is" : "are"
      } gone from the notebooks, but had been saved in them. Revoke: ${TOKENS_PAGE}\n`,
    );
  }
  if (!quiet) say(`${summaryText(sum, check)}\n`);
}

function summaryText(sum: ScrubSummary, check: boolean): string {
  const { notebooks, changed, removedBytes, failures } = sum;
  if (notebooks === 0) return "No notebook found.";
  const done = changed === 0
    ? "nothing to clear"
    : `${changed} ${check ? "to clear" : "cleared"} (${size(removedBytes)})`;
  const failed = failures === 0 ? "" : `, ${failures} not done`;
  return `${plural(notebooks, "notebook")}: ${done}${failed}.`;
}

/**
 * The report as JSON, for other programs: `version` 1, one entry for each notebook, and the sums.
 *
 * @param reports One for each notebook.
 * @returns The text, with a final line end.
 */
export function scrubJson(reports: readonly FileReport[]): string {
  return `${JSON.stringify({ version: 1, notebooks: reports, summary: summarise(reports) })}\n`;
}
