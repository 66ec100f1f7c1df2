/** The notebook reader, on notebooks that somebody damaged. */

import assert from "node:assert/strict";
import { NotebookError } from "../../src/errors.ts";
import { findTokens } from "../../src/notebook/find.ts";
import { scrubNotebook } from "../../src/notebook/scrub.ts";
import { stripNotebook } from "../../src/notebook/strip.ts";
import { Choices, code, lines, notebook, stream } from "../kit/planted/notebook.ts";
import { inRoom } from "../kit/room.ts";
import { damage } from "./mutate.ts";

const WORDS = [
  ...['"', "\\", "{", "}", "[", "]", ",", ":", "\n", "\r\n", "\ufeff", "\u2028", "null", "1e999"],
  ...['"outputs": [', '"outputs": []', '"execution_count": 3', '"cells": [', '"metadata": {'],
  ...['"source": "', "\\u0022", "\\ud800", '"nbformat": 4', '"attachments": {}', "\0", '"id": "x"'],
  ...[
    '{"cell_type": "code", "outputs": [{}], "source": [], "metadata": {}},',
    '"cell_type": "raw"',
  ],
];

interface Parsed {
  cells?: { source?: unknown; id?: unknown; cell_type?: unknown }[];
}

/** As a JSON reader that overlooks wrong UTF-8 in strings, which a strip keeps as it is. */
function parsed(bytes: Uint8Array): Parsed | undefined {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

const kept = (tree: Parsed | undefined) =>
  tree?.cells?.map(({ source, id, cell_type }) => ({ source, id, cell_type }));

/** A notebook with outputs. */
function whole(choices: Choices): Uint8Array {
  const cells = Array.from(
    { length: 1 + choices.below(4) },
    (_, n) =>
      code(lines(`const x = ${n};\nx\n`), choices.below(2) === 0 ? [] : [stream(["one\n", "two"])]),
  );
  const text = JSON.stringify(notebook(cells), null, choices.below(3));
  return new TextEncoder().encode(text);
}

/** What is changed was understood; what comes out is JSON, with the same cells, and finished. */
export function notebookReader(seed: number): void {
  const choices = new Choices(seed);
  const bytes = damage(choices, whole(choices), WORDS, choices.below(6));
  const copy = bytes.slice();
  findTokens(bytes, { path: "x.ipynb" });
  try {
    const { bytes: stripped, changed } = stripNotebook(bytes);
    assert.deepEqual(stripNotebook(inRoom(bytes)).bytes, stripped, "another result in WebAssembly");
    if (changed) {
      assert.notEqual(parsed(bytes), undefined, "changed what no JSON reader accepts");
      assert.notEqual(parsed(stripped), undefined, "made what no JSON reader accepts");
      assert.deepEqual(kept(parsed(stripped)), kept(parsed(bytes)));
      assert.equal(stripNotebook(stripped).changed, false, "is not finished");
    } else assert.deepEqual(stripped, copy);
    scrubNotebook(bytes);
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
  }
  assert.deepEqual(bytes, copy, "wrote into what it was given");
}
