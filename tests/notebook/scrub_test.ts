import { deepEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { NotebookError } from "../../src/errors.ts";
import { scrubNotebook } from "../../src/notebook/scrub.ts";
import { fakeToken } from "../kit/tokens.ts";
import { notebook as notebooks, render, strip } from "./model.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A notebook with one code cell, as JSON. */
function code(
  source: string[],
  outputs: unknown[] = [],
  more: Record<string, unknown> = {},
): string {
  const cell = {
    cell_type: "code",
    execution_count: 1,
    id: "c1",
    metadata: {},
    outputs,
    source,
    ...more,
  };
  return JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }, null, 1) +
    "\n";
}

const stream = (text: string) => ({ output_type: "stream", name: "stdout", text: [text] });
const outcomes = (text: string, options = {}) =>
  scrubNotebook(encode(text), options).findings.map((
    { outcome, fingerprint },
  ) => [outcome, fingerprint]);

Deno.test("scrubNotebook says which tokens are cleared and which remain", () => {
  const [one, two] = [fakeToken(1), fakeToken(2)];
  const both = code([`t = "${one}"\n`, "print(t)"], [stream(`${one}\n`), stream(`${two}\n`)]);
  const { findings } = scrubNotebook(encode(both), { path: "a.ipynb" });
  equal(findings.length, 3);
  deepEqual(findings.map(({ outcome, inOutput }) => [outcome, inOutput]), [
    ["cleared", true],
    ["cleared", true],
    ["remains", false],
  ]);
  ok(
    findings.every(({ path, cell }) => path === "a.ipynb" && cell?.index === 0 && cell.id === "c1"),
  );
  equal(outcomes(both, { keepOutput: true }).every(([outcome]) => outcome === "remains"), true);
  const kept = code(["x"], [stream(one)], { metadata: { tags: ["keep_output"] } });
  equal(outcomes(kept)[0]![0], "remains");
});

Deno.test("scrubNotebook sees a token in metadata that is removed as cleared, in other metadata as remaining", () => {
  const token = fakeToken(3);
  equal(outcomes(code(["x"], [], { metadata: { execution: { x: token } } }))[0]![0], "cleared");
  equal(outcomes(code(["x"], [], { metadata: { name: token } }))[0]![0], "remains");
});

Deno.test("scrubNotebook redacts what remains and keeps every other byte", () => {
  const token = fakeToken(4);
  const text = code([`login("${token}")\n`, `# ${token}`], [stream(token)], {
    metadata: { note: `x ${token} y`, big: 1 },
  }).replace('"big": 1', '"big": 1.0e2');
  const { bytes, findings, changed } = scrubNotebook(encode(text), { redact: true });
  equal(
    decode(bytes),
    code(['login("hf_REDACTED")\n', "# hf_REDACTED"], [], {
      metadata: { note: "x hf_REDACTED y", big: 1 },
      execution_count: null,
    }).replace('"big": 1', '"big": 1.0e2'),
  );
  ok(changed);
  deepEqual(findings.map(({ outcome }) => outcome).toSorted(), [
    "cleared",
    "redacted",
    "redacted",
    "redacted",
  ]);
  equal(scrubNotebook(bytes).findings.length, 0);
  equal(scrubNotebook(bytes).changed, false);
});

Deno.test("scrubNotebook redacts a token that two lines of a source share", () => {
  const token = fakeToken(5);
  const text = code([`t = "${token.slice(0, 20)}`, `${token.slice(20)}"\n`]);
  const { bytes, findings } = scrubNotebook(encode(text), { redact: true });
  deepEqual(findings.map(({ outcome }) => outcome), ["redacted"]);
  deepEqual(JSON.parse(decode(bytes)).cells[0].source, ['t = "hf_REDACTED', '"\n']);
});

Deno.test("scrubNotebook redacts a token spelled with escapes", () => {
  const token = fakeToken(6);
  const text = code(["t = @"]).replace("@", `\\u0068f${token.slice(2)}`);
  const { bytes } = scrubNotebook(encode(text), { redact: true });
  deepEqual(JSON.parse(decode(bytes)).cells[0].source, ["t = hf_REDACTED"]);
});

Deno.test("scrubNotebook redacts nothing in a notebook without tokens", () => {
  fc.assert(fc.property(notebooks, (tree) => {
    const text = render(tree);
    equal(decode(scrubNotebook(encode(text), { redact: true }).bytes), render(strip(tree)));
  }));
});

Deno.test("scrubNotebook leaves no token behind when it redacts, whatever the notebook", () => {
  const token = fakeToken(7);
  fc.assert(fc.property(notebooks, fc.nat(), (tree, at) => {
    // The token goes into one of the strings, by replacing a marker that stands for a letter.
    const places = [...render(tree).matchAll(/: "(?=[^"\\])/g)];
    if (places.length === 0) return;
    const { index, 0: match } = places[at % places.length]!;
    const text = render(tree).slice(0, index + match.length) + token + " " +
      render(tree).slice(index + match.length);
    const result = scrubNotebook(encode(text), { redact: true });
    JSON.parse(decode(result.bytes));
    ok(result.findings.length > 0);
    ok(result.findings.every(({ outcome }) => outcome !== "remains"));
    ok(!decode(result.bytes).includes(token));
  }));
});

Deno.test("scrubNotebook throws for what is no notebook, without the token", () => {
  const token = fakeToken(8);
  throws(
    () => scrubNotebook(encode(`{"cells": ["${token}"`)),
    (error) => error instanceof NotebookError && !Deno.inspect(error).includes(token.slice(3)),
  );
});
