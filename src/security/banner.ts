/**
 * The note at the top of a notebook that uses somebody's own token.
 *
 * @module
 */

import { escapeHtml, escapeMarkdown } from "../kernel/show/html.ts";
import type { MimeBundle } from "../kernel/outputs.ts";
import { printable } from "../terminal/table.ts";

/** What a banner says besides what it always says. */
export interface SecurityBannerOptions {
  /**
   * One more line of your own, such as whom to tell of a leak. It is text: nothing in it becomes
   * HTML. Default: none.
   */
  readonly note?: string;
}

const TITLE = "This notebook uses a personal Hugging Face token";

/** Where tokens are made and revoked. */
const SETTINGS = "https://huggingface.co/settings/tokens";

/** What to do, in plain words; backticks around what is typed, and around nothing else. */
const LINES: readonly string[] = [
  "Run it with a token of your own, and lend yours to nobody: what is done with it is done, and " +
  "billed, in its owner's name.",
  "Never paste a token into a cell: a saved cell is a file, and a committed one is history. Set " +
  "`HF_TOKEN`, or wait to be asked: what you type there is not shown.",
  "Before you share or commit this notebook, clear its outputs: `hushbook scrub NOTEBOOK`. " +
  "`hushbook hook install` does it at each commit.",
  `A token that was shown, sent or committed is no secret any more: revoke it at ${SETTINGS} and ` +
  "make a new one.",
];

/** A line in HTML: code for what is typed, and the one address as a link. */
function lineHtml(line: string): string {
  return escapeHtml(line)
    .replace(/`([^`]*)`/g, "<code>$1</code>")
    .replace(SETTINGS, `<a href="${SETTINGS}" rel="noreferrer">${SETTINGS}</a>`);
}

/** The note; a notebook cell shows it as a box. */
export class SecurityBanner {
  readonly #note: string | undefined;

  /**
   * Takes the line that is yours.
   *
   * @param options One more line.
   */
  constructor(options: SecurityBannerOptions = {}) {
    // On one line, so that in no form it can pass for a line of the banner.
    const note = printable((options.note ?? "").replace(/\s+/g, " ").trim());
    this.#note = note === "" ? undefined : note;
  }

  /**
   * The note as plain text.
   *
   * @returns The title and a line for each point.
   */
  toString(): string {
    const lines = LINES.map((line) => `- ${line.replaceAll("`", "")}\n`);
    return `${TITLE}\n${lines.join("")}${this.#note === undefined ? "" : `- ${this.#note}\n`}`;
  }

  /**
   * What a notebook cell shows: a box without script, readable on light and dark ground, which
   * screen readers announce as a note by its title. The meaning is in the words, never in the
   * colour alone.
   *
   * @returns The same in HTML, in Markdown and as plain text.
   */
  [Symbol.for("Jupyter.display")](): MimeBundle {
    const items = LINES.map((line) => `<li>${lineHtml(line)}</li>`);
    const points = LINES.map((line) => `> - ${line}\n`);
    if (this.#note !== undefined) {
      items.push(`<li>${escapeHtml(this.#note)}</li>`);
      points.push(`> - ${escapeMarkdown(this.#note)}\n`);
    }
    return {
      "text/html": `<div role="note" aria-label="${TITLE}" style="border:1px solid;` +
        `border-left:6px solid #9a6700;padding:.5em 1em"><p><strong>${TITLE}</strong></p>` +
        `<ul>${items.join("")}</ul></div>`,
      "text/markdown": `> **${TITLE}**\n>\n${points.join("")}`,
      "text/plain": this.toString(),
    };
  }
}

/**
 * The banner for a notebook that others will see or run: it says that a personal token is in use,
 * where a token must not go, how to clear what the cells have shown, and where to revoke. It is
 * text alone: it looks at nothing, holds no token, and is cleared from the file with the other
 * outputs.
 *
 * @param options One more line of your own.
 * @returns The banner; `show()` or the last line of a cell displays it.
 *
 * @example The first cell of a notebook
 * ```ts
 * import { securityBanner, show } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const banner = securityBanner({ note: "Saw a token? Tell security@example.org." });
 * await show(banner);
 * assert.match(String(banner), /hushbook scrub NOTEBOOK/);
 * ```
 */
export function securityBanner(options: SecurityBannerOptions = {}): SecurityBanner {
  return new SecurityBanner(options);
}
