import assert from "node:assert/strict";
import { type CellProgress, runNotebook } from "../../../src/kernel/run/run.ts";
import { outputText } from "../../../src/kernel/outputs.ts";
import { NBCLIENT, nbclient } from "../../kit/nbclient.ts";
import { type CellLike, denoNotebook } from "../../kit/notebook.ts";
import { needs } from "../../kit/programs.ts";
import { temporaryFolder } from "../../kit/temporary.ts";
import { fakeToken } from "../../kit/tokens.ts";

const TOKEN = fakeToken(81);

interface SavedCell {
  execution_count?: number | null;
  outputs?: Record<string, unknown>[];
  source: string[];
}

async function saved(path: string): Promise<SavedCell[]> {
  return JSON.parse(await Deno.readTextFile(path)).cells;
}

function tagged(source: string, ...tags: string[]): CellLike {
  return { source: [source], metadata: { tags } };
}

const markdown = { cell_type: "markdown", source: ["# Title"], outputs: undefined };

Deno.test("runNotebook() saves outputs and numbers, and leaves every other byte alone", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const odd = `{"metadata": {"x":1.0,  "é":"\\u00e9"},\r
 "nbformat":4, "nbformat_minor": 5,\r
    "cells" : [\r
  {\r
   "id":"one", "cell_type":"code",\r
   "metadata": {"z":1,"a" : 2},\r
   "execution_count": 99, "outputs": [{"output_type":"stream","name":"stdout","text":"old"}],\r
   "source" : ["console.log('a\\\\nb'", ")" ]\r
  },\r
  {"cell_type":"raw","metadata":{},"source":"raw"}\r
 ]}\r
\r
`;
  await Deno.writeTextFile(path, `\ufeff${odd}`);
  const run = await runNotebook(path);
  assert.equal(run.status, "ok");
  assert.equal(run.saved, true);
  const text = await Deno.readTextFile(path);
  const output = `[
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "a\\n",
      "b\\n"
     ]
    }
   ]`.replaceAll("\n", "\r\n");
  const old = `99, "outputs": [{"output_type":"stream","name":"stdout","text":"old"}]`;
  assert.equal(text, `\ufeff${odd.replace(old, `1, "outputs": ${output}`)}`);
});

Deno.test("runNotebook() writes compact notebooks compactly and adds keys that are missing", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(
    path,
    `{"cells":[{"cell_type":"code","metadata":{},"source":"1"}],"metadata":{},"nbformat":4,"nbformat_minor":2}`,
  );
  await runNotebook(path, { kernel: { env: { NO_COLOR: "1" } } });
  const [cell] = await saved(path);
  assert.equal(cell?.execution_count, 1);
  assert.deepEqual(cell?.outputs?.[0]?.data, { "text/plain": ["1"] });
  assert.ok(!(await Deno.readTextFile(path)).includes("\n"));
});

Deno.test("runNotebook() stops at an error, saves what ran, and says which cell failed", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const notebook = [
    `console.log("one")`,
    markdown,
    `throw new RangeError("two")`,
    { source: [`console.log("three")`], outputs: [] },
  ];
  await Deno.writeTextFile(path, denoNotebook(notebook));
  const run = await runNotebook(path);
  assert.equal(run.status, "error");
  assert.deepEqual(run.cells.map(({ index, status }) => [index, status]), [
    [0, "ok"],
    [1, "skipped"],
    [2, "error"],
  ]);
  assert.deepEqual(run.cells[2]?.error, { name: "RangeError", message: "two" });
  const cells = await saved(path);
  assert.deepEqual(cells.map(({ execution_count }) => execution_count), [1, null, 2, null]);
  assert.equal(cells[2]?.outputs?.[0]?.ename, "RangeError");
  const all = await runNotebook(path, { allowErrors: true });
  assert.equal(all.status, "ok");
  assert.equal(outputText(all.cells[3]!.outputs), "three\n");
});

Deno.test("runNotebook() passes over skip-execution and goes on after raises-exception", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(
    path,
    denoNotebook([
      tagged(`throw 1`, "raises-exception"),
      tagged(`throw 2`, "skip-execution"),
      "  \n",
      `console.log("end")`,
    ]),
  );
  const run = await runNotebook(path);
  assert.equal(run.status, "ok");
  assert.deepEqual(run.cells.map(({ status, executionCount }) => [status, executionCount]), [
    ["error", 1],
    ["skipped", null],
    ["skipped", null],
    ["ok", 2],
  ]);
});

