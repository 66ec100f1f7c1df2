import assert from "node:assert/strict";
import fc from "fast-check";
import { GitError } from "../../src/errors.ts";
import { ContentFramer, linePackets, PacketReader } from "../../src/git/pkt_line.ts";

/** A reader over bytes that arrive in pieces of at most `step`. */
function readerOf(bytes: Uint8Array, step = Infinity): PacketReader {
  let at = 0;
  return new PacketReader((into) => {
    if (at === bytes.length) return null;
    const piece = bytes.subarray(at, at + Math.min(step, into.length));
    into.set(piece);
    at += piece.length;
    return piece.length;
  });
}

const nothing = new Uint8Array();
const framedContent = (content: Uint8Array) => new ContentFramer().frame(nothing, content, nothing);

Deno.test("PacketReader reads back any content that ContentFramer frames, however it arrives", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 5_000 }),
      fc.integer({ min: 1, max: 700 }),
      (content, step) => {
        const framed = framedContent(content);
        assert.deepEqual(readerOf(framed, step).content(), new Uint8Array(content));
      },
    ),
    { numRuns: 50 },
  );
});

Deno.test("ContentFramer cuts packets at 65,516 bytes and ends with a flush", () => {
  for (const length of [0, 1, 65_515, 65_516, 65_517, 200_000]) {
    const content = new Uint8Array(length).fill(10);
    const framed = framedContent(content);
    assert.equal(framed.length, length + 4 * Math.ceil(length / 65_516) + 4);
    assert.equal(new TextDecoder().decode(framed.subarray(-4)), "0000");
    assert.deepEqual(readerOf(framed).content(), content);
  }
});

Deno.test("PacketReader reads lines and refuses broken streams", () => {
  const lines = linePackets(["command=clean", "pathname=ü.ipynb"]);
  assert.deepEqual(readerOf(lines).lines(), ["command=clean", "pathname=ü.ipynb"]);
  assert.equal(readerOf(new Uint8Array()).lines(), undefined);
  for (const broken of ["000", "zzzz", "0002", "0009ab", "0009abcde"]) {
    const reader = readerOf(new TextEncoder().encode(broken));
    assert.throws(() => reader.lines(), GitError, broken);
    const content = readerOf(new TextEncoder().encode(broken));
    assert.throws(() => content.content(), GitError, broken);
  }
});
