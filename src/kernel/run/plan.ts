/**
 * Which cells of a notebook are to be executed, and with what.
 *
 * @module
 */

import { UsageError } from "../../errors.ts";
import { cellTags } from "../../notebook/marks.ts";
import {
  type CellSpan,
  type NotebookOutline,
  type ObjectSpan,
  readOutline,
} from "../../notebook/outline.ts";

/** A cell to execute, or to pass over. */
export interface PlannedCell {
  /** Its index among all cells, counted from 0. */
  readonly index: number;
  /** Its id, from nbformat 4.5 on. */
  readonly id?: string;
  /** Where it lies in the file. */
  readonly span: CellSpan;
  /** Its source; null when it is not executed: no code cell, empty, or tagged `skip-execution`. */
  readonly source: string | null;
  /** Whether it is tagged `raises-exception`: an error in it is no failure. */
  readonly raisesException: boolean;
}

/** A notebook made ready to be executed. */
export interface NotebookPlan {
  /** Where everything lies. */
  readonly outline: NotebookOutline;
  /** All cells in order. */
  readonly cells: readonly PlannedCell[];
}

/** The languages of notebooks that the Deno kernel executes. */
const LANGUAGES = new Set(["typescript", "javascript", "deno"]);

const decoder = new TextDecoder();

/** The value of a member, the last of that name, or undefined. */
function valueOf(outline: NotebookOutline, span: ObjectSpan | undefined, key: string): unknown {
  const member = span?.members.findLast((each) => each.key === key);
  if (member === undefined) return undefined;
  try {
    return JSON.parse(decoder.decode(outline.source.bytes.subarray(member.value, member.end)));
  } catch {
    return undefined; // JSON with NaN in it, as Python writes it: nothing that is looked for here
  }
}

function textOf(source: unknown): string {
  return Array.isArray(source) ? source.join("") : typeof source === "string" ? source : "";
}

function refuseOtherLanguage(outline: NotebookOutline): void {
  const metadata = outline.metadata.at(-1);
  const spec = valueOf(outline, metadata, "kernelspec") as Record<string, unknown> | undefined;
  const info = valueOf(outline, metadata, "language_info") as Record<string, unknown> | undefined;
  const language = spec?.language ?? info?.name ?? spec?.name;
  if (typeof language !== "string" || LANGUAGES.has(language.toLowerCase())) return;
  throw new UsageError(
    "Cannot run this notebook: its kernel is not for TypeScript or JavaScript. Run it with its own " +
      "kernel, or choose the Deno kernel in it and save it",
  );
}

/**
 * Reads a notebook and decides, as nbclient does, which cells are executed.
 *
 * @param bytes The file.
 * @returns Its cells.
 * @throws {NotebookError} When it is no notebook.
 * @throws {UsageError} When it is for another kernel, or in nbformat 3.
 */
export function planNotebook(bytes: Uint8Array): NotebookPlan {
  const outline = readOutline(bytes);
  refuseOtherLanguage(outline);
  const spans = outline.lists.flatMap((list) => list.cells);
  const cells = spans.map((span, index): PlannedCell => {
    const isCode = valueOf(outline, span, "cell_type") === "code";
    if (isCode && span.members.some(({ key }) => key === "input")) {
      throw new UsageError(
        "Cannot run this notebook: it is in nbformat 3. Open it in Jupyter and save it again",
      );
    }
    const tags = cellTags(outline.source, span.metadata);
    const source = textOf(valueOf(outline, span, "source"));
    const id = valueOf(outline, span, "id");
    const runs = isCode && source.trim() !== "" && !tags.includes("skip-execution");
    return {
      index,
      ...(typeof id === "string" && { id }),
      span,
      source: runs ? source : null,
      raisesException: tags.includes("raises-exception"),
    };
  });
  return { outline, cells };
}