Deno.test("runNotebook() stops at the time limit of a cell or of the run, and saves", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const loop = `console.log("in"); while (true);`;
  await Deno.writeTextFile(path, denoNotebook([loop, `console.log("after")`]));
  for (const limit of [{ timeoutMs: 300 }, { totalTimeoutMs: 300 }]) {
    const run = await runNotebook(path, limit);
    assert.equal(run.status, "timeout");
    assert.equal(run.cells.length, 1);
  }
  const aborted = await runNotebook(path, { signal: AbortSignal.timeout(600) });
  assert.equal(aborted.status, "interrupted");
});

Deno.test("runNotebook() reports a kernel that ended, and saves what was put out before", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(
    path,
    denoNotebook([
      `console.log("before"); await new Promise((r) => setTimeout(r, 1000)); Deno.exit()`,
    ]),
  );
  const run = await runNotebook(path);
  assert.equal(run.status, "dead");
  assert.deepEqual((await saved(path))[0]?.outputs?.[0]?.text, ["before\n"]);
});

Deno.test("runNotebook() answers questions, tells progress, and starts in the notebook's folder", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(
    path,
    denoNotebook([`console.log(prompt("Who?"), Deno.cwd())`, markdown, `2`]),
  );
  const told: CellProgress[] = [];
  const { cells } = await runNotebook(path, {
    input: ({ prompt }) => `${prompt} Ada`,
    onCell: (event) => void told.push(event),
  });
  assert.equal(outputText(cells[0]!.outputs), `Who? Ada ${folder.path}\n`);
  assert.deepEqual(told.map(({ state, index, number, of }) => [state, index, number, of]), [
    ["start", 0, 1, 2],
    ["end", 0, 1, 2],
    ["start", 2, 2, 2],
    ["end", 2, 2, 2],
  ]);
});

Deno.test("runNotebook() never saves outputs that hold a token, and reports every token", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const old = { output_type: "stream", name: "stdout", text: [fakeToken(82)] };
  await Deno.writeTextFile(
    path,
    denoNotebook([
      `console.log(Deno.env.get("HF_TOKEN"))`,
      `console.log("fine")`,
      `Deno.jupyter.html\`<i>\${btoa("x:" + Deno.env.get("HF_TOKEN"))}</i>\``,
      { ...tagged(`1`, "skip-execution") as Record<string, unknown>, outputs: [old] },
    ]),
  );
  const run = await runNotebook(path, { kernel: { env: { HF_TOKEN: TOKEN } } });
  assert.deepEqual(run.withheld, [0, 2]);
  assert.ok(run.findings.some(({ cell }) => cell?.index === 0));
  assert.ok(run.findings.some(({ cell }) => cell?.index === 3)); // the old one too
  const text = await Deno.readTextFile(path);
  assert.ok(!text.includes(TOKEN) && !text.includes(btoa(`x:${TOKEN}`).slice(4, 40)));
  const cells = await saved(path);
  assert.match(String(cells[0]?.outputs?.[0]?.text), /not saved, they hold a token \(fingerprint /);
  assert.deepEqual(cells[1]?.outputs?.[0]?.text, ["fine\n"]);
  assert.deepEqual(cells[3]?.outputs, [old]); // not executed: reported, left as it was
});

Deno.test("runNotebook() saves stripped with scrub and nothing with save: false", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const clean = denoNotebook([`console.log("x")`]);
  await Deno.writeTextFile(path, clean);
  assert.equal((await runNotebook(path, { save: false })).saved, false);
  assert.equal(await Deno.readTextFile(path), clean);
  await runNotebook(path);
  assert.notEqual(await Deno.readTextFile(path), clean);
  const run = await runNotebook(path, { scrub: true });
  assert.equal(outputText(run.cells[0]!.outputs), "x\n");
  const [cell] = await saved(path);
  assert.deepEqual([cell?.outputs, cell?.execution_count], [[], null]);
});

