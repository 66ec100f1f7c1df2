/**
 * What a Hugging Face token looks like: the one definition that validation, search and masking
 * share.
 *
 * Shapes follow the list Hugging Face itself redacts its logs by (huggingface/hf-mcp-server), with
 * no boundary on the left (a token may follow `\n` or a colour code) and no letter or digit on the
 * right.
 *
 * @module
 */

import { looksEncoded, looksRandom, looksSuspect } from "./plausible.ts";

/** Which kind of credential a shape belongs to. */
export type TokenKind =
  | "user-access"
  | "organization"
  | "oauth-refresh"
  | "app"
  | "oauth-app-secret"
  | "oauth"
  | "jwt"
  | "s3";

/**
 * How sure a match is: `token` has a shape of the Hub and a random body; `suspect` starts with
 * `hf_` and is long enough to be looked at; `note` is a long look-alike (placeholder, identifier)
 * that is no finding and is shown on request only.
 */
export type TokenLevel = "token" | "suspect" | "note";

/** One shape of token. */
export interface TokenShape {
  /** The kind of credential. */
  readonly kind: TokenKind;
  /** What every token of the kind starts with. */
  readonly prefix: string;
  /** Length of the body after the prefix in characters, or `"dotted"` for three dotted parts. */
  readonly body: number | "dotted";
}

/** Every shape, longest prefix of its family first. */
export const TOKEN_SHAPES: readonly TokenShape[] = [
  { kind: "oauth-refresh", prefix: "hf_oauth__refresh_", body: 34 },
  { kind: "oauth", prefix: "hf_oauth_", body: "dotted" },
  { kind: "jwt", prefix: "hf_jwt_", body: "dotted" },
  { kind: "s3", prefix: "hf_s3_", body: "dotted" },
  { kind: "app", prefix: "hf_app_", body: 32 },
  { kind: "user-access", prefix: "hf_", body: 34 },
  { kind: "organization", prefix: "api_org_", body: 34 },
  { kind: "oauth-app-secret", prefix: "oauth_app_secret_", body: 34 },
];

/** The starts every token has one of. */
export const TOKEN_STARTS: readonly string[] = ["hf_", "api_org_", "oauth_app_secret_"];

/** Shortest body of a suspect, in characters. */
export const SUSPECT_MINIMUM = 30;

/** Longest body of a suspect, in characters. */
export const SUSPECT_MAXIMUM = 64;

/** A token seen in a text. */
export interface TokenMatch {
  /** Index of its first character. */
  readonly start: number;
  /** Index after its last character. */
  readonly end: number;
  /** How sure the match is. */
  readonly level: TokenLevel;
  /** The shape's kind; null for a suspect, which has no known shape. */
  readonly kind: TokenKind | null;
}

const ALNUM = 1, WORD = 2;
const CLASS = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(char)) CLASS[code] = ALNUM | WORD;
  else if (char === "_" || char === "-") CLASS[code] = WORD;
}

/**
 * Whether a UTF-16 code unit is an ASCII letter or digit.
 *
 * @param code The code unit; NaN (past the end) is none.
 * @returns True for A-Z, a-z and 0-9.
 */
export function isLetterOrDigit(code: number): boolean {
  return code < 128 && (CLASS[code]! & ALNUM) !== 0;
}

function isWord(code: number): boolean {
  return code < 128 && (CLASS[code]! & WORD) !== 0;
}

function alnumEnd(text: string, from: number, limit: number): number {
  let end = from;
  while (end < limit && isLetterOrDigit(text.charCodeAt(end))) end++;
  return end;
}

/**
 * Recognises a text that is one token and nothing else, by its shape alone (the body need not look
 * random, so a test's token is recognised too).
 *
 * @param text The text.
 * @returns The shape, or undefined when the text is no token of a known shape.
 */
export function tokenShape(text: string): TokenShape | undefined {
  return TOKEN_SHAPES.find(({ prefix, body }) => {
    if (!text.startsWith(prefix)) return false;
    const rest = text.slice(prefix.length);
    if (body === "dotted") return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(rest);
    return rest.length === body && alnumEnd(rest, 0, rest.length) === rest.length;
  });
}

