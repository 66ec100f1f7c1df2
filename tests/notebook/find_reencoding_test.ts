import assert from "node:assert/strict";
import fc from "fast-check";
import { findTokens } from "../../src/notebook/find.ts";
import { searchTokens } from "../../src/secret/shape.ts";
import { Choices, code, display, hexOf, lines, notebook, stream } from "../kit/planted/notebook.ts";
import { CORE, ENCODED } from "../kit/planted/positive.ts";
import { fakeToken } from "../kit/tokens.ts";

/** Writes JSON in one of the ways in which programs write it. */
function write(value: unknown, choices: Choices): string {
  let text = JSON.stringify(value, null, choices.pick([0, 1, 2, 4, "\t"]));
  if (choices.below(2) === 0) text = text.replace(/[^\0-\x7f]/g, (char) => `\\u${hexOf(char, 4)}`);
  if (choices.below(4) === 0) text = text.replace(/[<>&']/g, (char) => `\\u${hexOf(char, 4)}`);
  if (choices.below(4) === 0) text = text.replaceAll("/", "\\/");
  if (choices.below(4) === 0) {
    text = text.replace(/[fh_]/g, (char) => choices.below(9) === 0 ? `\\u${hexOf(char, 4)}` : char);
  }
  if (choices.below(3) === 0) text = text.replaceAll("\n", "\r\n");
  return (choices.below(4) === 0 ? "\ufeff" : "") + text + choices.pick(["", "\n"]);
}

/** The same value with keys in another order and texts as lists or single strings. */
function rearranged(value: unknown, choices: Choices): unknown {
  if (Array.isArray(value)) return value.map((item) => rearranged(item, choices));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, member]): [string, unknown] => {
    if (key !== "source" && key !== "text") return [key, rearranged(member, choices)];
    const whole = Array.isArray(member) ? member.join("") : member as string;
    return [key, choices.below(2) === 0 ? whole : lines(whole)];
  });
  if (choices.below(2) === 0) entries.reverse();
  return Object.fromEntries(entries);
}

/** Whether a fake token is one to the search: 6 in a million have a body that reads like words. */
const isFound = (token: string) => searchTokens(token).length === 1;

/** What a finding says that does not depend on how the file is written. */
function meaning(bytes: Uint8Array): string[] {
  return findTokens(bytes, { path: "x.ipynb" }).map((finding) => {
    const { cell, field, line, column, level, rule, chain, length, fingerprint, inOutput } =
      finding;
    return JSON.stringify({
      cell,
      field,
      line,
      column,
      level,
      rule,
      chain,
      length,
      fingerprint,
      inOutput,
    });
  }).sort();
}

Deno.test("findings stay the same however the same notebook is written", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const choices = new Choices(seed);
      const [a, b, c] = [fakeToken(seed), fakeToken(seed + 1), fakeToken(seed + 2)];
      const spelled = choices.pick([
        `é "${b}"\n`,
        `\u001b[32m"${b.slice(0, 9)}\u001b[0m${b.slice(9)}"`,
        `<a href='/x'>${b.replace("_", "&#95;")}</a>`,
        btoa(`user:${b}`),
        `'${b.slice(0, 20)}' +\n  '${b.slice(20)}'`,
      ]);
      const value = notebook([
        code(lines(`# ü\n\ntoken = "${a}"\n`), [
          stream(lines(`x/y\n${spelled}\n`)),
          display("text/html", [c]),
        ]),
      ], { [`note_${seed % 7}`]: { deep: [c] } });
      const plain = meaning(encode(JSON.stringify(value)));
      assert.equal(plain.length, [a, b, c, c].filter(isFound).length, `${seed}`);
      assert.deepEqual(
        meaning(encode(write(rearranged(value, choices), choices))),
        plain,
        `${seed}`,
      );
    }),
    // Tokens that read like words.
    { numRuns: 250, examples: [[263170532], [2052023115]] },
  );
});

Deno.test("every class of the generated set survives rewriting", () => {
  for (const [name, make] of Object.entries({ ...CORE, ...ENCODED })) {
    const seed = name.length;
    const bytes = make(fakeToken(seed), new Choices(seed));
    if (bytes[0] !== 0x7b) continue;
    const value = JSON.parse(new TextDecoder().decode(bytes));
    if (value.nbformat !== 4) continue;
    const choices = new Choices(seed + 1);
    const again = new TextEncoder().encode(write(rearranged(value, choices), choices));
    assert.deepEqual(meaning(again), meaning(bytes), name);
  }
});
