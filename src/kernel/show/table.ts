/**
 * Tables: scores of classification, entities, detected objects, embeddings, and any list of
 * records.
 *
 * @module
 */

import type { MimeBundle } from "../outputs.ts";
import { escapeHtml } from "./html.ts";

/** More rows than this are counted, not shown. */
const MOST_ROWS = 50;
/** More columns than this are left out. */
const MOST_COLUMNS = 12;

type Row = Record<string, unknown>;

function isRecord(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    [Object.prototype, null].includes(Object.getPrototypeOf(value));
}

function isNumbers(value: unknown): value is readonly number[] {
  return (Array.isArray(value) || ArrayBuffer.isView(value)) &&
    (value as readonly unknown[]).length > 0 &&
    Array.prototype.every.call(value, (item) => typeof item === "number");
}

function cellText(value: unknown): string {
  if (typeof value === "number") {
    return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
  }
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return "";
  return JSON.stringify(value, (_, item) => typeof item === "bigint" ? String(item) : item) ?? "";
}

/** A score as a bar behind its text. */
function scoreCell(score: number): string {
  const percent = (score * 100).toFixed(1);
  const bar = `background:linear-gradient(90deg,rgba(66,133,244,.3) ${percent}%,transparent 0)`;
  return `<td style="text-align:right;${bar}">${percent} %</td>`;
}

function isScore(column: string, value: unknown): value is number {
  return column === "score" && typeof value === "number" && value >= 0 && value <= 1;
}

function tableBundle(rows: readonly Row[], total: number): MimeBundle {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].slice(0, MOST_COLUMNS);
  const more = total > rows.length ? `… and ${total - rows.length} more` : "";
  const head = columns.map((column) => `<th>${escapeHtml(column)}</th>`).join("");
  const body = rows.map((row) => {
    const cells = columns.map((column) => {
      const value = row[column];
      if (isScore(column, value)) return scoreCell(value);
      return `<td style="text-align:left">${escapeHtml(cellText(value))}</td>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  }).join("");
  const text = [columns, ...rows.map((row) => columns.map((column) => cellText(row[column])))];
  const widths = columns.map((_, i) =>
    Math.min(60, Math.max(...text.map((line) => line[i]!.length)))
  );
  return {
    "text/html": `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>${more}`,
    "text/plain": [
      ...text.map((line) => line.map((cell, i) => cell.padEnd(widths[i]!)).join("  ").trimEnd()),
      ...(more === "" ? [] : [more]),
    ].join("\n"),
  };
}

function embeddingRow(vector: readonly number[], index: number): Row {
  const norm = Math.hypot(...vector.length > 10_000 ? vector.slice(0, 10_000) : vector);
  const first = Array.from(vector.slice(0, 4), (value) => value.toFixed(4)).join(", ");
  return {
    "#": index,
    dimensions: vector.length,
    norm: Number(norm.toFixed(4)),
    values: vector.length > 4 ? `${first}, …` : first,
  };
}

/** Labels and scores in two lists, as zero-shot classification gave them for long. */
function zipped(value: Row): Row[] | undefined {
  const { labels, scores } = value;
  if (!Array.isArray(labels) || !isNumbers(scores) || labels.length !== scores.length) {
    return undefined;
  }
  return labels.map((label, i) => ({ label, score: scores[i] }));
}

/**
 * A table, if the value is one: a list of records (classification, entities, objects, …), one
 * embedding or several, or labels with scores.
 *
 * @param value What a client returned.
 * @returns HTML and plain text, or undefined when the value is no table.
 */
export function tableOf(value: unknown): MimeBundle | undefined {
  if (isNumbers(value)) return tableBundle([embeddingRow(value, 0)], 1);
  if (isRecord(value)) {
    const rows = zipped(value);
    return rows === undefined ? undefined : tableBundle(rows.slice(0, MOST_ROWS), rows.length);
  }
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (value.every(isNumbers)) {
    return tableBundle(value.slice(0, MOST_ROWS).map(embeddingRow), value.length);
  }
  return value.every(isRecord) ? tableBundle(value.slice(0, MOST_ROWS), value.length) : undefined;
}
