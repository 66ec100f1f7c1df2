import assert from "node:assert/strict";
import fc from "fast-check";
import { applyCuts } from "../../src/notebook/cut.ts";
import { findTokens } from "../../src/notebook/find.ts";
import { redactionCuts } from "../../src/notebook/redact.ts";
import { Choices, code, file, lines, notebook, stream } from "../kit/planted/notebook.ts";
import { randomSpelling } from "../kit/planted/spelling.ts";
import { STRUCTURAL } from "../kit/planted/positive.ts";
import { fakeToken } from "../kit/tokens.ts";

const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

Deno.test("the ranges of a finding hold the token and nothing else: without them it is gone, the rest stays", () => {
  let replaced = 0;
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const choices = new Choices(seed);
      const { text, steps } = randomSpelling(fakeToken(seed), choices);
      const marked = lines(`é "before"\nx = ${text} // after\n`);
      const bytes = file(
        notebook([
          choices.below(2) === 0
            ? code(marked)
            : code(["1"], [stream(marked.slice(0, 1)), stream(marked.slice(1))]),
        ]),
        choices.pick([0, 1]),
      );
      const findings = findTokens(bytes, { path: "x.ipynb", ranges: true });
      const cuts = redactionCuts(findings);
      if (findings.some(({ ranges }) => ranges!.length === 0) || cuts.length === 0) return;
      replaced++;
      const redacted = applyCuts(bytes, cuts);
      const note = `${seed}: ${steps.join(" > ")}`;
      assert.deepEqual(findTokens(redacted, { path: "x.ipynb", notes: true }), [], note);
      const value = JSON.parse(decode(redacted));
      assert.equal(value.cells.length, JSON.parse(decode(bytes)).cells.length, note);
      const whole = JSON.stringify(value.cells[1]);
      assert.ok(
        whole.includes('before\\"') && whole.includes("// after") && whole.includes("hf_REDACTED"),
        note,
      );
    }),
    { numRuns: 400 },
  );
  assert.ok(replaced > 100, `only ${replaced} had ranges`);
});

Deno.test("the ranges of a token cut by the structure are its pieces", () => {
  for (
    const name of [
      "cut by two lines of a source",
      "cut by two stream outputs",
      "cut by many elements",
    ]
  ) {
    const token = fakeToken(5);
    const bytes = STRUCTURAL[name]!(token, new Choices(5));
    const [finding, ...more] = findTokens(bytes, { path: "x.ipynb", ranges: true });
    assert.deepEqual(more, []);
    assert.ok(finding!.ranges!.length > 1, name);
    const spelled = finding!.ranges!.map(({ start, end }) => decode(bytes.subarray(start, end)));
    assert.equal(spelled.join(""), token, name);
  }
});

Deno.test("a token in a cell's id, in a key or in an attachment's name is reported and not shown", () => {
  const [a, b, c] = [fakeToken(1), fakeToken(2), fakeToken(3)];
  const bytes = file({
    cells: [{
      attachments: { [`${b}.png`]: { "image/png": "AAAA" } },
      cell_type: "markdown",
      id: a,
      metadata: { [`x${encodeURIComponent("_")}${c.replace("_", "%5F")}`]: `see ${c}` },
      source: ["x"],
    }],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  });
  const findings = findTokens(bytes, { path: "x.ipynb" });
  assert.deepEqual(findings.map(({ field }) => field), [
    'cells[0].attachments["…"]',
    "cells[0].id",
    'cells[0].metadata["…"]',
    'cells[0].metadata["…"]',
  ]);
  assert.ok(findings.every(({ cell }) => cell?.index === 0 && cell.id === undefined));
  const report = JSON.stringify(findings);
  for (const token of [a, b, c]) assert.ok(!report.includes(token.slice(3, 9)));
});
