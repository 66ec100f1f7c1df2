import assert from "node:assert/strict";
import { EventCutter } from "../../src/inference/events.ts";

const encoder = new TextEncoder();

Deno.test("EventCutter gives the same events wherever the bytes are cut", () => {
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = [
      ": a comment",
      "",
      "event: message",
      "data: one",
      "data:two – ü",
      "",
      "data: [DONE]",
      "",
      "data: no empty line after this",
    ].join(end);
    const bytes = encoder.encode(text);
    for (let size = 1; size <= bytes.length; size++) {
      const cutter = new EventCutter();
      const events = [];
      for (let at = 0; at < bytes.length; at += size) {
        events.push(...cutter.push(bytes.slice(at, at + size)));
      }
      const rest = cutter.rest();
      if (rest !== undefined) events.push(rest);
      assert.deepEqual(events.map((event) => event.data), [
        "",
        "one\ntwo – ü",
        "[DONE]",
        "no empty line after this",
      ]);
      const joined = new Uint8Array(events.flatMap((event) => [...event.bytes]));
      assert.deepEqual(joined, bytes, "byte for byte");
    }
  }
});
