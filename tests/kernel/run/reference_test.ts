/** The notebooks of this project, and a hard one, as Debian's nbclient executes them and as we do. */

import assert from "node:assert/strict";
import { startStandIn } from "../../../scripts/stand_in/server.ts";
import { runNotebook } from "../../../src/kernel/run/run.ts";
import { MOD_URL } from "../../kit/kernel.ts";
import { checkout } from "../../kit/checkout.ts";
import { NBCLIENT, nbclient } from "../../kit/nbclient.ts";
import { denoNotebook } from "../../kit/notebook.ts";
import { needs } from "../../kit/programs.ts";
import { temporaryFolder } from "../../kit/temporary.ts";
import { fakeToken } from "../../kit/tokens.ts";

type Output = Record<string, unknown>;
interface Cell {
  readonly execution_count?: number | null;
  readonly outputs?: Output[];
}

async function cells(path: string): Promise<Cell[]> {
  return JSON.parse(await Deno.readTextFile(path)).cells;
}

function text(value: unknown): string {
  return Array.isArray(value) ? value.join("") : String(value);
}

/**
 * What both must agree on: pieces of one stream joined; times, ports and folders made the same, and the
 * columns of tables, which are as wide as these. (Deno's temporary folders have names of 1 to 8 digits.)
 */
