/**
 * The checked-in list of findings that are allowed, `.hushbook-allow`: one line for each token, by
 * fingerprint, with where it may be and why.
 *
 * ```text
 * # fingerprint  path pattern        reason
 * 1f0c9a4b7d3e   docs/example.ipynb  made up for the tutorial, never was a token
 * 9b2d60a1c8f4   "old work/**"       until=2027-03-31 revoked, the notebooks go away with the move
 * ```
 *
 * The fingerprint is what the report shows: the first 12 hex digits of the token's SHA-256.
 * Patterns are those of `hushbook.json`, relative to the list's folder, in quotes when they hold a
 * space. A reason is required. Lines are sorted, so that two branches that add entries merge
 * cleanly. Nothing in the file can relax what is searched for.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { searchTokens } from "../secret/shape.ts";
import type { Finding } from "./finding.ts";
import { pathPattern } from "./path_pattern.ts";

/** Name of the list. */
export const ALLOW_FILE = ".hushbook-allow";

/** One entry. */
export interface AllowEntry {
  /** First 12 hex digits of the token's SHA-256. */
  readonly fingerprint: string;
  /** Where the token is allowed: a pattern for paths relative to the list's folder. */
  readonly pattern: string;
  /** Why. */
  readonly reason: string;
  /** The last day on which it is allowed, as `YYYY-MM-DD` in UTC; always allowed when missing. */
  readonly until?: string;
  /** Its line in the file, counted from 1. */
  readonly line: number;
}

const ENTRY = /^([0-9a-f]{12})\s+(?:"([^"]+)"|([^\s"]\S*))\s+(?:until=(\S+)\s+)?(\S.*)$/;

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(day.getTime()) &&
    day.toISOString().startsWith(text);
}

/** What is wrong with a line that is no entry. */
function problem(line: string): string {
  const [fingerprint = "", ...rest] = line.split(/\s+/);
  if (!/^[0-9a-f]{12}$/.test(fingerprint)) {
    return "it does not begin with a fingerprint, the 12 hex digits that the report shows";
  }
  if (rest.length < 2) {
    return "it has no reason; write why the token is allowed after the path pattern";
  }
  return "it is not a fingerprint, a path pattern (in quotes when it holds a space) and a reason";
}

function order(a: AllowEntry, b: AllowEntry): number {
  const [first, second] = [a, b].map(({ fingerprint, pattern }) => `${fingerprint} ${pattern}`);
  return first! < second! ? -1 : first! > second! ? 1 : 0;
}

/**
 * Reads the list. Empty lines and lines that begin with `#` are left out.
 *
 * @param text The file's text.
 * @param path Its path, for messages only.
 * @returns Its entries, in order.
 * @throws {ConfigError} When a line is no entry, holds a token, is out of order or is there twice;
 * the message gives the line's number and what to do, never its text.
 */
export function parseAllow(text: string, path: string = ALLOW_FILE): AllowEntry[] {
  const entries: AllowEntry[] = [];
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  for (const [index, whole] of lines.entries()) {
    const refuse = (why: string) =>
      new ConfigError(`Cannot use the list in ${path}: line ${index + 1}: ${why}`);
    const line = whole.trim();
    if (searchTokens(line).length > 0) {
      throw refuse("it holds a token; write its fingerprint instead, and revoke the token");
    }
    if (line === "" || line.startsWith("#")) continue;
    const match = ENTRY.exec(line);
    if (match === null) throw refuse(problem(line));
    const [, fingerprint, quoted, plain, until, reason] = match;
    if (until !== undefined && !isDay(until)) {
      throw refuse("its until= is no day; write it as YYYY-MM-DD");
    }
    if (/^(?:until|expir\w*)\s*[=:]|^until\s+\d/i.test(reason!)) {
      throw refuse(
        "its last day would count as the reason, and it would never expire; write until=YYYY-MM-DD, " +
          "a space and the reason",
      );
    }
    const entry: AllowEntry = {
      fingerprint: fingerprint!,
      pattern: (quoted ?? plain)!,
      reason: reason!,
      ...(until === undefined ? {} : { until }),
      line: index + 1,
    };
    const last = entries.at(-1);
    if (last !== undefined && order(last, entry) === 0) {
      throw refuse(`it is the same as line ${last.line}; delete one of them`);
    }
    if (last !== undefined && order(last, entry) > 0) {
      throw refuse(`it is out of order; move it before line ${last.line}, or sort the file`);
    }
    entries.push(entry);
  }
  return entries;
}

/** Answers which findings are allowed, and remembers which entries were of use. */
export class AllowList {
  readonly #entries: readonly (readonly [entry: AllowEntry, matches: (path: string) => boolean])[];
  readonly #today: string;
  readonly #used = new Set<AllowEntry>();

  /**
   * Prepares a list.
   *
   * @param entries Its entries.
   * @param options `now` is the time in milliseconds since 1970, default the clock's.
   */
  constructor(entries: readonly AllowEntry[], options: { readonly now?: number } = {}) {
    const { now = Date.now() } = options;
    this.#today = new Date(now).toISOString().slice(0, 10);
    this.#entries = entries.map((entry) => [entry, pathPattern(entry.pattern)]);
  }

  /**
   * Whether a finding is allowed.
   *
   * @param finding The finding.
   * @param path Its file's path relative to the list's folder, with `/` between names; the
   * finding's own path when left out.
   * @returns True when an entry that has not expired names it.
   */
  allows(finding: Pick<Finding, "fingerprint" | "path">, path: string = finding.path): boolean {
    let isAllowed = false;
    for (const [entry, matches] of this.#entries) {
      if (entry.fingerprint !== finding.fingerprint || !matches(path)) continue;
      this.#used.add(entry);
      isAllowed ||= !this.#isExpired(entry);
    }
    return isAllowed;
  }

  #isExpired({ until }: AllowEntry): boolean {
    return until !== undefined && until < this.#today;
  }

  /** Entries that allow nothing any more because their day is over. */
  get expired(): AllowEntry[] {
    return this.#entries.map(([entry]) => entry).filter((entry) => this.#isExpired(entry));
  }

  /**
   * Entries that no finding needed, after everything they could be about has been searched.
   *
   * @param searched The paths that were searched, or `"everything"` when the whole folder was.
   * @returns The entries, in order; of those whose files were not searched nothing can be said.
   */
  unused(searched: Iterable<string> | "everything"): AllowEntry[] {
    const paths = searched === "everything" ? [] : [...searched];
    return this.#entries.filter(([entry, matches]) =>
      !this.#used.has(entry) && (searched === "everything" || paths.some(matches))
    ).map(([entry]) => entry);
  }
}
