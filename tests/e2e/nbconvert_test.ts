/** Debian's nbclient and nbconvert run every example, as in a pipeline where nobody can be asked. */

import assert from "node:assert/strict";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { findTokens } from "../../src/notebook/find.ts";
import { type Checkout, checkout } from "../kit/checkout.ts";
import { ROOT } from "../kit/kernel.ts";
import { leaks } from "../kit/leaks.ts";
import { nbclient } from "../kit/nbclient.ts";
import { needs } from "../kit/programs.ts";

type Env = Record<string, string>;

const NAMES = (await Array.fromAsync(Deno.readDir(`${ROOT}notebooks`), ({ name }) => name))
  .filter((name) => name.endsWith(".ipynb")).sort();

async function nbconvert(project: Checkout, path: string, env: Env, to: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("/usr/bin/python3", {
    args: ["-m", "nbconvert", "--execute", ...to, path],
    cwd: `${project.path}/notebooks`,
    clearEnv: true,
    env,
    stdout: "null",
    stderr: "piped",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Who runs a notebook, and which file comes of it. */
const RUNNERS = [{
  name: "nbclient",
  run: (project: Checkout, path: string, env: Env) =>
    nbclient(path, { env, cwd: `${project.path}/notebooks` }),
  saved: (path: string) => path,
}, {
  name: "nbconvert",
  run: (project: Checkout, path: string, env: Env) =>
    nbconvert(project, path, env, ["--to", "notebook", "--inplace"]),
  saved: (path: string) => path,
}, {
  name: "nbconvert --to html",
  run: (project: Checkout, path: string, env: Env) =>
    nbconvert(project, path, env, ["--to", "html"]),
  saved: (path: string) => path.replace(/\.ipynb$/, ".html"),
}];

for (const { name, run, saved } of RUNNERS) {
  Deno.test({
    ...needs(`${name} runs every notebook in notebooks/ with HF_TOKEN, and no token is saved`, ...[
      "python3-nbclient",
      "python3-nbconvert",
    ]),
    async fn() {
      using project = await checkout();
      await using hub = startStandIn();
      const env = { ...project.env, ...hub.env, HF_TOKEN: hub.token };
      for (const notebook of NAMES) {
        const path = `${project.path}/notebooks/${notebook}`;
        await run(project, path, env);
        const text = await Deno.readTextFile(saved(path));
        assert.ok(!leaks(text, hub.token), `${notebook} holds the token`);
        if (saved(path) !== path) continue;
        assert.deepEqual(findTokens(new TextEncoder().encode(text), { path }), []);
        for (const { cell_type, execution_count, outputs } of JSON.parse(text).cells) {
          if (cell_type !== "code") continue;
          assert.ok(execution_count > 0, `${notebook}: a cell was not executed`);
          assert.deepEqual(
            outputs.filter(({ output_type }: { output_type: string }) => output_type === "error"),
            [],
            notebook,
          );
        }
      }
      assert.ok(hub.seen.some(({ credential }) => credential === "token"));
    },
  });
}
