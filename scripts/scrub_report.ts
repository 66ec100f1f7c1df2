/**
 * What `hushbook scrub` says.
 *
 * @module
 */

import { ALLOW_FILE, type AllowEntry } from "../src/notebook/allow.ts";
import type { FileReport } from "../src/notebook/scrub_file.ts";
import type { Outcome, ScrubFinding } from "../src/notebook/scrub.ts";
import type { Removed } from "../src/notebook/strip.ts";
import {
  fails,
  marksOf,
  nameOf,
  placeOf,
  plural,
  printable,
  TOKENS_PAGE,
} from "../src/notebook/report_words.ts";
import { maskName } from "../src/notebook/mask_name.ts";

/** A finding, and whether `.hushbook-allow` allows it. */
export interface JudgedFinding extends ScrubFinding {
  /** Whether it is allowed. */
  readonly allowed: boolean;
}

/** What became of a notebook, its findings judged. */
export interface JudgedReport extends FileReport {
  /** The tokens in it. */
  readonly findings: readonly JudgedFinding[];
}

/** All reports in numbers. */
export interface ScrubSummary {
  /** Notebooks looked at, checkpoint copies included. */
  readonly notebooks: number;
  /** Notebooks that were changed, or, when only checked, would be. */
  readonly changed: number;
  /** Bytes that were removed, or would be. */
  readonly removedBytes: number;
  /** Tokens that remain in a notebook, allowed ones not counted. */
  readonly remaining: number;
  /** Tokens that were in what was cleared. */
  readonly cleared: number;
  /** Tokens that were redacted. */
  readonly redacted: number;
  /** Tokens that remain and are allowed. */
  readonly allowed: number;
  /** Files that could not be read, understood or written. */
  readonly failures: number;
}

/**
 * Sums reports up.
 *
 * @param reports One for each notebook.
 * @returns The sums.
 */
export function summarise(reports: readonly JudgedReport[]): ScrubSummary {
  const findings = reports.flatMap((report) => report.findings);
  const count = (outcome: Outcome, allowed?: boolean) =>
    findings.filter((finding) =>
      finding.outcome === outcome && (allowed === undefined || finding.allowed === allowed)
    ).length;
  const changed = reports.filter((report) => report.changed);
  return {
    notebooks: reports.length,
    changed: changed.length,
    removedBytes: changed.reduce((sum, { removed }) => sum + (removed?.bytes ?? 0), 0),
    remaining: count("remains", false),
    cleared: count("cleared"),
    redacted: count("redacted"),
    allowed: count("remains", true),
    failures: reports.filter(({ failure }) => failure !== undefined).length,
  };
}

/** A path as it may be shown: a file's name can hold a token, or control characters. */
function shown(path: string): string {
  return printable(maskName(path));
}

/** A size with a unit of 1000. */
function size(bytes: number): string {
  const steps = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]] as const;
  const step = steps.find(([unit]) => Math.abs(bytes) >= unit);
  return step === undefined ? plural(bytes, "byte") : `${(bytes / step[0]).toFixed(1)} ${step[1]}`;
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

/** How much to say, and to whom. */
export interface ReportTone {
  /** Whether nothing was written. */
  readonly check: boolean;
  /** Whether tokens were to be redacted. */
  readonly redact: boolean;
  /** Whether to say what was done to each notebook, and to name allowed findings. */
  readonly verbose: boolean;
  /** Whether to say nothing but tokens and failures. */
  readonly quiet: boolean;
  /** The level from which a finding fails. */
  readonly failOn: "token" | "suspect";
  /** Whether the report may carry colour. */
  readonly colour: boolean;
  /** Receives the report. */
  readonly say: (text: string) => void;
  /** Receives what went wrong. */
  readonly complain: (text: string) => void;
}

function outcomeText(
  { checkpoint }: JudgedReport,
  { outcome, allowed, field }: JudgedFinding,
  { check, redact }: ReportTone,
): string {
  if (allowed) return " (allowed)";
  if (field === "name") return ", in the file's name: rename it";
  if (checkpoint) return ", in a checkpoint copy, which is never written: delete it";
  if (outcome === "redacted") return ", redacted";
  if (outcome === "cleared") return check ? ", to be cleared" : ", cleared";
  return redact ? ", which --redact cannot replace as it is spelled" : "";
}

