import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { jsonSource, skipValue } from "../../src/notebook/json.ts";
import { endInRoom, roomForFile, skipIn } from "../../src/notebook/skip.ts";
import { SKIP_WASM } from "../../src/notebook/skip_wasm.ts";
import { assemble } from "../kit/build_wasm.ts";

/** What `skipValue` says of a value: where it ends, or the whole error. */
function outcome(bytes: Uint8Array, at = 0): unknown {
  try {
    return skipValue(jsonSource(bytes), at);
  } catch (error) {
    const { name, message } = error as Error;
    return `${name}: ${message}`;
  }
}

/** The same bytes in the memory of the WebAssembly module, after what an earlier file left there. */
function inRoom(bytes: Uint8Array): Uint8Array {
  const room = roomForFile(bytes.length + 64);
  room.fill(0x22, 0, bytes.length + 64);
  room.set(bytes);
  const file = room.subarray(0, bytes.length);
  endInRoom(file);
  return file;
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
