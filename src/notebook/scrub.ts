/**
 * Scrub notebooks: clear their outputs and find tokens, byte for byte careful.
 *
 * ```ts
 * import { scrubNotebook } from "hushbook";
 *
 * const bytes = new TextEncoder().encode('{"cells":[],"metadata":{},"nbformat":4}');
 * const { bytes: scrubbed, changed, findings } = scrubNotebook(bytes);
 * ```
 *
 * Nothing here reads or writes a file, uses the network or needs a permission.
 *
 * @module
 */

import { NotebookError } from "../errors.ts";
import { applyCuts } from "./cut.ts";
import { findTokens } from "./find.ts";
import type { Finding } from "./finding.ts";
import { redactionCuts } from "./redact.ts";
import { type Removed, stripNotebook, type StripOptions, type StripResult } from "./strip.ts";

export { HushbookError, NotebookError, type NotebookErrorCode, UsageError } from "../errors.ts";
export { type FindOptions, findTokens } from "./find.ts";
export type { TokenKind, TokenLevel } from "../secret/shape.ts";
export type { ByteRange, Finding, SpellingStep } from "./finding.ts";
export { type Removed, stripNotebook, type StripOptions, type StripResult } from "./strip.ts";

/** How to scrub. */
export interface ScrubOptions extends StripOptions {
  /** The notebook's path, for the findings. Default empty. */
  readonly path?: string;
  /**
   * Replace tokens that would remain, in sources, metadata, attachments and kept outputs, with
   * `hf_REDACTED`. Default false.
   */
  readonly redact?: boolean;
}

/**
 * What became of a token: `cleared` with an output or metadata that was removed, `redacted`, or it
 * `remains` in the notebook. A token that was in a saved notebook is to be revoked in any case.
 */
export type Outcome = "cleared" | "redacted" | "remains";

/** A token that was found, and what became of it. */
export interface ScrubFinding extends Finding {
  /** What became of it. */
  readonly outcome: Outcome;
}

/** A scrubbed notebook. */
export interface ScrubResult {
  /** The scrubbed file; the very array that was given when nothing was removed or redacted. */
  readonly bytes: Uint8Array;
  /** Whether anything was removed or redacted. */
  readonly changed: boolean;
  /** Every token that was found. Lines and columns of the file are those before scrubbing. */
  readonly findings: readonly ScrubFinding[];
  /** How much was removed. */
  readonly removed: Removed;
}

/**
 * Finds tokens in what is taken for a notebook, whatever its file is called.
 *
 * @param bytes The file.
 * @param path Its path, for the findings; may be empty.
 * @param ranges Whether to return the bytes that spell each token.
 * @returns What was found.
 */
export function searchNotebook(
  bytes: Uint8Array,
  path: string,
  ranges: boolean = false,
): Finding[] {
  if (/\.ipynb$/i.test(path)) return findTokens(bytes, { path, ranges });
  const suffix = ".ipynb";
  return findTokens(bytes, { path: path + suffix, ranges })
    .map((finding) => ({ ...finding, path: finding.path.slice(0, -suffix.length) }));
}

/** What makes two findings the same token in the same kind of place, before and after scrubbing. */
function likeness({ fingerprint, rule, chain, inOutput, line, column }: Finding): string {
  return [fingerprint, rule, chain.join(), inOutput, line, column].join(" ");
}

/**
 * Says of each finding before scrubbing whether it is still there after it. Where that is in doubt
 * (the same token twice, one of them cleared), the count of those that remain is right.
 */
