import assert from "node:assert/strict";
import fc from "fast-check";
import { findTokens } from "../../src/notebook/find.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Choices, code, file, lines, notebook } from "../kit/planted/notebook.ts";
import { reference } from "../kit/planted/reference.ts";
import { isBeyond, randomSpelling } from "../kit/planted/spelling.ts";
import { fakeToken } from "../kit/tokens.ts";

Deno.test("findTokens() finds whatever a plain decoder of everything finds, and nothing else", () => {
  let agreed = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const token = fakeToken(seed);
      const { text, steps } = randomSpelling(token, new Choices(seed));
      const line = `x = ${text} and more\n`;
      const expected = [...reference(line)].filter((one) => one === token);
      const bytes = file(notebook([code(lines(line))]));
      const found = new Set(
        findTokens(bytes, { path: "x.ipynb" }).map((finding) => finding.fingerprint),
      );
      for (const one of expected) {
        assert.ok(found.has(fingerprint(one)) || isBeyond(steps), `${seed}: ${steps.join(" > ")}`);
      }
      // A spelling holds one token, whichever way it is read.
      assert.ok(found.size <= 1, `${seed}: ${found.size} found, ${steps.join(" > ")}`);
      agreed += expected.length;
    }),
    { numRuns: 150 },
  );
  assert.ok(agreed > 75, `the reference read only ${agreed} of 150`);
});