function findingText(report: JudgedReport, finding: JudgedFinding, tone: ReportTone): string {
  const paint = (text: string, style: string) =>
    tone.colour ? `\x1b[${style}m${text}\x1b[0m` : text;
  // Lines of the file have moved where it was written; the cell's have not.
  const moved = report.changed && !tone.check;
  const at = moved ? "" : `:${finding.fileLine}:${finding.fileColumn}`;
  const style = finding.outcome === "remains" && fails(finding, tone) ? "31" : "33";
  return `${paint(`${shown(report.path)}${at}`, "1")}: ${paint(nameOf(finding), style)}${
    outcomeText(report, finding, tone)
  }\n    ${placeOf({ ...finding, inOutput: false })}\n    ${paint(marksOf(finding), "2")}\n`;
}

function otherNamesText({ path, otherNames }: FileReport): string {
  return `${shown(path)}: the file had ${plural(otherNames!, "other name")} (hard links), which ` +
    "still lead to the old content: scrub or delete these too\n";
}

function failureText({ path, failure }: FileReport): string {
  const { line, column, message } = failure!;
  const at = line === undefined ? "" : `:${line}:${column}`;
  return `${shown(path)}${at}: ${message}\n`;
}

/**
 * Says what became of notebooks.
 *
 * @param reports One for each notebook.
 * @param tone How much to say, and to whom.
 * @param expired Entries of `.hushbook-allow` that allow nothing any more.
 */
export function reportScrub(
  reports: readonly JudgedReport[],
  tone: ReportTone,
  expired: readonly AllowEntry[] = [],
): void {
  const { check, verbose, quiet, say, complain } = tone;
  for (const report of reports) {
    const { path, changed, removed, findings, failure } = report;
    for (const finding of findings) {
      if (verbose || !finding.allowed) say(findingText(report, finding, tone));
    }
    if (failure !== undefined) complain(failureText(report));
    if (report.otherNames !== undefined) complain(otherNamesText(report));
    if (!quiet && removed !== undefined && changed && (verbose || check)) {
      say(`${shown(path)}: ${check ? "to clear" : "cleared"}: ${removedText(removed)}\n`);
    }
  }
  for (const { line, fingerprint } of expired) {
    say(`${ALLOW_FILE}:${line}: ${fingerprint}: expired, it allows nothing any more\n`);
  }
  const sum = summarise(reports);
  say(advice(sum, tone));
  if (!quiet) say(`${summaryText(sum, check)}\n`);
}

/** What to do about tokens. */
function advice(
  { remaining, cleared, redacted }: ScrubSummary,
  { check, redact }: ReportTone,
): string {
  const remove = redact ? "remove it by hand" : "remove it (--redact does)";
  const gone = cleared + redacted;
  if (remaining + gone === 0) return "";
  const lines = [
    `Revoke at ${TOKENS_PAGE}: whoever has seen the file may have the token.`,
    remaining > 0
      ? `What remains: ${remove}, and read it with Deno.env.get("HF_TOKEN") or loadToken().`
      : "",
    remaining > 0 ? `Not a token? Add its fingerprint, path and a reason to ${ALLOW_FILE}.` : "",
    check && gone > 0 ? "In outputs: hushbook scrub PATH clears them." : "",
  ];
  return `\n${lines.filter((line) => line !== "").join("\n")}\n\n`;
}

function summaryText(sum: ScrubSummary, check: boolean): string {
  const { notebooks, changed, removedBytes, remaining, cleared, redacted, allowed, failures } = sum;
  if (notebooks === 0) return "No notebook found.";
  const parts = [
    changed === 0
      ? failures === notebooks ? "" : "nothing to clear"
      : `${changed} ${check ? "to clear" : "cleared"} (${size(removedBytes)})`,
    remaining > 0 ? plural(remaining, "token") : "",
    cleared > 0 ? `${plural(cleared, "token")} in what is cleared` : "",
    redacted > 0 ? `${plural(redacted, "token")} redacted` : "",
    allowed > 0 ? `${plural(allowed, "token")} allowed` : "",
    failures > 0 ? `${failures} not done` : "",
  ];
  return `${plural(notebooks, "notebook")}: ${parts.filter((part) => part !== "").join(", ")}.`;
}

/**
 * The report as JSON, for other programs: `version` 1, one entry for each notebook, and the sums.
 *
 * @param reports One for each notebook.
 * @returns The text, with a final line end.
 */
export function scrubJson(reports: readonly JudgedReport[]): string {
  const notebooks = reports.map((report) => ({ ...report, path: maskName(report.path) }));
  return `${JSON.stringify({ version: 1, notebooks, summary: summarise(reports) })}\n`;
}
