import assert from "node:assert/strict";
import fc from "fast-check";
import { LONGEST_LINE, TypedLine } from "../../src/terminal/line.ts";

const encoder = new TextEncoder();

function typed(keys: string): { end: string | undefined; text: string } {
  const line = new TypedLine();
  const end = line.type(encoder.encode(keys));
  return { end, text: line.text };
}

const KEYS: readonly (readonly [string, string, string | undefined, string])[] = [
  ["letters and Enter", "abc\r", "entered", "abc"],
  ["Enter that sends a line feed", "abc\n", "entered", "abc"],
  ["no Enter yet", "abc", undefined, "abc"],
  ["Enter on an empty line", "\r", "declined", ""],
  ["Ctrl-D on an empty line", "\x04", "declined", ""],
  ["Ctrl-D after text", "ab\x04c\r", "entered", "abc"],
  ["Ctrl-C", "abc\x03", "interrupted", "abc"],
  ["Ctrl-\\", "\x1c", "interrupted", ""],
  ["Backspace", "abx\x7fc\r", "entered", "abc"],
  ["Ctrl-H", "abx\bc\r", "entered", "abc"],
  ["Backspace on an empty line", "\x7f\x7fa\r", "entered", "a"],
  ["Backspace after é", "é\x7fa\r", "entered", "a"],
  ["Backspace after 日", "日\x7fa\r", "entered", "a"],
  ["Backspace after a character beyond the BMP", "\u{1f511}\x7fa\r", "entered", "a"],
  ["Ctrl-U", "wrong\x15right\r", "entered", "right"],
  ["Ctrl-W", "one two \x17three\r", "entered", "one three"],
  ["arrow keys", "a\x1b[Db\x1b[A\x1b[B\x1b[Cc\r", "entered", "abc"],
  ["arrow keys in application mode", "a\x1bODb\r", "entered", "ab"],
  ["Delete and function keys", "a\x1b[3~\x1b[15;2~b\r", "entered", "ab"],
  ["Alt and a key", "a\x1bxb\r", "entered", "ab"],
  ["a terminal's report", "a\x1b]11;rgb:0/0/0\x07b\x1b]11;rgb:0/0/0\x1b\\c\r", "entered", "abc"],
  ["tab and other controls", "a\tb\x01c\x1ad\r", "entered", "abcd"],
  ["bracketed paste", "\x1b[200~abc\x1b[201~\r", "entered", "abc"],
  ["a line end within a paste", "\x1b[200~ab\rcd\r\x1b[201~\r", "entered", "ab\rcd\r"],
  ["Ctrl-C within a paste", "\x1b[200~ab\x03", "interrupted", "ab"],
  ["text after Enter", "abc\rrm -rf\r", "entered", "abc"],
];

for (const [what, keys, end, text] of KEYS) {
  Deno.test(`TypedLine understands ${what}`, () => {
    assert.deepEqual(typed(keys), { end, text });
  });
}

Deno.test("TypedLine gives the same line however the bytes are cut", () => {
  const keys = fc.array(
    fc.constantFrom(
      "a",
      "é",
      "日",
      "\u{1f511}",
      "\x7f",
      "\x1b[D",
      "\x1b[200~x\x1b[201~",
      " ",
      "\x17",
    ),
    { maxLength: 30 },
  );
  fc.assert(fc.property(keys, (all) => {
    const bytes = encoder.encode(all.join("") + "\r");
    const line = new TypedLine();
    let end: string | undefined;
    for (const byte of bytes) end ??= line.type(new Uint8Array([byte]));
    assert.deepEqual({ end, text: line.text }, typed(all.join("") + "\r"));
  }));
});

Deno.test("TypedLine says so when the line is longer than it keeps", () => {
  const line = new TypedLine();
  line.type(encoder.encode("x".repeat(LONGEST_LINE)));
  assert.equal(line.tooLong, false);
  line.type(encoder.encode("x"));
  assert.equal(line.tooLong, true);
  assert.equal(line.text.length, LONGEST_LINE);
});
