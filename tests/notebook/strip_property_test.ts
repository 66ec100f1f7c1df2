import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { NotebookError } from "../../src/errors.ts";
import { stripNotebook } from "../../src/notebook/strip.ts";
import { notebook, render, strip } from "./model.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

Deno.test("stripNotebook cuts exactly the spans of the model and keeps every other byte", () => {
  fc.assert(
    fc.property(notebook, fc.constantFrom("", "\ufeff"), fc.constantFrom("", "\n", "\r\n\n"), (
      tree,
      mark,
      tail,
    ) => {
      const text = mark + render(tree) + tail;
      const expected = mark + render(strip(tree)) + tail;
      const input = encode(text);
      const result = stripNotebook(input);
      equal(decode(result.bytes), expected);
      equal(result.changed, text !== expected);
      equal(result.removed.bytes, input.length - result.bytes.length);
      if (!result.changed) equal(result.bytes, input);
      equal(decode(input), text); // the input is not written to
    }),
    { numRuns: 400 },
  );
});

Deno.test("stripNotebook is idempotent", () => {
  fc.assert(fc.property(notebook, (tree) => {
    const once = stripNotebook(encode(render(tree))).bytes;
    const twice = stripNotebook(once);
    equal(twice.changed, false);
    equal(twice.bytes, once);
  }));
});

Deno.test("stripNotebook gives JSON that every reader accepts, cells in place", () => {
  fc.assert(fc.property(notebook, (tree) => {
    const before = JSON.parse(render(tree));
    const after = JSON.parse(decode(stripNotebook(encode(render(tree))).bytes));
    deepEqual(after, JSON.parse(render(strip(tree))));
    const cells = (nb: { cells?: unknown[]; worksheets?: { cells?: unknown[] }[] }) =>
      nb.cells ?? nb.worksheets?.flatMap((sheet) => sheet.cells ?? []) ?? [];
    const kept = (cell: unknown) => {
      const { id, source, cell_type } = cell as Record<string, unknown>;
      return { id, source, cell_type };
    };
    deepEqual(cells(after).map(kept), cells(before).map(kept));
  }));
});

Deno.test("stripNotebook gives the same whatever the alignment of the bytes in memory", () => {
  fc.assert(fc.property(notebook, fc.integer({ min: 1, max: 7 }), (tree, shift) => {
    const bytes = encode(render(tree));
    const memory = new Uint8Array(bytes.length + shift + 9).fill(34);
    memory.set(bytes, shift);
    const shifted = memory.subarray(shift, shift + bytes.length);
    deepEqual([...stripNotebook(shifted).bytes], [...stripNotebook(bytes).bytes]);
  }));
});

/** Whether the platform's parser, told of Python's extra numbers, accepts a text. */
function isJson(bytes: Uint8Array): boolean {
  try {
    const text = new TextDecoder().decode(bytes);
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Runs the strip on anything; says what became of it. */
function outcome(bytes: Uint8Array): "read" | "syntax" | "shape" {
  const before = bytes.slice();
  try {
    stripNotebook(bytes);
    return "read";
  } catch (error) {
    ok(error instanceof NotebookError, String(error));
    ok(error.line >= 1 && error.column >= 1);
    return error.code === "notebook-shape" ? "shape" : "syntax";
  } finally {
    deepEqual(bytes, before);
  }
}

Deno.test("stripNotebook agrees with JSON.parse on what is JSON when a notebook is damaged", () => {
  const damage = fc.record({
    at: fc.nat(),
    remove: fc.integer({ min: 0, max: 3 }),
    put: fc.constantFrom(
      "",
      '"',
      "\\",
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\n",
      "\t",
      "\0",
      "1",
      "\\u12",
      "-",
      ".",
    ),
  });
  fc.assert(
    fc.property(notebook, fc.array(damage, { minLength: 1, maxLength: 3 }), (tree, damages) => {
      let text = render(tree);
      for (const { at, remove, put } of damages) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + put + text.slice(place + remove);
      }
      const bytes = encode(text);
      if (text.trim() === "") return;
      equal(outcome(bytes) !== "syntax", isJson(bytes));
    }),
    { numRuns: 1500 },
  );
});

Deno.test("stripNotebook agrees with JSON.parse on any JSON value", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    ok(outcome(encode(text)) !== "syntax");
  }));
});

Deno.test("stripNotebook never crashes on random bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      outcome(bytes);
    }),
    { numRuns: 2000 },
  );
  const jsonBytes = fc.array(fc.constantFrom(...encode('{}[]",:\\u0019-.eE truefalsn\n')), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(jsonBytes, (list) => {
      const bytes = new Uint8Array(list);
      if (decode(bytes).trim() === "") return;
      equal(outcome(bytes) !== "syntax", isJson(bytes));
    }),
    { numRuns: 3000 },
  );
});
