/** The token finder, against a slow, plain reading of everything. */

import assert from "node:assert/strict";
import { findTokens } from "../../src/notebook/find.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Choices, code, display, lines, notebook } from "../kit/planted/notebook.ts";
import { reference } from "../kit/planted/reference.ts";
import { isBeyond, randomSpelling } from "../kit/planted/spelling.ts";
import { looksRandom } from "../../src/secret/plausible.ts";
import { fakeTokenWithDigits } from "../kit/tokens.ts";
import { damage } from "./mutate.ts";

const WORDS = [
  "hf_",
  "\\",
  "\\u0068",
  '"',
  "'",
  "\n",
  "%68",
  "&#104;",
  "\x1b[31m",
  "aGZf",
  "\0",
  "=",
];

/** A token, spelled anyhow, is found where the reference reads it; and only that one. */
export function finder(seed: number): void {
  const choices = new Choices(seed);
  const token = fakeTokenWithDigits(seed);
  const { text, steps } = randomSpelling(token, choices);
  const line = `x = ${text} and more\n`;
  const cell = choices.below(2) === 0
    ? code(lines(line))
    : code(["x\n"], [display("text/plain", lines(line))]);
  const bytes = new TextEncoder().encode(JSON.stringify(notebook([cell])));
  const found = new Set(findTokens(bytes, { path: "x.ipynb" }).map((each) => each.fingerprint));
  if (reference(line).has(token) && looksRandom(token.slice(3))) {
    assert.ok(found.has(fingerprint(token)) || isBeyond(steps), `not found: ${steps.join(" > ")}`);
  }
  assert.ok(found.size <= 1, `${found.size} found: ${steps.join(" > ")}`);

  const broken = damage(choices, bytes, WORDS, 4);
  const copy = broken.slice();
  for (const path of ["x.ipynb", "x.py"]) {
    for (const { line, column, length } of findTokens(broken, { path })) {
      assert.ok(line >= 1 && column >= 1 && length > 0);
    }
  }
  assert.deepEqual(broken, copy, "wrote into what it was given");
}

/** A plain token between other characters is found in any text, whatever stands around it. */
export function plainFinder(seed: number): void {
  const choices = new Choices(seed);
  const token = fakeTokenWithDigits(seed);
  if (!looksRandom(token.slice(3))) return; // 7 in 100,000 look made up
  const noise = () => choices.text(choices.below(200), " \n\"'\\{}[]%&;,:#=+/<>AzhHfF_09");
  const text = `${noise()} ${token} ${noise()}`;
  const found = findTokens(new TextEncoder().encode(text), { path: "x.txt" });
  assert.ok(found.some((each) => each.fingerprint === fingerprint(token)), "not found");
}
