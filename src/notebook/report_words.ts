/**
 * What reports of every format say about a finding, in words.
 *
 * @module
 */

import type { Finding } from "./finding.ts";
import type { ReportedFinding, ReportOptions, ScanReport } from "./report.ts";

/** Where tokens are revoked. */
export const TOKENS_PAGE = "https://huggingface.co/settings/tokens";

/** The findings in numbers. */
export interface Counts {
  /** Tokens that are not allowed. */
  readonly tokens: number;
  /** Suspects that are not allowed. */
  readonly suspects: number;
  /** Tokens and suspects that are allowed. */
  readonly allowed: number;
  /** Look-alikes. */
  readonly notes: number;
}

/**
 * Counts findings.
 *
 * @param findings The findings.
 * @returns How many of each sort.
 */
export function countFindings(findings: readonly ReportedFinding[]): Counts {
  const count = (test: (finding: ReportedFinding) => boolean) => findings.filter(test).length;
  return {
    tokens: count(({ level, allowed }) => level === "token" && allowed !== true),
    suspects: count(({ level, allowed }) => level === "suspect" && allowed !== true),
    allowed: count(({ level, allowed }) => level !== "note" && allowed === true),
    notes: count(({ level }) => level === "note"),
  };
}

/**
 * Whether a finding fails a search.
 *
 * @param finding The finding.
 * @param options Which levels fail.
 * @returns False for what is allowed, for look-alikes, and for suspects when only tokens fail.
 */
export function fails(
  { level, allowed }: ReportedFinding,
  { failOn }: ReportOptions = {},
): boolean {
  return allowed !== true && (level === "token" || (level === "suspect" && failOn !== "token"));
}

/**
 * Whether anything a report tells fails the search.
 *
 * @param report The report.
 * @param options Which levels fail.
 * @returns True when a finding fails.
 */
export function anyFails({ findings }: ScanReport, options: ReportOptions = {}): boolean {
  return findings.some((finding) => fails(finding, options));
}

/**
 * A number of things.
 *
 * @param count How many.
 * @param one What one is called.
 * @param many What several are called; default with an s.
 * @returns Such as `2 tokens`.
 */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * Makes a path safe to print: no control character can forge lines or colours.
 *
 * @param path The path.
 * @returns The same path, control characters shown as escapes.
 */
export function printable(path: string): string {
  return path.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

const KINDS: Readonly<Record<string, string>> = {
  "user-access": "Hugging Face user access token",
  organization: "Hugging Face organization token",
  "oauth-refresh": "Hugging Face OAuth refresh token",
  app: "Hugging Face app token",
  "oauth-app-secret": "Hugging Face OAuth app secret",
  oauth: "Hugging Face OAuth token",
  jwt: "Hugging Face repository token",
  s3: "Hugging Face S3 credential",
};

/**
 * What a finding is.
 *
 * @param finding The finding.
 * @returns Such as `Hugging Face user access token`.
 */
export function nameOf({ level, kind }: Finding): string {
  if (level === "note") return "Look-alike of a Hugging Face token";
  return kind === null ? "Suspected Hugging Face token" : KINDS[kind]!;
}

/**
 * Where a finding is within its file.
 *
 * @param finding The finding.
 * @returns Such as `cell 3 (id b7f3), cells[2].source, line 2, column 6`.
 */
export function placeOf({ cell, field, line, column, inOutput }: Finding): string {
  const id = cell?.id === undefined ? "" : ` (id ${cell.id})`;
  const parts = [
    cell === undefined ? "" : `cell ${cell.index + 1}${id}`,
    field === "text" ? "" : field,
    `line ${line}, column ${column}`,
    inOutput ? "in an output" : "", // which scrubbing clears, unless it is to be kept
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/**
 * What makes a finding recognisable.
 *
 * @param finding The finding.
 * @returns Such as `37 characters, spelled by way of base64, fingerprint 1f0c9a4b7d3e`.
 */
export function marksOf({ length, chain, fingerprint }: Finding): string {
  const spelled = chain.length === 0 ? "" : `spelled by way of ${chain.join(" and ")}, `;
  return `${length} characters, ${spelled}fingerprint ${fingerprint}`;
}
