/**
 * What a search reports: where a token is and how to recognise it again, never the token itself.
 *
 * @module
 */

import type { TokenKind, TokenLevel } from "../secret/shape.ts";

/** A step between the file's text and the token: what had to be undone to read it. */
export type SpellingStep =
  | "escape"
  | "percent"
  | "entity"
  | "tag"
  | "ansi"
  | "zero-width"
  | "concatenation"
  | "wrap"
  | "base64"
  | "hex"
  | "decimal"
  | "reversed"
  | "spaced"
  | "compatibility"
  | "utf-16";

/** Bytes `start` up to, not including, `end` of a file. */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte. */
  readonly end: number;
}

/**
 * One token seen in one place. It holds no part of the token, and no text of the file but the names
 * of ordinary JSON keys.
 */
export interface Finding {
  /** The file's path as given to the search, any token in it masked; empty when none was given. */
  readonly path: string;
  /** The cell it is in: its index, counted from 0, and its id where it has one. */
  readonly cell?: { readonly index: number; readonly id?: string };
  /** Where in the notebook, such as `cells[3].outputs[0].data["text/html"]`; `text` in other files. */
  readonly field: string;
  /** Line within the field (for a source: within the cell), counted from 1. */
  readonly line: number;
  /** Column in that line in characters, counted from 1. */
  readonly column: number;
  /** Line within the file, counted from 1. */
  readonly fileLine: number;
  /** Column in the file's line in characters, counted from 1. */
  readonly fileColumn: number;
  /** How sure it is; `note` only when look-alikes were asked for. */
  readonly level: TokenLevel;
  /** The rule that matched, such as `huggingface-user-access` or `huggingface-suspect`. */
  readonly rule: string;
  /** The kind of credential; null for a suspect. */
  readonly kind: TokenKind | null;
  /** What had to be undone to read the token, outermost first; empty when it stands there plainly. */
  readonly chain: readonly SpellingStep[];
  /** The token's length in characters. */
  readonly length: number;
  /** First 12 hex digits of the token's SHA-256. */
  readonly fingerprint: string;
  /** Whether it is in an output or in saved widget state, which scrubbing clears. */
  readonly inOutput: boolean;
  /**
   * The bytes that spell the token, in order; only when asked for. Empty when the token has no
   * spelling of its own to replace, as in base64.
   */
  readonly ranges?: readonly ByteRange[];
}

/**
 * The name of the rule for a kind and a level.
 *
 * @param kind The kind of credential, or null.
 * @param level The level.
 * @returns The rule's name.
 */
export function ruleName(kind: TokenKind | null, level: TokenLevel): string {
  if (level === "note") return "huggingface-look-alike";
  return `huggingface-${kind ?? "suspect"}`;
}