Deno.test("runNotebook() refuses other kernels, broken files and files changed meanwhile", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  const text = denoNotebook([`1`]);
  const python = `{"display_name": "Python 3", "language": "python", "name": "python3"}`;
  await Deno.writeTextFile(
    path,
    text.replace(/"kernelspec": \{[^}]*\}/, `"kernelspec": ${python}`),
  );
  await assert.rejects(runNotebook(path), { code: "usage", message: /choose the Deno kernel/ });
  await Deno.writeTextFile(path, text.slice(0, -20));
  await assert.rejects(runNotebook(path), { name: "NotebookError" });
  await assert.rejects(runNotebook(`${folder.path}/none.ipynb`), { code: "file-missing" });
  await Deno.writeTextFile(path, text);
  const changed = `${text}\n`;
  await assert.rejects(
    runNotebook(path, { onCell: () => Deno.writeTextFileSync(path, changed) }),
    { name: "FileError", message: /somebody changed it/ },
  );
  assert.equal(await Deno.readTextFile(path), changed);
});

/** Outputs with text joined and neighbouring pieces of one stream merged: what both must agree on. */
function normal(outputs: Record<string, unknown>[] = []): unknown[] {
  const joined = structuredClone(outputs);
  for (const output of joined) {
    if (Array.isArray(output.text)) output.text = output.text.join("");
    const data = output.data as Record<string, unknown> | undefined;
    for (const [mime, value] of Object.entries(data ?? {})) {
      if (Array.isArray(value) && mime !== "application/json") data![mime] = value.join("");
    }
  }
  return joined.reduce<Record<string, unknown>[]>((merged, output) => {
    const last = merged.at(-1);
    if (output.output_type === "stream" && last?.name === output.name) {
      last!.text = `${last!.text}${output.text}`;
    } else merged.push(output);
    return merged;
  }, []);
}

const show = (bundle: string, options = "") =>
  `await Deno.jupyter.display(${bundle}, { raw: true, ${options} });`;
const clear = (wait: boolean) => `await Deno.jupyter.broadcast("clear_output", { wait: ${wait} });`;

const REFERENCE: CellLike[] = [
  markdown,
  `console.log("one"); console.log("zwei äöü ☃ 𝒳"); console.error("err");`,
  `const value: { a: number; b: bigint } = { a: 1, b: 2n }; value`,
  show(`{ "text/plain": "p", "text/html": "<b>\\n</b>", "text/markdown": "# a\\nb" }`),
  show(`{ "application/json": { list: [1, 2.5, null, "x\\ny"], deep: { z: 1, a: 2 } } }`),
  show(`{ "text/plain": "first" }`, `display_id: "d"`),
  show(`{ "text/plain": "again" }`, `display_id: "d"`),
  show(`{ "text/plain": "updated" }`, `display_id: "d", update: true`),
  show(`{ "text/plain": "nobody" }`, `display_id: "unknown", update: true`),
  `console.log("gone"); ${clear(false)} console.log("stays");`,
  `console.log("replaced"); ${clear(true)} console.log("new");`,
  `console.log("kept"); ${clear(true)}`,
  `undefined`,
  `null`,
  "   ",
  tagged(`throw new TypeError("allowed")`, "raises-exception"),
  tagged(`throw "text"`, "raises-exception"),
  tagged(`throw 0`, "skip-execution"),
  `for (let i = 0; i < 50; i++) console.log("line " + i);`,
  `Deno.jupyter.svg\`<svg/>\``,
  `String(prompt("no answer"))`,
  `throw new Error("the end")`,
  `console.log("never")`,
];

Deno.test({
  ...needs("runNotebook() gives the results that nbclient gives", NBCLIENT),
  async fn() {
    using folder = temporaryFolder();
    const [ours, theirs] = [`${folder.path}/ours.ipynb`, `${folder.path}/theirs.ipynb`];
    for (const path of [ours, theirs]) await Deno.writeTextFile(path, denoNotebook(REFERENCE));
    await Promise.all([
      runNotebook(ours, { kernel: { env: { NO_COLOR: "1" } } }),
      nbclient(theirs, { cwd: folder.path }),
    ]);
    const [a, b] = [await saved(ours), await saved(theirs)];
    for (const [i, cell] of a.entries()) {
      assert.equal(cell.execution_count, b[i]?.execution_count, `number of cell ${i}`);
      assert.deepEqual(normal(cell.outputs), normal(b[i]?.outputs), `outputs of cell ${i}`);
    }
  },
});
