/**
 * Putting new outputs into a notebook's bytes: only the values of `outputs` and `execution_count`
 * of the executed cells change, written as nbformat would write them, in the file's own indent and
 * line ends.
 *
 * @module
 */

import { applyCuts, type Cut } from "../../notebook/cut.ts";
import type { CellSpan } from "../../notebook/outline.ts";
import type { Output } from "../outputs.ts";

/** What a cell is to hold. */
export interface CellOutcome {
  /** The cell. */
  readonly span: CellSpan;
  /** Its outputs. */
  readonly outputs: readonly Output[];
  /** Its number, or null. */
  readonly executionCount: number | null;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Lines with their ends, as nbformat stores text of several lines. */
function lines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

/** An output as nbformat saves it: text in lines, keys in order. */
function saved(output: Output): unknown {
  if (output.output_type === "stream") return { ...output, text: lines(output.text) };
  if (output.output_type === "error") return output;
  const data = Object.fromEntries(
    Object.entries(output.data).map(([mime, value]) => [
      mime,
      typeof value === "string" && mime !== "application/json" ? lines(value) : value,
    ]),
  );
  return { ...output, data };
}

/** Keys in the order of their characters, as nbformat writes them. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, ordered(v)]),
  );
}

/** How the file is laid out around a cell. */
interface Layout {
  /** What a line of the cell's members starts with; undefined when the file has no lines. */
  readonly prefix: string | undefined;
  /** One step of indent. */
  readonly unit: string;
  readonly newline: string;
}

/**
 * The white space before a position, up to its line's beginning, or undefined when text is there.
 */
function indentBefore(bytes: Uint8Array, position: number): string | undefined {
  let start = position;
  while (start > 0 && (bytes[start - 1] === 32 || bytes[start - 1] === 9)) start--;
  if (start === 0 || bytes[start - 1] !== 10) return undefined;
  return decoder.decode(bytes.subarray(start, position));
}

function layoutOf(bytes: Uint8Array, span: CellSpan): Layout {
  const first = span.members[0];
  const prefix = first === undefined ? undefined : indentBefore(bytes, first.start);
  const outer = indentBefore(bytes, span.start) ?? "";
  const lineEnd = bytes.indexOf(10);
  return {
    prefix,
    unit: prefix !== undefined && prefix.length > outer.length ? prefix.slice(outer.length) : " ",
    newline: lineEnd > 0 && bytes[lineEnd - 1] === 13 ? "\r\n" : "\n",
  };
}

function written(value: unknown, { prefix, unit, newline }: Layout): string {
  if (prefix === undefined) return JSON.stringify(ordered(value));
  return JSON.stringify(ordered(value), null, unit).replaceAll("\n", newline + prefix);
}

function put(bytes: Uint8Array, span: CellSpan, key: string, value: unknown, cuts: Cut[]): void {
  const layout = layoutOf(bytes, span);
  const text = written(value, layout);
  const member = span.members.findLast((each) => each.key === key);
  if (member !== undefined) {
    cuts.push({ start: member.value, end: member.end, put: encoder.encode(text) });
    return;
  }
  // The key is missing, against nbformat: it goes before the first one.
  const { prefix, newline } = layout;
  const before = prefix === undefined ? "" : newline + prefix;
  const at = span.start + 1;
  cuts.push({ start: at, end: at, put: encoder.encode(`${before}"${key}": ${text},`) });
}

/**
 * Puts outputs into a notebook.
 *
 * @param bytes The file.
 * @param outcomes What each executed cell is to hold.
 * @returns The new file; every byte outside those values is as it was.
 */
export function spliceOutputs(
  bytes: Uint8Array,
  outcomes: readonly CellOutcome[],
): Uint8Array<ArrayBuffer> {
  const cuts: Cut[] = [];
  for (const { span, outputs, executionCount } of outcomes) {
    put(bytes, span, "execution_count", executionCount, cuts);
    put(bytes, span, "outputs", outputs.map(saved), cuts);
  }
  return applyCuts(bytes, cuts);
}
