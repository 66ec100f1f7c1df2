import assert from "node:assert/strict";
import fc from "fast-check";
import { spellings } from "../../../src/kernel/mask/encodings.ts";
import { Finder } from "../../../src/kernel/mask/finder.ts";
import { MASKED, maskText, registerSecret } from "../../../src/kernel/mask/secrets.ts";
import { maskValue } from "../../../src/kernel/mask/value.ts";
import { fakeToken, randomText } from "../../kit/tokens.ts";
import { leaks } from "../../kit/leaks.ts";

const TOKEN = fakeToken(61);
registerSecret(TOKEN);

/** The longest common piece of 12 characters or more at either end of the needle, found slowly. */
function slowlyFound(text: string, needle: string): boolean {
  for (let i = 0; i + 12 <= text.length; i++) {
    const piece = text.slice(i, i + 12);
    if (needle.startsWith(piece) || needle.endsWith(piece)) return true;
  }
  return needle.length < 12 && text.includes(needle);
}

Deno.test("maskText() replaces a token wherever it stands, and returns other text as it is", () => {
  for (
    const [text, masked] of [
      [TOKEN, MASKED],
      [`a ${TOKEN} b ${TOKEN}`, `a ${MASKED} b ${MASKED}`],
      [`${TOKEN}${TOKEN}`, MASKED],
      [`x${TOKEN.slice(0, 12)}`, `x${MASKED}`],
      [`x${TOKEN.slice(0, 11)}`, `x${TOKEN.slice(0, 11)}`],
      [`${TOKEN.slice(-12)}x`, `${MASKED}x`],
      [TOKEN.slice(5, 30), TOKEN.slice(5, 30)],
      [`\x1b[32m${TOKEN}\x1b[39m`, `\x1b[32m${MASKED}\x1b[39m`],
      [`${TOKEN.slice(0, 3)}\x1b[1m\x1b[32m${TOKEN.slice(3)}!`, `${MASKED}\x1b[1m\x1b[32m!`],
      ["", ""],
      ["hf_", "hf_"],
    ]
  ) assert.equal(maskText(text!), masked);
});

Deno.test("Finder finds exactly what a slow search finds, at every place and length", () => {
  const needle = randomText(37, 7);
  const finder = new Finder([needle]);
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60 }),
      fc.nat(37),
      fc.nat(37),
      fc.string({ maxLength: 60 }),
      (before, from, to, after) => {
        const text = before + needle.slice(Math.min(from, to), Math.max(from, to)) + after;
        assert.equal(finder.find(text).length > 0, slowlyFound(text, needle));
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("maskText() leaves nothing of any secret, however it is encoded and surrounded", () => {
  const secret = fc.string({ unit: "binary", minLength: 12, maxLength: 60 })
    .filter((text) => text.isWellFormed() && new Set(text).size > 6);
  const around = fc.string({ unit: fc.constantFrom(..."ab \n{}\"'é"), maxLength: 20 });
  fc.assert(
    fc.property(secret, around, around, (value, before, after) => {
      const finder = new Finder(spellings(value).filter((text) => text.length >= 8));
      const plain = before + value + after;
      for (
        const text of [
          plain,
          JSON.stringify(plain),
          encodeURIComponent(plain),
          new TextEncoder().encode(plain).toBase64(),
        ]
      ) {
        const [span] = finder.find(text);
        assert.ok(span !== undefined, "found");
        // All of it: what is left is too short to be looked for.
        let rest = text;
        for (const { start, end } of finder.find(text).toReversed()) {
          rest = rest.slice(0, start) + "\u0000" + rest.slice(end);
        }
        assert.ok(!leaks(rest, value), "whole");
      }
    }),
    { numRuns: 400 },
  );
});

Deno.test("spellings() gives base64 at each alignment, without characters of the neighbours", () => {
  for (const before of ["", "a", "ab", "abc"]) {
    for (const after of ["", "y", "yz"]) {
      const encoded = btoa(before + TOKEN + after);
      assert.ok(spellings(TOKEN).slice(1).some((text) => encoded.includes(text)), before + after);
    }
  }
});

Deno.test("registerSecret() ignores what would be found in ordinary text", () => {
  assert.equal(registerSecret("secret"), false);
  assert.equal(maskText("secret"), "secret");
});

Deno.test("maskValue() copies what the kernel sends, reading each property once", () => {
  let reads = 0;
  const bytes = new Uint8Array([1, 2]);
  const value = {
    a: [TOKEN, 1, null, undefined, true, 10n],
    [TOKEN]: new Map([[TOKEN, { deep: TOKEN }]]),
    bytes,
    get once() {
      reads++;
      return TOKEN;
    },
    [Symbol("not sent")]: TOKEN,
  };
  assert.deepEqual(maskValue(value), {
    __proto__: null,
    a: [MASKED, 1, null, undefined, true, 10n],
    [MASKED]: new Map([[MASKED, { __proto__: null, deep: MASKED }]]),
    bytes,
    once: MASKED,
  });
  assert.equal(reads, 1);
  assert.equal((maskValue(value) as typeof value).bytes, bytes);
});

Deno.test("maskValue() survives a value that contains itself", () => {
  const value: Record<string, unknown> = { token: TOKEN };
  value.self = value;
  const copy = maskValue(value) as Record<string, unknown>;
  assert.equal(copy.token, MASKED);
});
