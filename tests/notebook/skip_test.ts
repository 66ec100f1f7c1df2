import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { jsonSource, skipValue } from "../../src/notebook/json_skip.ts";
import { endInRoom, roomForFile, skipIn } from "../../src/notebook/skip.ts";
import { SKIP_WASM } from "../../src/notebook/skip_wasm.ts";
import { stripNotebook, type StripOptions } from "../../src/notebook/strip.ts";
import { assemble } from "../kit/build_wasm.ts";
import { inRoom } from "../kit/room.ts";

/** What `skipValue` says of a value: where it ends, or the whole error. */
function outcome(bytes: Uint8Array, at = 0): unknown {
  try {
    return skipValue(jsonSource(bytes), at);
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

function same(text: string | Uint8Array): void {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const expected = outcome(bytes);
  const file = inRoom(bytes);
  ok(skipIn(file) !== undefined);
  equal(outcome(file), expected);
  deepEqual(file, bytes);
}

Deno.test("SKIP_WASM is what skip.wat says", async () => {
  equal(SKIP_WASM, await assemble("notebook/skip"));
});

Deno.test("skipValue says the same in WebAssembly when the JSON is any", () => {
  const spaces = fc.constantFrom(undefined, 0, 1, 4, "\t", "          ");
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), spaces, (value, indent) => {
      same(JSON.stringify(value, null, indent));
    }),
    { numRuns: 500 },
  );
});

Deno.test("skipValue says the same in WebAssembly when the JSON is damaged", () => {
  const piece = fc.constantFrom(
    ...['"', "\\", "{", "}", "[", "]", ",", ":", " ", "\n", "\r", "\t", "\0", "\x1f", "\x7f", "é"],
    ...[
      "true",
      "fals",
      "null",
      "nul",
      "NaN",
      "-Infinity",
      "-",
      "0",
      "01",
      "1.",
      ".5",
      "1e",
      "1E+2",
    ],
    ...['\\"', "\\u12aF", "\\u12g4", "\\x", "\\/", '"text"', '"key":', '\\"".', "\u00a0", "\u2028"],
    ...['"a string of more than sixteen bytes"', "                    ", "-12.5e-3", '{"a":[1,'],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), (pieces) => same(pieces.join(""))),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 4 }),
      fc.nat(),
      fc.nat(255),
      fc.boolean(),
      (value, at, byte, cut) => {
        const bytes = new TextEncoder().encode(JSON.stringify([value, "tail"], null, 1));
        const where = at % bytes.length;
        if (cut) return same(bytes.slice(0, where));
        bytes[where] = byte;
        same(bytes);
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("skipValue says the same in WebAssembly for each byte in each place of a string", () => {
  for (let length = 0; length < 36; length++) {
    for (let byte = 0; byte < 256; byte++) {
      const bytes = new Uint8Array(length + 3).fill(97);
      bytes[0] = bytes[length + 2] = 34;
      bytes[length + 1] = byte;
      same(bytes);
    }
  }
});

Deno.test("skipValue says the same in WebAssembly when nesting is deeper than its memory", () => {
  for (const depth of [65_535, 65_536, 65_537, 200_000]) {
    same("[".repeat(depth) + "]".repeat(depth));
    same('{"a":'.repeat(depth) + "1" + "}".repeat(depth - 1));
  }
});

Deno.test("skipIn leaves a file alone when it is elsewhere or its end is not marked", () => {
  const bytes = new TextEncoder().encode('["a"]');
  equal(skipIn(bytes), undefined);
  const room = roomForFile(100);
  room.set(bytes);
  room[5] = 34;
  equal(skipIn(room.subarray(0, 5)), undefined);
  equal(room[5], 34);
  room[6] = 0;
  equal(skipIn(room.subarray(1, 6)), undefined);
  endInRoom(bytes);
  notEqual(skipIn(inRoom(bytes)), undefined);
});

Deno.test("roomForFile gives as much as is asked for, again and again", () => {
  for (const size of [1, 65_536, 1 << 20, 5 << 20, 1_000]) {
    const room = roomForFile(size);
    ok(room.length >= size);
    same(`["${"x".repeat(size)}"]`);
  }
});

/** What stripping says of a notebook: its result, or the whole error. */
function stripped(bytes: Uint8Array, options: StripOptions): unknown {
  try {
    const { bytes: result, ...rest } = stripNotebook(bytes, options);
    return { ...rest, text: new TextDecoder().decode(result) };
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

const PLANS: readonly StripOptions[] = [
  {},
  { keepOutput: true },
  { keepCount: true },
  { extraKeys: ["cell.attachments", "cell.metadata.colab", "cell.metadata.a.b"] },
  { keepMetadataKeys: ["cell.metadata.scrolled"] },
  { dropEmptyCells: true },
  { dropTaggedCells: ["x"] },
];

Deno.test("stripNotebook() does the same where WebAssembly skips cells, whatever is in them", () => {
  const member = fc.constantFrom(
    ...['"outputs": []', '"outputs": [ ]', '"outputs": [{}]', '"outputs": null', '"outputs": 3'],
    ...['"execution_count": null', '"execution_count": 7', '"prompt_number": null'],
    ...['"prompt_number": 12', '"execution_count": nul', '"execution_counts": 3'],
    ...['"metadata": {}', '"metadata": {"id": "a"}', '"metadata": {"scrolled": true}'],
    ...['"metadata": {"hidden": 1, "colab": 2}', '"metadata": {"tags": ["x"]}', '"metadata": 1'],
    ...[
      '"metadata": {"collapse\\u0064": false}',
      '"metadata": {"a": {"b": 1}}',
      '"metadata": {"": 1}',
    ],
    ...['"source": []', '"source": ["a\\n", "b"]', '"source": ""', '"attachments": {}', '"": 0'],
    ...['"output\\u0073": [{}]', '"id": "x"', '"cell_type": "code"', '"metadata.scrolled": 1'],
    ...['"x": NaN', '"x": [1, {"outputs": [2]}]', '"x": tru', '"metadata": {"a": NaN}'],
  );
  const space = fc.constantFrom("", " ", "\n   ");
  const cell = fc.tuple(fc.array(member, { maxLength: 5 }), space)
    .map(([members, space]) => `{${space}${members.join(`,${space}`)}${space}}`);
  const element = fc.oneof({ weight: 20, arbitrary: cell }, fc.constantFrom("[]", "3", "", "{"));
  fc.assert(
    fc.property(
      fc.array(element, { maxLength: 8 }),
      space,
      fc.constantFrom(...PLANS),
      fc.constantFrom("]", "]", "]", "", ",]", "]]"),
      (cells, space, options, close) => {
        const bytes = new TextEncoder().encode(
          `{"cells": [${space}${cells.join(`${space},${space}`)}${space}${close}, "nbformat": 4}`,
        );
        const expected = stripped(bytes, options);
        deepEqual(stripped(inRoom(bytes), options), expected);
      },
    ),
    { numRuns: 4_000 },
  );
});
