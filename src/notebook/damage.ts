/**
 * What is wrong with a notebook that cannot be read: the kind of damage, where it is, what to do.
 *
 * @module
 */

import { NotebookError, type NotebookErrorCode } from "../errors.ts";

const LINE_FEED = 10;
const MARKERS = ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].map((text) =>
  new TextEncoder().encode(text)
);

/**
 * Finds the line and column of a byte.
 *
 * @param bytes The file.
 * @param offset Position in it, in bytes from 0.
 * @returns Line and column (in characters, UTF-8), both counted from 1.
 */
export function lineAndColumn(
  bytes: Uint8Array,
  offset: number,
): { line: number; column: number } {
  let line = 1;
  let start = 0;
  for (;;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    if (feed < 0 || feed >= offset) break;
    line++;
    start = feed + 1;
  }
  // A byte order mark belongs to no character; TextDecoder drops it.
  const before = new TextDecoder().decode(bytes.subarray(start, offset));
  return { line, column: [...before].length + 1 };
}

/** Start of a merge conflict marker on the line of `offset`, or -1. */
function conflictMarker(bytes: Uint8Array, offset: number): number {
  const lineStart = offset === 0 ? 0 : bytes.lastIndexOf(LINE_FEED, offset - 1) + 1;
  const marked = MARKERS.some((marker) => marker.every((byte, i) => bytes[lineStart + i] === byte));
  return marked ? lineStart : -1;
}

function notebookError(
  bytes: Uint8Array,
  offset: number,
  code: NotebookErrorCode,
  why: string,
): NotebookError {
  const { line, column } = lineAndColumn(bytes, offset);
  return new NotebookError(code, `Cannot read the notebook: ${why}`, line, column);
}

/**
 * The error for JSON that breaks the grammar: tells a merge conflict, a file cut short and text
 * after the end from any other damage.
 *
 * @param bytes The file.
 * @param offset The first byte that could not be understood; the file's length when it ends early.
 * @param expected What was expected there, in a few words, for example `"a comma or ]"`.
 * @param afterEnd Whether the notebook's JSON was complete before `offset`.
 * @returns The error to throw; it quotes nothing of the file.
 */
export function syntaxDamage(
  bytes: Uint8Array,
  offset: number,
  expected: string,
  afterEnd = false,
): NotebookError {
  const marker = conflictMarker(bytes, offset);
  if (marker >= 0) {
    return notebookError(
      bytes,
      marker,
      "notebook-conflict",
      "a merge conflict marker stands here; resolve the conflict, or take one side whole with " +
        "git checkout --ours or --theirs",
    );
  }
  if (bytes[0] === 0xff && bytes[1] === 0xfe || bytes[0] === 0xfe && bytes[1] === 0xff) {
    return notebookError(
      bytes,
      0,
      "notebook-syntax",
      "it is UTF-16 text; save it as UTF-8, as Jupyter does",
    );
  }
  if (afterEnd) {
    return notebookError(
      bytes,
      offset,
      "notebook-trailing",
      "more text follows the end of its JSON; delete what follows, or restore an earlier copy",
    );
  }
  if (offset >= bytes.length) {
    return notebookError(
      bytes,
      bytes.length,
      "notebook-truncated",
      `the file ends where ${expected} is expected; it was cut short, so restore an earlier copy ` +
        "(.ipynb_checkpoints may hold one)",
    );
  }
  return notebookError(
    bytes,
    offset,
    "notebook-syntax",
    `it is not valid JSON: ${expected} is expected here; repair it in a text editor, or restore an ` +
      "earlier copy",
  );
}

/**
 * The error for valid JSON that is no notebook.
 *
 * @param bytes The file.
 * @param offset Where the value of the wrong kind stands.
 * @param why What is wrong, and what to do.
 * @returns The error to throw; it quotes nothing of the file.
 */
export function shapeDamage(bytes: Uint8Array, offset: number, why: string): NotebookError {
  return notebookError(bytes, offset, "notebook-shape", why);
}

/**
 * The longest string the engine can hold, in UTF-16 units (V8 on 64-bit machines), and so the
 * largest notebook, in bytes, whose tokens can be searched.
 */
export const MAX_NOTEBOOK_BYTES = 2 ** 29 - 24;

/**
 * The error for a notebook that is too large to be searched.
 *
 * @param size Its size in bytes.
 * @returns The error to throw.
 */
export function tooLarge(size: number): NotebookError {
  const megabytes = Math.ceil(size / 1_000_000);
  return new NotebookError(
    "notebook-too-large",
    `Cannot read the notebook: it has ${megabytes} MB, more than the ${
      Math.floor(MAX_NOTEBOOK_BYTES / 1_000_000)
    } MB that can be searched; clear its outputs in Jupyter, or keep such data in a file of its own`,
    1,
    1,
  );
}
