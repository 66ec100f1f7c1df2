import assert from "node:assert/strict";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { outputText } from "../../src/kernel/outputs.ts";
import { type NotebookRun, runNotebook } from "../../src/kernel/run/run.ts";
import { findTokens } from "../../src/notebook/find.ts";
import { stripNotebook } from "../../src/notebook/strip.ts";
import { checkout } from "../kit/checkout.ts";
import { ROOT } from "../kit/kernel.ts";
import { leaks } from "../kit/leaks.ts";
import { fakeToken } from "../kit/tokens.ts";

const FOLDER = `${ROOT}notebooks`;

/** Executes one of the notebooks against a Hub on this machine, the token typed at the masked prompt. */
async function execute(name: string, answers: string[] = []): Promise<NotebookRun> {
  await using hub = startStandIn({ tokens: [fakeToken(95), fakeToken(96)] });
  using project = await checkout(); // the kernel writes what it fetches into the project's lock file
  const path = `${project.path}/notebooks/${name}.ipynb`;
  const run = await runNotebook(path, {
    timeoutMs: 60_000,
    // What is no password is whether to keep the token: no.
    input: ({ password }) => password ? answers.shift() ?? hub.token : "",
    kernel: {
      cwd: `${project.path}/notebooks`,
      clearEnv: true,
      env: { ...project.env, ...hub.env },
    },
  });
  const last = run.cells.at(-1);
  assert.equal(run.status, "ok", `${name}: ${last?.error?.name} ${last?.error?.message}`);
  assert.deepEqual([run.findings, run.withheld], [[], []]);
  const [banner] = run.cells.flatMap(({ outputs }) => outputs);
  assert.match(JSON.stringify(banner), /role=\\"note\\".*uses a personal Hugging Face token/, name);
  const text = JSON.stringify(run.cells) + await Deno.readTextFile(path);
  for (const token of [fakeToken(95), fakeToken(96)]) assert.ok(!leaks(text, token));
  return run;
}

function textOf(run: NotebookRun): string {
  return run.cells.map(({ outputs }) => outputText(outputs)).join("");
}

/** The MIME types that the cells showed after the banner. */
function types(run: NotebookRun): string[] {
  return run.cells.flatMap(({ outputs }) => outputs).slice(1).flatMap((output) =>
    "data" in output ? Object.keys(output.data) : output.output_type
  );
}

Deno.test("every notebook is scrubbed, holds no token and warns at its top", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    if (!name.endsWith(".ipynb")) continue; // the guides
    names.push(name);
    const bytes = await Deno.readFile(`${FOLDER}/${name}`);
    assert.deepEqual(findTokens(bytes, { path: name }), [], name);
    assert.equal(stripNotebook(bytes).changed, false, `${name} is not scrubbed`);
    const { cells } = JSON.parse(new TextDecoder().decode(bytes));
    const [first] = cells;
    assert.equal(first.cell_type, "markdown", name);
    assert.match(first.source.join(""), /\*\*Before you share this notebook\.\*\*/, name);
    const code = cells.find((cell: { cell_type: string }) => cell.cell_type === "code");
    assert.match(code.source.join(""), /^await show\(securityBanner\(\)\);$/m, name);
  }
  assert.deepEqual(names.sort(), [
    "limits.ipynb",
    "openai.ipynb",
    "quickstart.ipynb",
    "security.ipynb",
    "tokens.ipynb",
  ]);
});

Deno.test("quickstart.ipynb chats, streams, draws and scores", async () => {
  const run = await execute("quickstart");
  assert.match(textOf(run), /hf_kept_by_hushbook/);
  const shown = types(run);
  for (const type of ["text/markdown", "image/png", "text/html"]) assert.ok(shown.includes(type));
  assert.match(textOf(run), /Nothing that this notebook shows can be the token/);
});

Deno.test("openai.ipynb chats and streams, and is refused elsewhere", async () => {
  const run = await execute("openai");
  assert.equal(types(run).filter((type) => type === "text/markdown").length, 2);
  assert.match(textOf(run), /RequestError - /);
});

Deno.test("limits.ipynb waits where it must and refuses what the budget does not hold", async () => {
  const text = textOf(await execute("limits"));
  const after = [...text.matchAll(/^call [123] after (\d+(?:\.\d)?) s$/gm)].map(([, s]) =>
    Number(s)
  );
  assert.equal(after.length, 3, text);
  assert.ok(Math.max(...after) >= 1.4, text); // the window is 1.5 s
  assert.match(text, /^Rate limit reached, waited \d/m);
  assert.match(text, /left today: 4821 tokens/);
  assert.match(text, /^turn 2 waited \d+ ms$/m);
  assert.match(text, /budget/i);
});

Deno.test("tokens.ipynb stores, finds, rotates and forgets", async () => {
  const text = textOf(await execute("tokens", [fakeToken(95), fakeToken(96)]));
  assert.match(text, /machine [0-9a-f]{12} true\n/);
  assert.match(text, /[0-9a-f]{12} now in use; revoke the old one/);
  assert.match(text, /The stored token is gone from this machine/);
});

Deno.test("security.ipynb finds nothing to complain about", async () => {
  const text = textOf(await execute("security"));
  assert.equal(text.match(/^ok {5}/gm)?.length, 5, text);
  assert.doesNotMatch(text, /LOOK/);
});