/** Ends of the runs of `[\w-]` last looked at, so that nested prefixes never read a run twice. */
class WordRuns {
  readonly #text: string;
  #runs: [number, number][] = [];

  constructor(text: string) {
    this.#text = text;
  }

  end(from: number): number {
    for (const [start, end] of this.#runs) if (from >= start && from <= end) return end;
    let end = from;
    while (isWord(this.#text.charCodeAt(end))) end++;
    this.#runs.push([from, end]);
    if (this.#runs.length > 4) this.#runs.shift();
    return end;
  }
}

function dottedMatch(text: string, runs: WordRuns, start: number, body: number): number | null {
  const first = runs.end(body);
  if (first === body || text.charCodeAt(first) !== 46) return null;
  const second = runs.end(first + 1);
  if (second === first + 1 || text.charCodeAt(second) !== 46) return null;
  const third = runs.end(second + 1);
  const parts = [[body, first], [first + 1, second], [second + 1, third]] as const;
  // Long parts are measured by their start; slicing all of a megabyte again and again would be
  // slow.
  const [a, b, c] = parts.map(([from, to]) => text.slice(from, Math.min(to, from + 64)));
  return third > start && looksEncoded([a!, b!, c!]) ? third : null;
}

function matchAt(text: string, runs: WordRuns, start: number, family: string): TokenMatch | null {
  let note: TokenMatch | null = null;
  for (const { kind, prefix, body } of TOKEN_SHAPES) {
    if (!prefix.startsWith(family) || !text.startsWith(prefix, start)) continue;
    const from = start + prefix.length;
    if (body === "dotted") {
      const end = dottedMatch(text, runs, start, from);
      if (end !== null) return { start, end, level: "token", kind };
      continue;
    }
    const end = from + body;
    if (end > text.length || alnumEnd(text, from, end + 1) !== end) continue;
    if (looksRandom(text.slice(from, end))) return { start, end, level: "token", kind };
    note ??= { start, end, level: "note", kind };
  }
  if (family !== "hf_") return note;
  const from = start + 3;
  const end = alnumEnd(text, from, from + SUSPECT_MAXIMUM + 1);
  if (end - from < SUSPECT_MINIMUM) return note;
  const bounded = end - from <= SUSPECT_MAXIMUM && !isWord(text.charCodeAt(end)) &&
    !(start > 0 && isWord(text.charCodeAt(start - 1)));
  if (bounded && looksSuspect(text.slice(from, end))) {
    return { start, end, level: "suspect", kind: null };
  }
  return note ?? { start, end, level: "note", kind: null };
}

/**
 * Finds tokens written plainly in a text. It takes time in proportion to the text's length,
 * whatever the text.
 *
 * @param text The text, already decoded.
 * @param options `notes: true` also returns long look-alikes, with level `note`; default false.
 * @returns The matches in order, none overlapping.
 */
export function searchTokens(text: string, options: { notes?: boolean } = {}): TokenMatch[] {
  const matches: TokenMatch[] = [];
  const runs = new WordRuns(text);
  const next = TOKEN_STARTS.map((family) => text.indexOf(family));
  for (;;) {
    let first = -1;
    for (let i = 0; i < next.length; i++) {
      if (next[i]! >= 0 && (first < 0 || next[i]! < next[first]!)) first = i;
    }
    if (first < 0) return matches;
    const start = next[first]!;
    const match = matchAt(text, runs, start, TOKEN_STARTS[first]!);
    const wanted = match !== null && (match.level !== "note" || options.notes === true);
    if (wanted) matches.push(match);
    const from = wanted ? match.end : start + 1;
    for (let i = 0; i < next.length; i++) {
      if (next[i]! >= 0 && next[i]! < from) next[i] = text.indexOf(TOKEN_STARTS[i]!, from);
    }
  }
}
