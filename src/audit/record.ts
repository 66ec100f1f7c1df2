/**
 * One line of the log: how it is written, signed and read.
 *
 * `{"v":1,"time":…,"event":…,"outcome":…, fields …,"pid":…,"seq":42,"prev":"<64 hex>","mac":"<64 hex>"}`
 *
 * `mac` is the HMAC-SHA-256, under the key of the log, of the line's bytes up to `,"mac"`. It
 * covers `prev`, which is the `mac` of the line before: so no line can be changed, added, taken
 * away or moved without the key and stay unnoticed.
 *
 * @module
 */

import type { AuditRecord } from "./event.ts";

/** Where a chain stands: its last record's number and MAC. */
export interface ChainHead {
  /** Number of the last record; 0 before the first. */
  readonly seq: number;
  /** Its MAC, 64 hexadecimal digits; 64 zeros before the first. */
  readonly mac: string;
}

/** What a chain begins with. */
export const GENESIS: ChainHead = { seq: 0, mac: "0".repeat(64) };

/**
 * No line is longer, in bytes with its line end: one page, so that one write puts it down whole.
 */
export const MAX_LINE_BYTES = 4095;

/** `,"mac":"<64 hex>"}` */
const MAC_BYTES = 74;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A record that is not signed yet. */
export interface Draft {
  /** The record, without its MAC. */
  readonly record: Omit<AuditRecord, "mac">;
  /** The bytes to sign. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/**
 * Prepares the next record of a chain.
 *
 * @param fields Event, outcome and fields, checked.
 * @param time When, RFC 3339.
 * @param head The record before.
 * @returns The record and what is to be signed.
 */
export function draftRecord(
  fields: Readonly<Record<string, string | number>>,
  time: string,
  head: ChainHead,
): Draft {
  const record = { v: 1, time, ...fields, pid: Deno.pid, seq: head.seq + 1, prev: head.mac };
  return {
    record: record as unknown as Draft["record"],
    body: encoder.encode(JSON.stringify(record).slice(0, -1)),
  };
}

/**
 * Completes a line.
 *
 * @param body What was signed.
 * @param mac Its MAC.
 * @returns The line with its line end.
 */
export function completeLine(body: Uint8Array, mac: string): Uint8Array<ArrayBuffer> {
  const line = new Uint8Array(body.length + MAC_BYTES + 1);
  line.set(body);
  encoder.encodeInto(`,"mac":"${mac}"}\n`, line.subarray(body.length));
  return line;
}

/** The end of a line, read without parsing the rest. */
export interface LineEnd extends ChainHead {
  /** MAC of the line before, as the line states it. */
  readonly prev: string;
}

const LINE_END = /,"seq":([1-9]\d{0,15}),"prev":"([0-9a-f]{64})","mac":"([0-9a-f]{64})"\}$/;

/**
 * Reads number and MACs of a line from its end.
 *
 * @param line The line's bytes, without its line end.
 * @returns Its end, or null when it is not a record.
 */
export function lineEnd(line: Uint8Array): LineEnd | null {
  const match = LINE_END.exec(decoder.decode(line.subarray(Math.max(0, line.length - 256))));
  return match && { seq: Number(match[1]), prev: match[2]!, mac: match[3]! };
}

/**
 * The number a damaged line states, for telling which record it was.
 *
 * @param line The line's bytes.
 * @returns The number; null when it states none.
 */
export function claimedSeq(line: Uint8Array): number | null {
  const match = /,"seq":([1-9]\d{0,14}),"prev"/.exec(
    decoder.decode(line.subarray(Math.max(0, line.length - 512))),
  );
  return match && Number(match[1]);
}

/**
 * The signed part of a line.
 *
 * @param line The line's bytes, without its line end.
 * @returns A view of them.
 */
export function signedPart(line: Uint8Array): Uint8Array {
  return line.subarray(0, Math.max(0, line.length - MAC_BYTES));
}

/**
 * Parses a line.
 *
 * @param line The line's bytes, without its line end.
 * @returns The record, or null when it is none.
 */
export function parseLine(line: Uint8Array): AuditRecord | null {
  if (lineEnd(line) === null) return null;
  try {
    const value: unknown = JSON.parse(decoder.decode(line));
    if (typeof value !== "object" || value === null) return null;
    const { time, event, outcome } = value as Record<string, unknown>;
    const texts = [time, event, outcome].every((text) => typeof text === "string");
    return texts && !Number.isNaN(Date.parse(time as string)) ? value as AuditRecord : null;
  } catch {
    return null;
  }
}

/**
 * Writes a chain's head so that a person can keep it: `42:9f3c…`.
 *
 * @param head The head.
 * @returns Number, colon, MAC.
 */
export function formatAnchor(head: ChainHead): string {
  return `${head.seq}:${head.mac}`;
}

/**
 * Reads what {@link formatAnchor} wrote.
 *
 * @param text An anchor; white space around it does not matter.
 * @returns The head, or null when it is no anchor.
 */
export function parseAnchor(text: string): ChainHead | null {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim());
  return match && { seq: Number(match[1]), mac: match[2]!.toLowerCase() };
}
