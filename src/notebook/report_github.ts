/**
 * The report as workflow commands of GitHub Actions, which annotate the files of a pull request
 * (https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands).
 *
 * @module
 */

import type { ReportOptions, ScanReport } from "./report.ts";
import { fails, marksOf, nameOf, placeOf, TOKENS_PAGE } from "./report_words.ts";

function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function command(
  name: "error" | "warning" | "notice",
  properties: Readonly<Record<string, string | number>>,
  message: string,
): string {
  const list = Object.entries(properties)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(",");
  return `::${name}${list === "" ? "" : ` ${list}`}::${escapeData(message)}\n`;
}

/**
 * Writes the report as workflow commands.
 *
 * @param report What to tell.
 * @param options Which findings fail: those are errors, others warnings, look-alikes notices.
 * @returns The text; empty when there is nothing to annotate.
 */
export function githubReport(report: ScanReport, options: ReportOptions = {}): string {
  const { findings, failures, allow } = report;
  const annotated = findings.filter(({ level, allowed }) => level !== "note" || allowed !== true);
  return [
    ...annotated.map((finding) => {
      const { path, fileLine, fileColumn, level, allowed } = finding;
      const isQuiet = level === "note" || allowed === true;
      const name = fails(finding, options) ? "error" : isQuiet ? "notice" : "warning";
      const message = `${placeOf(finding)}; ${marksOf(finding)}. ` +
        (isQuiet ? "Allowed or no token." : `Remove it and revoke it at ${TOKENS_PAGE}`);
      const title = nameOf(finding);
      // A commit's message is no file.
      const where = path === ""
        ? { title }
        : { file: path, line: fileLine, col: fileColumn, title };
      return command(name, where, message);
    }),
    ...failures.map(({ path, message }) => command("error", { file: path }, message)),
    ...[...allow.expired, ...allow.unused].map(({ line }) =>
      command("warning", { file: ".hushbook-allow", line }, "This entry is expired or unused")
    ),
  ].join("");
}
