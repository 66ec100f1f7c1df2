import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { denoNotebook } from "../kit/notebook.ts";
import { recordedIo } from "../kit/io.ts";
import { sourceUrl } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

Deno.test("run executes notebooks, tells progress and the cell that failed, and answers 1", async () => {
  using folder = temporaryFolder();
  const good = `${folder.path}/good.ipynb`;
  const bad = `${folder.path}/bad.ipynb`;
  const token = fakeToken(83);
  await Deno.writeTextFile(good, denoNotebook([`1`, `2`]));
  await Deno.writeTextFile(bad, denoNotebook([`throw new Error("with ${token}")`]));
  const io = recordedIo();
  assert.equal(await main(["run", "--json", good, bad], io), 1);
  assert.match(io.stderr, /good\.ipynb \[2\/2\] cell 2: ok, \d+ ms\n/);
  assert.match(io.stderr, /bad\.ipynb: cell 1 failed: Error: with …\n/);
  assert.ok(!io.stderr.includes(token) && !io.stdout.includes(token));
  const reports = JSON.parse(io.stdout);
  assert.deepEqual(reports.map(({ status }: { status: string }) => status), ["ok", "error"]);
  const quiet = recordedIo();
  assert.equal(await main(["run", "--quiet", "--no-save", good], quiet), 0);
  assert.equal(quiet.stderr + quiet.stdout, "");
});

Deno.test("run refuses wrong usage with 2 and answers 3 for a file it cannot read", async () => {
  for (const args of [[], ["--timeout", "x", "a"], ["--timeout=0", "a"], ["--nonsense", "a"]]) {
    assert.equal(await main(["run", ...args], recordedIo()), 2, args.join(" "));
  }
  const io = recordedIo();
  assert.equal(await main(["run", "/nowhere/a.ipynb"], io), 3);
  assert.match(io.stderr, /there is no such file/);
});

Deno.test("run needs only the permissions of its task, and saves what ran when interrupted", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.ipynb`;
  await Deno.writeTextFile(
    path,
    denoNotebook([`console.log("begun")`, `console.log("in"); while (true);`, `3`]),
  );
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL(sourceUrl("deno.json"))));
  const args = tasks.run.command.split(" ").slice(1);
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, path],
    cwd: new URL(sourceUrl(".")),
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let text = "";
  for await (const piece of child.stderr.pipeThrough(new TextDecoderStream())) {
    const before = text.includes("cell 1: ok");
    text += piece;
    // Time for the endless cell to begin.
    if (!before && text.includes("cell 1: ok")) setTimeout(() => child.kill("SIGINT"), 2000);
  }
  assert.equal((await child.status).code, 130, text);
  const { cells } = JSON.parse(await Deno.readTextFile(path));
  assert.deepEqual(cells.map((cell: { execution_count: number }) => cell.execution_count), [
    1,
    2,
    null,
  ]);
  assert.deepEqual(cells[0].outputs[0].text, ["begun\n"]);
});
