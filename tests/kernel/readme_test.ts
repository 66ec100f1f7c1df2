/** The picture at the top of the README, on a real kernel: what each of its two cells leaves behind. */

import assert from "node:assert/strict";
import { runNotebook } from "hushbook";
import { blocksOf } from "../kit/markdown.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Cell and result of a picture: what stands after `In [1]:` and `Out[1]:`, without remarks. */
function pictured(text: string): { source: string; result: string } {
  const plain = text.replace(/ +<- .*$/gm, "").replace(
    /^.{10}/gm,
    (head) => /^(?:In \[1\]:|Out\[1\]:| *)\s*$/.test(head) ? "" : head,
  );
  const [source, result] = plain.trim().split("\n\n");
  return { source: source!, result: result! };
}

Deno.test("the README's picture of the leak, and of the cell with hushbook, is what a kernel shows", async () => {
  using folder = temporaryFolder();
  const pictures = blocksOf(await Deno.readTextFile(`${ROOT}README.md`))
    .filter(({ text }) => text.startsWith("In [1]:")).map(({ text }) => pictured(text));
  assert.equal(pictures.length, 2);
  const imports = [
    'import { InferenceClient } from "@huggingface/inference";',
    'import { connect } from "hushbook";',
  ];
  const token = fakeToken(63);
  const results: string[] = [];
  for (const [index, { source }] of pictures.entries()) {
    const path = `${folder.path}/${index}.ipynb`;
    const cell = { cell_type: "code", execution_count: null, metadata: {}, outputs: [] };
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        cells: [{ ...cell, source: `${imports[index]}\n${source}` }],
        metadata: { language_info: { name: "typescript" } },
        nbformat: 4,
        nbformat_minor: 4,
      }),
    );
    const run = await runNotebook(path, {
      save: false,
      kernel: {
        cwd: ROOT,
        env: { HF_TOKEN: token, HUSHBOOK_HOME: `${folder.path}/hushbook`, NO_COLOR: "1" },
      },
    });
    assert.equal(run.status, "ok", JSON.stringify(run.cells[0]));
    const shown = run.cells[0]!.outputs.find(({ output_type }) => output_type === "execute_result");
    const { data } = shown as { data: Record<string, string> };
    // deno-lint-ignore no-control-regex
    results.push(data["text/plain"]!.replace(/\x1b\[\d+m/g, ""));
    assert.equal(run.findings.length, index === 0 ? 1 : 0);
  }
  assert.ok(results[0]!.includes(token), "the bare client leaks");
  assert.deepEqual(
    results.map((text) => text.replace(token, "hf_…")),
    pictures.map(({ result }) => result),
  );
});