function outcomes(
  before: readonly Finding[],
  after: readonly Finding[],
  gone: Outcome,
): ScrubFinding[] {
  const left = new Map<string, number>();
  for (const finding of after) {
    const key = likeness(finding);
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  const judged = before.map((finding): ScrubFinding => {
    const key = likeness(finding);
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    return { ...finding, outcome: count > 0 ? "remains" : gone };
  });
  // What was not seen before, should there ever be any, remains all the same.
  const unseen = after.filter((finding) => {
    const key = likeness(finding);
    const count = left.get(key) ?? 0;
    if (count <= 0) return false;
    left.set(key, count - 1);
    return true;
  });
  return [
    ...judged,
    ...unseen.map((finding): ScrubFinding => ({ ...finding, outcome: "remains" })),
  ];
}

/** Replaces what tokens can be replaced; the given bytes where that would harm the notebook. */
function redacted(
  bytes: Uint8Array,
  path: string,
  wanted: (finding: Finding) => boolean,
): { bytes: Uint8Array; left: Finding[] } {
  const cuts = redactionCuts(searchNotebook(bytes, path, true).filter(wanted));
  if (cuts.length > 0) {
    const candidate = applyCuts(bytes, cuts);
    try {
      stripNotebook(candidate); // still a notebook
      return { bytes: candidate, left: searchNotebook(candidate, path) };
    } catch (error) {
      if (!(error instanceof NotebookError)) throw error;
    }
  }
  return { bytes, left: searchNotebook(bytes, path) };
}

/**
 * Scrubs a notebook of nbformat 4 or 3: clears outputs, execution counts and passing metadata, and
 * finds the tokens in all of it, what was cleared included. Every byte outside of what is removed
 * stays as it was.
 *
 * @param bytes The notebook, as the file holds it.
 * @param options What to remove and what to keep, the path for findings, and whether to redact.
 * @returns The scrubbed notebook and what was found in it; the same array when nothing was removed.
 * @throws {NotebookError} When the notebook cannot be understood, with line and column.
 * @throws {UsageError} When an option is wrong.
 *
 * @example Clear a notebook
 * ```ts
 * import { scrubNotebook } from "hushbook";
 * import { equal } from "node:assert/strict";
 *
 * const notebook = new TextEncoder().encode(
 *   '{"cells": [{"outputs": [{"text": "1"}], "execution_count": 1}], "nbformat": 4}',
 * );
 * const result = scrubNotebook(notebook);
 * equal(
 *   new TextDecoder().decode(result.bytes),
 *   '{"cells": [{"outputs": [], "execution_count": null}], "nbformat": 4}',
 * );
 * equal(result.changed, true);
 * equal(result.findings.length, 0);
 * ```
 */
export function scrubNotebook(bytes: Uint8Array, options: ScrubOptions = {}): ScrubResult {
  const { path = "", redact = false, ...stripOptions } = options;
  const stripped = stripNotebook(bytes, stripOptions);
  return judge(bytes, searchNotebook(bytes, path), stripped, {
    path,
    redact: redact && (() => true),
  });
}

/**
 * The second half of {@link scrubNotebook}: says what became of the tokens that were found, and
 * redacts what remains where that is asked for.
 *
 * @param bytes The notebook before stripping.
 * @param found What was found in it.
 * @param stripped The stripped notebook.
 * @param options Its path, and which tokens to redact.
 * @returns The scrubbed notebook.
 */
export function judge(
  bytes: Uint8Array,
  found: readonly Finding[],
  stripped: StripResult,
  { path, redact }: {
    readonly path: string;
    readonly redact: false | ((finding: Finding) => boolean);
  },
): ScrubResult {
  if (found.length === 0) return { ...stripped, findings: [] };
  const after = stripped.changed ? searchNotebook(stripped.bytes, path) : found;
  const judged = outcomes(found, after, "cleared");
  const remaining = judged.filter(({ outcome }) => outcome === "remains");
  if (redact === false || remaining.length === 0) return { ...stripped, findings: judged };
  const { bytes: clean, left } = redacted(stripped.bytes, path, redact);
  const again = outcomes(remaining, left, "redacted");
  const findings = judged.map((finding) =>
    finding.outcome === "remains" ? again.shift() ?? finding : finding
  );
  return {
    bytes: clean,
    changed: clean !== bytes,
    findings: [...findings, ...again],
    removed: { ...stripped.removed, bytes: bytes.length - clean.length },
  };
}
