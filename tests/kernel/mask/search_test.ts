import assert from "node:assert/strict";
import fc from "fast-check";
import { spellings } from "../../../src/kernel/mask/encodings.ts";
import { Finder, joined, type Span } from "../../../src/kernel/mask/finder.ts";
import { search } from "../../../src/kernel/mask/search.ts";
import { ROOM, sieve } from "../../../src/kernel/mask/sieve.ts";
import { SIEVE_WASM } from "../../../src/kernel/mask/sieve_wasm.ts";
import { assemble } from "../../kit/build_wasm.ts";
import { fakeToken } from "../../kit/tokens.ts";

const TOKEN = fakeToken(64);
const finder = new Finder([...spellings(TOKEN), ...spellings(fakeToken(65))]);

/** Each character with its place, but for those of colour codes. */
function withoutCodes(text: string): { plain: string; places: number[] } {
  const places: number[] = [];
  let plain = "";
  // deno-lint-ignore no-control-regex
  const codes = /\x1b(?:\[[0-9:;<=>?]*[A-Za-z]|\][^\x07\x1b]*(?:\x07|\x1b\\))/y;
  for (let i = 0; i < text.length;) {
    codes.lastIndex = i;
    if (codes.test(text)) i = codes.lastIndex;
    else places.push(i), plain += text[i++];
  }
  return { plain, places };
}

/** Which characters, codes aside, a search finds. */
function hidden(text: string, spans: readonly Span[]): number[] {
  return withoutCodes(text).places.filter((at) =>
    spans.some(({ start, end }) => start <= at && at < end)
  );
}

/** What stands in the text, and in the text without any code. */
function slowSearch(text: string): Span[] {
  const { plain, places } = withoutCodes(text);
  const inPlain = finder.find(plain).map(({ start, end }) => ({
    start: places[start]!,
    end: places[end - 1]! + 1,
  }));
  return [...finder.find(text), ...inPlain];
}

Deno.test("SIEVE_WASM is what sieve.wat says", async () => {
  assert.equal(SIEVE_WASM, await assemble("kernel/mask/sieve"));
  assert.ok(sieve("abc", 0, 3, finder) !== undefined);
  assert.equal(sieve("abé", 0, 3, finder), undefined);
});

Deno.test("search() finds all that a slow search finds, in text of any length, alphabet and colour", () => {
  const code = fc.constantFrom(
    ...["\x1b[31m", "\x1b[0m", "\x1b[m", "\x1b[1m\x1b[38;5;100m", "\x1b[?25l", "\x1b[2K"],
    ...["\x1b]8;;https://a.b/c d\x1b\\", "\x1b]0;title\x07", "\x1b]8;;\x07\x1b[39m"],
    ...["\x1b", "\x1b[", "\x1b[12", "\x1b[12~", "\x1bM", "\x1b]", "\x1b]open"],
  );
  const cut = fc.tuple(fc.nat(37), fc.nat(37)).map(([a, b]) =>
    TOKEN.slice(Math.min(a, b), Math.max(a, b))
  );
  const split = fc.array(fc.tuple(fc.nat(37), code), { maxLength: 4 }).map((codes) =>
    codes.reduce((text, [at, each]) => text.slice(0, at) + each + text.slice(at), TOKEN)
  );
  const filler = fc.constantFrom(
    ...[" ", "a", "loss 0.25 ", "é", "━", "\n", TOKEN.slice(0, 11), TOKEN.slice(3, 30), "[", "m"],
  );
  const long = fc.constantFrom("", "Epoch 12, loss 0.3 ".repeat(150), btoa("x1y2z".repeat(900)));
  const wide = fc.constantFrom("", "", "é", "━");
  fc.assert(
    fc.property(
      fc.array(fc.oneof(code, cut, split, filler), { maxLength: 25 }),
      long,
      long,
      wide,
      (pieces, before, after, last) => {
        const text = before + pieces.join("") + after + last;
        // More may be hidden: the last letter of a code is taken for text where the code itself was
        // not looked at.
        const seen = new Set(hidden(text, search(text, finder)));
        assert.deepEqual(hidden(text, slowSearch(text)).filter((at) => !seen.has(at)), []);
        if (!text.includes("\x1b")) assert.equal(seen.size, hidden(text, slowSearch(text)).length);
      },
    ),
    { numRuns: 3000 },
  );
});

Deno.test("search() finds what lies over the edge of two parts, at every place", () => {
  const coloured = `${TOKEN.slice(0, 5)}\x1b[1m\x1b[32m${TOKEN.slice(5, 20)}\x1b[39m${
    TOKEN.slice(20)
  }`;
  for (const [hidden, fill] of [[TOKEN, "x"], [coloured, "x"], [coloured, "word "]] as const) {
    for (let before = ROOM - 1024 - 60; before <= ROOM - 1024 + 10; before++) {
      const lead = fill.repeat(before).slice(0, before - 1) + " ";
      const text = `\x1b[0m${lead.slice(4)}${hidden} ${fill.repeat(900)}`;
      const found = search(text, finder);
      assert.deepEqual(found, [{ start: before, end: before + hidden.length }], `${before}`);
    }
  }
});

Deno.test("search() finds a secret behind codes of any length, alone or in a row, at every place of a block", () => {
  const fill = ", ".repeat(1100);
  for (let parameters = 0; parameters <= 35; parameters++) {
    const code = `\x1b[${"38;5;208;".repeat(4).slice(0, parameters)}m`;
    for (let place = 0; place < 64; place++) {
      for (const codes of [code, `\x1b[1m${code}`, `${code}\x1b]8;;https://a.b\x07`]) {
        const hidden = TOKEN.slice(0, 6) + codes + TOKEN.slice(6);
        for (const last of ["", "━"]) { // by the sieve, and in JavaScript
          const before = `\x1b[0m${fill.slice(0, 2000 + place)}`;
          const found = search(before + hidden + fill.slice(1) + last, finder);
          const start = before.length;
          assert.deepEqual(
            found,
            [{ start, end: start + hidden.length }],
            `${parameters} ${place}`,
          );
        }
      }
    }
  }
});

Deno.test("search() goes on in JavaScript where a long text is not ASCII, and back again", () => {
  const ascii = "\x1b[33m12\x1b[39m steps ".repeat(5000);
  const wide = "\x1b[33m12\x1b[39m étapes ".repeat(5000);
  const text = [wide, TOKEN, ascii, TOKEN, wide, ascii, TOKEN, ascii, TOKEN].join(" ");
  assert.equal(search(text, finder).length, 4);
  assert.deepEqual(search(text, finder), joined(slowSearch(text)));
});
