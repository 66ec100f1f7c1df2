/**
 * The status for people: as text and as a table in HTML.
 *
 * @module
 */

import { escapeHtml } from "../kernel/show/html.ts";
import { printable } from "../terminal/table.ts";
import { GROUPS, type SecurityGroup, type SecurityLevel, type SecurityLine } from "./line.ts";

const NAMES: Readonly<Record<SecurityGroup, string>> = {
  token: "Token",
  storage: "Storage",
  use: "Use",
  record: "Record",
  repository: "Repository",
  notebook: "Notebook",
};

const MARKS: Readonly<Record<SecurityLevel, string>> = { good: "ok", warning: "look", bad: "BAD" };

/** The lines in their groups, empty groups left out. */
export function grouped(
  lines: readonly SecurityLine[],
): { readonly name: string; readonly lines: readonly SecurityLine[] }[] {
  return GROUPS.map((group) => ({
    name: NAMES[group],
    lines: lines.filter((line) => line.group === group),
  })).filter(({ lines }) => lines.length > 0);
}

/**
 * The status as text.
 *
 * @param status Its lines.
 * @param style Colours a mark. Default: no colour.
 * @returns One line a row, each with its line end.
 */
export function statusText(
  status: { readonly lines: readonly SecurityLine[] },
  style: (level: SecurityLevel, text: string) => string = (_level, text) => text,
): string {
  let text = "";
  for (const { name, lines } of grouped(status.lines)) {
    text += `${name}\n`;
    const width = Math.max(...lines.map(({ title }) => title.length));
    for (const { level, title, text: said, mend } of lines) {
      const mark = style(level, MARKS[level].padEnd(4));
      const how = mend === undefined ? "" : `  → ${mend}`;
      text += `  ${mark}  ${title.padEnd(width)}  ${printable(said + how)}\n`;
    }
  }
  return text;
}

const COLOURS: Readonly<Record<SecurityLevel, string>> = {
  good: "#1a7f37",
  warning: "#9a6700",
  bad: "#cf222e",
};

/**
 * The status as a table in HTML, readable on light and dark ground, without script.
 *
 * @param status Its lines.
 * @returns The table.
 */
export function statusHtml(status: { readonly lines: readonly SecurityLine[] }): string {
  const rows = grouped(status.lines).map(({ name, lines }) => {
    const head = `<tr><th colspan="3" style="text-align:left">${escapeHtml(name)}</th></tr>`;
    return head + lines.map(({ level, title, text, mend }) => {
      const mark = `<td style="text-align:left"><b style="color:${COLOURS[level]}">${
        MARKS[level]
      }</b></td>`;
      const how = mend === undefined ? "" : ` <code>${escapeHtml(mend)}</code>`;
      return `<tr>${mark}<td style="text-align:left">${escapeHtml(title)}</td>` +
        `<td style="text-align:left">${escapeHtml(text)}${how}</td></tr>`;
    }).join("");
  });
  return `<table>${rows.join("")}</table>`;
}
