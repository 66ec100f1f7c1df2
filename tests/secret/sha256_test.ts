import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { hmacSha256, sha256 } from "../../src/secret/sha256.ts";

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

/** RFC 4231, test cases 1, 2, 3, 4, 6 and 7: key, message, HMAC-SHA-256. */
const HMAC_VECTORS: readonly (readonly [Uint8Array, Uint8Array, string])[] = [
  [
    new Uint8Array(20).fill(0x0b),
    utf8("Hi There"),
    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
  ],
  [
    utf8("Jefe"),
    utf8("what do ya want for nothing?"),
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  ],
  [
    new Uint8Array(20).fill(0xaa),
    new Uint8Array(50).fill(0xdd),
    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
  ],
  [
    Uint8Array.from({ length: 25 }, (_, i) => i + 1),
    new Uint8Array(50).fill(0xcd),
    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
  ],
  [
    new Uint8Array(131).fill(0xaa),
    utf8("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
  ],
  [
    new Uint8Array(131).fill(0xaa),
    utf8(
      "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
  ],
];

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

Deno.test("hmacSha256() gives the values of RFC 4231", () => {
  for (const [key, message, mac] of HMAC_VECTORS) assert.equal(hmacSha256(key)(message), mac);
});

Deno.test("hmacSha256() equals node:crypto's and WebCrypto's for any key and message", async () => {
  for (let length = 0; length < 200; length++) {
    const key = crypto.getRandomValues(new Uint8Array(1 + length % 140));
    const message = crypto.getRandomValues(new Uint8Array(length));
    const mac = hmacSha256(key)(message);
    assert.equal(mac, createHmac("sha256", key).update(message).digest("hex"));
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.subtle.importKey("raw", key, hmac, false, ["sign"]);
    assert.equal(
      mac,
      Buffer.from(await crypto.subtle.sign("HMAC", imported, message)).toString("hex"),
    );
  }
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.uint8Array({ maxLength: 5000 }),
      (key, message) => {
        assert.equal(
          hmacSha256(key)(message),
          createHmac("sha256", key).update(message).digest("hex"),
        );
        assert.equal(sha256(message), createHash("sha256").update(message).digest("hex"));
      },
    ),
  );
});
