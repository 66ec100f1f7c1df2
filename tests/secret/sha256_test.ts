import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { sha256 } from "../../src/secret/sha256.ts";

/** Published values: FIPS 180-4 examples and the empty message (NIST CAVP). */
const VECTORS: readonly (readonly [string, string])[] = [
  ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
];

Deno.test("sha256() gives the published values", () => {
  for (const [text, digest] of VECTORS) assert.equal(sha256(text), digest);
});

Deno.test("sha256() equals the runtime's for any text, at every length around a block", () => {
  const expected = (text: string) => createHash("sha256").update(text).digest("hex");
  for (let length = 0; length < 200; length++) {
    const text = "x".repeat(length);
    assert.equal(sha256(text), expected(text));
  }
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
    assert.equal(sha256(text), expected(text));
  }));
});
