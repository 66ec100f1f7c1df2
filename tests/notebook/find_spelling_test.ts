import assert from "node:assert/strict";
import fc from "fast-check";
import { findTokens } from "../../src/notebook/find.ts";
import { searchFile } from "../../src/notebook/find_file.ts";
import { mayHoldToken } from "../../src/notebook/find_prefilter.ts";
import { rawText } from "../../src/notebook/find_raw.ts";
import { TokenReader } from "../../src/notebook/find_reader.ts";
import { searchSpelled } from "../../src/notebook/find_spelled.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { searchTokens } from "../../src/secret/shape.ts";
import { Choices, code, file, lines, notebook, stream } from "../kit/planted/notebook.ts";
import { isBeyond, randomSpelling } from "../kit/planted/spelling.ts";
import { fakeToken } from "../kit/tokens.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 31 });

/** A spelled token somewhere in a file, and how it was put there. */
function hidden(seed: number) {
  const choices = new Choices(seed);
  const token = fakeToken(seed);
  const { text, steps } = randomSpelling(token, choices);
  const line = `x = ${text} and more\n`;
  const shape = choices.below(4);
  const bytes = shape === 0 ? new TextEncoder().encode(line) : file(
    notebook([
      shape === 1
        ? code(lines(line))
        : shape === 2
        ? code(line)
        : code(["1"], [stream(lines(line).flatMap((one) => one === "" ? [] : [one]))]),
    ]),
    choices.pick([0, 1, 2, "\t"]),
  );
  return { bytes, token, steps, path: shape === 0 ? "a.py" : "a.ipynb" };
}

Deno.test("findTokens() finds a token through any nesting of gaps, escapes and containers", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { bytes, token, steps, path } = hidden(seed);
      const found = findTokens(bytes, { path });
      const isFound = found.some((finding) => finding.fingerprint === fingerprint(token));
      // 6 in 100,000 fake tokens read like words: suspects, which may end sooner, or nothing.
      const isToken = searchTokens(token)[0]?.level === "token";
      assert.ok(isFound || isBeyond(steps) || !isToken, `${seed}: ${steps.join(" > ")}`);
    }),
    { numRuns: 700, examples: [[1221501649]] },
  );
});

Deno.test("mayHoldToken() says no only where the thorough search finds nothing", () => {
  fc.assert(
    fc.property(seeds, seeds, (seed, harm) => {
      const { bytes, path } = hidden(seed);
      // Damage in a few places, so that near misses are tried as often as hits.
      const choices = new Choices(harm);
      for (let i = choices.below(4); i > 0; i--) {
        bytes[choices.below(bytes.length)] = choices.below(256);
      }
      const raw = rawText(bytes);
      const { hits } = searchFile({ bytes, raw }, path, true);
      assert.ok(hits.length === 0 || mayHoldToken(bytes, raw), `${seed}, ${harm}`);
    }),
    {
      numRuns: 700,
      examples: [
        // Colour codes that end in a backslash, of which JSON makes two.
        [1080197791, 516651195],
        [305757723, 101924611],
        // A byte that begins a colour code, or is half a character.
        [1845266027, 1821131047],
        // Two strings of a list with something between them.
        [1740606686, 1420045472],
      ],
    },
  );
});

Deno.test("searchSpelled() tries every place at which the reader could read a token", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const choices = new Choices(seed);
      const text = `${randomSpelling(fakeToken(seed), choices).text} ${
        randomSpelling(fakeToken(seed + 1), choices).text
      }`;
      const swept = searchSpelled(text, [], false).map(({ token }) => token);
      const reader = new TokenReader(text, []);
      for (let at = 0; at < text.length; at++) {
        const match = reader.read(at, false);
        if (match?.level === "token") assert.ok(swept.includes(match.token), `${seed} at ${at}`);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("findTokens() never throws, whatever the bytes, and reports only what is there", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 3000 }),
      fc.constantFrom("a.ipynb", "a.txt"),
      (bytes, path) => {
        assert.deepEqual(findTokens(bytes, { path, notes: true, ranges: true }), []);
      },
    ),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(seeds, seeds, (seed, harm) => {
      const { bytes, path } = hidden(seed);
      const choices = new Choices(harm);
      const cut = bytes.slice(choices.below(bytes.length), choices.below(bytes.length + 1));
      for (let i = choices.below(9); i > 0 && cut.length > 0; i--) {
        cut[choices.below(cut.length)] = choices.below(256);
      }
      findTokens(cut, { path, notes: true, ranges: true });
    }),
    { numRuns: 500 },
  );
});
