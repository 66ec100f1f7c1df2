import assert from "node:assert/strict";
import { findTokens } from "../../src/notebook/find.ts";
import { findInName } from "../../src/notebook/find_name.ts";
import { maskName } from "../../src/notebook/mask_name.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { fakeToken } from "../kit/tokens.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** A notebook with a token in one code cell's source and another in its output. */
function notebook(source: string[], output: string): unknown {
  return {
    cells: [
      { cell_type: "markdown", id: "intro", metadata: {}, source: ["# Título\n"] },
      {
        cell_type: "code",
        id: "b7f3",
        execution_count: 1,
        metadata: {},
        source,
        outputs: [{ output_type: "stream", name: "stdout", text: [output] }],
      },
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 5,
  };
}

Deno.test("findTokens() says in which cell, field and line a token is, and whether it is an output", () => {
  const [a, b] = [fakeToken(1), fakeToken(2)];
  const bytes = encode(
    JSON.stringify(notebook(["import os\n", `t = "${a}"`], `\n  ${b}\n`), null, 1),
  );
  const findings = findTokens(bytes, { path: "a/b.ipynb", ranges: true });
  const plain = {
    path: "a/b.ipynb",
    cell: { index: 1, id: "b7f3" },
    level: "token",
    length: 37,
    chain: [],
  };
  const shared = { ...plain, rule: "huggingface-user-access", kind: "user-access" };
  assert.deepEqual(findings.map(({ fileLine: _, fileColumn: __, ranges: ___, ...rest }) => rest), [
    {
      ...shared,
      field: "cells[1].source",
      line: 2,
      column: 6,
      fingerprint: fingerprint(a),
      inOutput: false,
    },
    {
      ...shared,
      field: "cells[1].outputs[0].text",
      line: 2,
      column: 3,
      fingerprint: fingerprint(b),
      inOutput: true,
    },
  ]);
  for (const [i, token] of [a, b].entries()) {
    const [{ start, end }] = findings[i]!.ranges as [{ start: number; end: number }];
    assert.equal(new TextDecoder().decode(bytes.subarray(start, end)), token);
  }
  assert.ok(!JSON.stringify(findings).includes(a.slice(3, 12)));
});

Deno.test("findTokens() reads any other file as text and never throws", () => {
  assert.deepEqual(findTokens(new Uint8Array()), []);
  assert.deepEqual(findTokens(new Uint8Array([0xff, 0xfe, 0, 0x80])), []);
  const [finding] = findTokens(encode(`A=1\nHF_TOKEN=${fakeToken()}\n`), { path: ".env" });
  assert.equal(finding?.field, "text");
  assert.deepEqual([finding?.line, finding?.column, finding?.fileLine], [2, 10, 2]);
});

Deno.test("findTokens() reads an underscore escaped as Markdown and LaTeX do", () => {
  const escaped = fakeToken().replace("_", "\\_");
  const [inTex] = findTokens(encode(`\\texttt{${escaped}}`), { path: "a.tex" });
  assert.deepEqual([inTex?.length, inTex?.chain], [37, ["escape"]]);
  const cell = { cell_type: "markdown", metadata: {}, source: [`my ${escaped}\n`] };
  const notebook = encode(JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4 }));
  const [inCell] = findTokens(notebook, { path: "a.ipynb" });
  assert.deepEqual([inCell?.field, inCell?.column], ["cells[0].source", 4]);
});

Deno.test("findTokens() counts no byte order mark into the column of the first line", () => {
  const [finding] = findTokens(encode(`\ufeffA=${fakeToken()}\nB=1`), { path: ".env" });
  assert.deepEqual([finding?.fileLine, finding?.fileColumn], [1, 3]);
});

Deno.test("findTokens() masks a token in the file's own name", () => {
  const token = fakeToken();
  const [finding] = findTokens(encode(token), { path: `keys/${token}.txt` });
  assert.equal(finding?.path, "keys/….txt");
});

Deno.test("no spelling of a token in a file's name is shown, and each is found", () => {
  const token = fakeToken(5);
  const backwards = [...token].reverse().join("");
  for (
    const [name, shown] of [
      [token.replace("_", "%5F"), "…"],
      [backwards, "…"],
      [btoa(`user:${token}`), "…"],
      [`é ${btoa(`${token}:x`)}.bak`, "é….bak"],
      [`${token.slice(0, 9)}\u200b${token.slice(9)}`, "…"],
      [`a ${token} b ${fakeToken(6)}`, "a … b …"],
    ] as const
  ) {
    const path = `keys/${name}.txt`;
    const [found] = findInName(path);
    assert.deepEqual([found?.fingerprint, found?.field], [fingerprint(token), "name"], name);
    assert.match(maskName(path), new RegExp(`^(?:keys/)?${shown}`));
    for (const text of [JSON.stringify(found), maskName(path)]) {
      for (const part of [token, backwards, btoa(`user:${token}`), btoa(`${token}:x`)]) {
        assert.ok(!text.includes(part.slice(4, 10)) && !text.includes(part.slice(-6)), text);
      }
    }
  }
  assert.equal(maskName("notebooks/a_rather_long_name_of_a_notebook.ipynb").length, 48);
});