function normal(outputs: readonly Output[] = []): Output[] {
  const merged: Output[] = [];
  for (const output of outputs) {
    const last = merged.at(-1);
    if (output.output_type === "stream" && last?.name === output.name) {
      last!.text = text(last!.text) + text(output.text);
    } else merged.push({ ...output });
  }
  const alike = (value: string) =>
    // deno-lint-ignore no-control-regex -- colours
    value.replace(/\u001b\[[0-9;]*m/g, "").replace(
      /\/(tmp\/|[\w./-]*hushbook-test-)[\w.-]+/g,
      "/tmp",
    )
      .replace(/\b[0-9a-f]{12}\b/g, "h").replace(/[0-9]+(\.[0-9]+)?/g, "0")
      .replace(/ {2,}/g, "  ");
  return JSON.parse(
    JSON.stringify(merged.map((output) => {
      const data = Object.entries((output.data ?? {}) as Output);
      return {
        ...output,
        ...(output.text === undefined ? {} : { text: text(output.text) }),
        data: Object.fromEntries(data.map(([mime, value]) => [
          mime,
          mime.endsWith("json") ? value : text(value),
        ])),
      };
    })),
    (_key, value) => typeof value === "string" ? alike(value) : value,
  );
}

function assertSame(ours: readonly Cell[], theirs: readonly Cell[], about: string): void {
  assert.equal(ours.length, theirs.length);
  for (const [i, cell] of ours.entries()) {
    assert.equal(cell.execution_count, theirs[i]!.execution_count, `${about}: number of cell ${i}`);
    const [mine, reference] = [normal(cell.outputs), normal(theirs[i]!.outputs)];
    assert.deepEqual(mine, reference, `${about}: outputs of cell ${i}`);
  }
}

for (const name of ["quickstart", "openai", "limits", "tokens", "security"]) {
  Deno.test({
    ...needs(`runNotebook() executes ${name}.ipynb as nbclient does`, NBCLIENT),
    async fn() {
      const [ours, theirs] = await Promise.all(
        [runNotebook, nbclient].map(async (execute) => {
          await using hub = startStandIn({ tokens: [fakeToken(95)] });
          using project = await checkout();
          const cwd = `${project.path}/notebooks`;
          const path = `${cwd}/${name}.ipynb`;
          // The same tool answers no questions, so the token comes from the environment.
          const env = { ...project.env, ...hub.env, HF_TOKEN: hub.token };
          if (execute === nbclient) await nbclient(path, { cwd, env });
          else await runNotebook(path, { kernel: { cwd, env, clearEnv: true } });
          return await cells(path);
        }),
      );
      assertSame(ours!, theirs!, name);
      const shown = ours!.flatMap(({ outputs = [] }) => outputs).length;
      assert.ok(shown >= 3, `${shown} outputs`);
    },
  });
}

/** One of each kind that `show()` knows. */
const SHOWN = `
  const { show } = await import("${MOD_URL}");
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  async function* stream() { for (const piece of ["**a**", " b"]) yield { choices: [{ delta: { content: piece } }] }; }
  await show(stream());
  await show({ choices: [{ message: { role: "assistant", content: "- reply" } }] });
  await show(new Blob([bytes("\\x89PNG\\r\\n\\x1a\\n")], { type: "image/png" }));
  await show(new Blob([bytes("RIFF\\x04\\0\\0\\0WAVE")], { type: "audio/wav" }));
  await show(new Blob([bytes("\\0\\0\\0\\x18ftypmp42")], { type: "video/mp4" }));
  await show([{ label: "POSITIVE", score: 0.9 }]);
  await show([[0.125, -0.25]]);
  await show({ any: "thing" });`;

const HARD: string[] = [
  SHOWN,
  `console.log("x".repeat(2_000_000));`,
  `for (let i = 0; i < 150; i++) console.log("line " + i, "\\u2603 \\u{1d4b3} \\u202e");`,
  `console.log("\\r10 %\\r20 %\\b\\u0007"); console.error("\\u001b[31mred\\u001b[0m");`,
  `await Deno.jupyter.display({ "text/plain": "1" }, { raw: true, display_id: "bar" });`,
  `for (let i = 2; i < 40; i++) {
     await Deno.jupyter.display({ "text/plain": "" + i }, { raw: true, display_id: "bar", update: true });
   }`,
  `for (let i = 0; i < 5; i++) {
     await Deno.jupyter.broadcast("clear_output", { wait: true }); console.log(i);
   }`,
  `await Deno.jupyter.broadcast("comm_open", { comm_id: "c", target_name: "t", data: {} });
   await Deno.jupyter.broadcast("comm_msg", { comm_id: "c", data: { x: 1 } }); 1`,
  `await Deno.jupyter.display({ "image/png": btoa("\\x89PNG"), "text/html": "<b>&amp;</b>" }, { raw: true });`,
  `[prompt("who?"), confirm("sure?")]`,
  `({ a: [1, { b: new Map([["c", new Set([1n])]]) }], d: new Date(0), e: /x/g, f: Symbol("s") })`,
];

/** Cells that fail, each in its own way. */
const FAILING: string[] = [
  `const = 1`,
  `import "./missing.ts"`,
  `await Promise.reject(new AggregateError([new Error("one")], "many"))`,
  `throw Object.assign(new Error("caused", { cause: new TypeError("why") }), { code: 7 })`,
  `throw { plain: "object" }`,
  `throw undefined`,
  `class Odd extends Error { override name = "Odd"; } throw new Odd("")`,
  `(function deep(n: number): never { if (n === 0) throw new RangeError("deep"); return deep(n - 1); })(30)`,
];

Deno.test({
  ...needs("runNotebook() executes hard cells, and cells that fail, as nbclient does", NBCLIENT),
  async fn() {
    using folder = temporaryFolder();
    const failing = FAILING.map((source) => ({
      source: [source],
      metadata: { tags: ["raises-exception"] },
    }));
    const sources = [...HARD, ...failing, `throw new Error("the end")`, `console.log("never")`];
    const [ours, theirs] = [`${folder.path}/ours.ipynb`, `${folder.path}/theirs.ipynb`];
    for (const path of [ours, theirs]) await Deno.writeTextFile(path, denoNotebook(sources));
    const [run] = await Promise.all([
      runNotebook(ours, { kernel: { env: { NO_COLOR: "1" } } }),
      nbclient(theirs, { cwd: folder.path }),
    ]);
    const [mine, reference] = [await cells(ours), await cells(theirs)];
    assertSame(mine, reference, "hard cells");
    // Of what cannot be parsed the kernel publishes no output: only its reply says so.
    assert.deepEqual(
      run.cells.map(({ status, error }) => status === "error" && error !== undefined),
      sources.slice(0, -1).map((_, i) => i >= HARD.length),
    );
  },
});
