/**
 * The report for people.
 *
 * @module
 */

import { ALLOW_FILE, type AllowEntry } from "./allow.ts";
import type { ReportedFinding, ReportOptions, ScanReport } from "./report.ts";
import {
  countFindings,
  fails,
  marksOf,
  nameOf,
  placeOf,
  plural,
  printable,
  TOKENS_PAGE,
} from "./report_words.ts";

const RED = "31", YELLOW = "33", GREEN = "32", DIM = "2", BOLD = "1";

type Paint = (text: string, style: string) => string;

function findingText(finding: ReportedFinding, paint: Paint, options: ReportOptions): string {
  const { path, fileLine, fileColumn, commit, allowed } = finding;
  const style = fails(finding, options) ? RED : finding.level === "note" ? DIM : YELLOW;
  const source = commit === undefined ? "standard input" : `commit ${commit.slice(0, 12)}`;
  const file = paint(`${printable(path) || source}:${fileLine}:${fileColumn}`, BOLD);
  const entered = commit === undefined ? "" : `, entered with commit ${commit.slice(0, 12)}`;
  const note = allowed === true ? " (allowed)" : "";
  const place = finding.field === "text" ? "" : `    ${placeOf(finding)}${entered}\n`;
  const rest = place === "" ? entered : "";
  return `${file}: ${paint(nameOf(finding), style)}${note}\n${place}` +
    `    ${paint(marksOf(finding), DIM)}${rest}\n`;
}

function entryText({ line, pattern, fingerprint }: AllowEntry, why: string): string {
  return `${ALLOW_FILE}:${line}: ${fingerprint} ${printable(pattern)}: ${why}\n`;
}

/** What to do about what fails. */
function advice(findings: readonly ReportedFinding[]): string {
  const outputs = findings.filter(({ inOutput }) => inOutput).length;
  const lines = [
    "Revoke first, while it is there to be found: hushbook token revoke PATH (shows which, and asks), or",
    `at ${TOKENS_PAGE}: whoever has seen the file may have the token.`,
    outputs > 0 ? "In outputs: hushbook scrub PATH clears them." : "",
    outputs < findings.length
      ? 'Elsewhere: remove it, and read it with Deno.env.get("HF_TOKEN") or loadToken().'
      : "",
    `Not a token? Add its fingerprint, path and a reason to ${ALLOW_FILE}.`,
  ];
  return `\n${lines.filter((line) => line !== "").join("\n")}\n`;
}

/** The last line: everything in numbers. */
function summary({ findings, searched, failures }: ScanReport, verbose: boolean): string {
  const { tokens, suspects, allowed, notes } = countFindings(findings);
  const parts = [
    tokens + suspects === 0 ? "no token" : "",
    tokens > 0 ? plural(tokens, "token") : "",
    suspects > 0 ? plural(suspects, "suspect") : "",
    allowed > 0 ? `${allowed} allowed` : "",
    verbose && notes > 0 ? plural(notes, "look-alike") : "",
    failures.length > 0 ? `${failures.length} not searched` : "",
  ];
  return `${plural(searched.count, searched.what)} searched: ${
    parts.filter((part) => part !== "").join(", ")
  }.`;
}

/**
 * Writes the report for people.
 *
 * @param report What to tell.
 * @param options Colour, detail, and which findings fail.
 * @returns The text.
 */
export function textReport(report: ScanReport, options: ReportOptions = {}): string {
  const { colour = false, verbose = false } = options;
  const paint: Paint = (text, style) => colour ? `\x1b[${style}m${text}\x1b[0m` : text;
  const { findings, failures, allow } = report;
  const shown = findings.filter(({ level, allowed }) =>
    verbose || (level !== "note" && allowed !== true)
  );
  const failing = findings.filter((finding) => fails(finding, options));
  return [
    ...shown.map((finding) => findingText(finding, paint, options)),
    ...failures.map(({ path, message }) => `${printable(path)}: ${message}\n`),
    ...allow.expired.map((entry) => entryText(entry, "expired, it allows nothing any more")),
    ...allow.unused.map((entry) => entryText(entry, "unused, delete the line")),
    failing.length > 0 ? advice(failing) : "",
    shown.length > 0 && failing.length === 0 ? "\n" : "",
    `${paint(summary(report, verbose), failing.length > 0 ? RED : GREEN)}\n`,
  ].join("");
}
