/**
 * The report as SARIF 2.1.0 (OASIS, https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code
 * scanning.
 *
 * @module
 */

import { TOKEN_SHAPES } from "../secret/shape.ts";
import { ruleName } from "./finding.ts";
import type { ReportedFinding, ReportOptions, ScanReport } from "./report.ts";
import { fails, marksOf, nameOf, placeOf, TOKENS_PAGE } from "./report_words.ts";

const SCHEMA =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

interface Rule {
  readonly id: string;
  readonly shortDescription: { readonly text: string };
  readonly help: { readonly text: string };
  readonly defaultConfiguration: { readonly level: "error" | "note" };
}

const RULES: readonly Rule[] = [
  ...TOKEN_SHAPES.map(({ kind }) => ({ kind, level: "token" as const })),
  { kind: null, level: "suspect" as const },
  { kind: null, level: "note" as const },
].map(({ kind, level }) => ({
  id: ruleName(kind, level),
  shortDescription: { text: nameOf({ kind, level } as ReportedFinding) },
  help: {
    text: level === "note"
      ? "A placeholder, an identifier or a digest: nothing needs to be done."
      : `Remove the token, revoke it at ${TOKENS_PAGE}, and read it from the environment instead.`,
  },
  defaultConfiguration: { level: level === "note" ? "note" : "error" },
}));

/** A path as the URI reference SARIF wants: relative to the root, or a file URI. */
function artifact(path: string, commit?: string): { uri: string; uriBaseId?: string } {
  if (path === "" && commit !== undefined) return { uri: `commit/${commit}` };
  const parts = path.replaceAll("\\", "/").split("/").map((part) =>
    encodeURIComponent(part.isWellFormed() ? part : part.toWellFormed())
  );
  const uri = parts.join("/");
  if (uri.startsWith("/")) return { uri: `file://${uri}` };
  return { uri: uri === "" ? "stdin" : uri, uriBaseId: "%SRCROOT%" };
}

function result(finding: ReportedFinding, options: ReportOptions): Record<string, unknown> {
  const { rule, path, fileLine, fileColumn, field, level, allowed, chain, commit } = finding;
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: fails(finding, options) ? "error" : level === "note" ? "note" : "warning",
    message: { text: `${nameOf(finding)}: ${placeOf(finding)}; ${marksOf(finding)}.` },
    locations: [{
      physicalLocation: {
        artifactLocation: artifact(path, commit),
        region: { startLine: fileLine, startColumn: fileColumn },
      },
      logicalLocations: [{ fullyQualifiedName: field, kind: "member" }],
    }],
    partialFingerprints: { "hushbookToken/v1": `${finding.fingerprint}:${field}` },
    ...(allowed === true
      ? { suppressions: [{ kind: "external", justification: "Allowed by .hushbook-allow" }] }
      : {}),
    properties: {
      fingerprint: finding.fingerprint,
      length: finding.length,
      chain,
      inOutput: finding.inOutput,
      ...(finding.cell === undefined ? {} : { cell: finding.cell }),
      ...(commit === undefined ? {} : { commit }),
    },
  };
}

/**
 * Writes the report as SARIF.
 *
 * @param report What to tell.
 * @param options Which findings fail: those have level `error`.
 * @returns The log, one run.
 */
export function sarifReport(report: ScanReport, options: ReportOptions = {}): string {
  const { findings, failures } = report;
  const log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [{
      tool: { driver: { name: "hushbook", rules: RULES } },
      columnKind: "unicodeCodePoints",
      results: findings.map((finding) => result(finding, options)),
      invocations: [{
        executionSuccessful: failures.length === 0,
        toolExecutionNotifications: failures.map(({ path, message }) => ({
          level: "error",
          message: { text: message },
          locations: [{ physicalLocation: { artifactLocation: artifact(path) } }],
        })),
      }],
    }],
  };
  return `${JSON.stringify(log)}\n`;
}
