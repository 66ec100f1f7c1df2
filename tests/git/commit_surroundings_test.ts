/** The hook among settings and variables of the user's that change what git shows. */

import assert from "node:assert/strict";
import { cellsOf, hookedRepository } from "../kit/hook.ts";
import { fakeToken } from "../kit/tokens.ts";

const DIRTY = cellsOf(["a = 1"], "result 1");
const CLEAN = cellsOf(["a = 1"]);

Deno.test("hook reads what is committed, not what git replace shows in its place", async () => {
  using repository = await hookedRepository();
  repository.write("a.txt", `key ${fakeToken()}\n`);
  await repository.git("add", ".");
  const harmless = await repository.run("git", ["hash-object", "-w", "--stdin"], { input: "x\n" });
  await repository.git("replace", ":a.txt", harmless.stdout.trim());
  const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.equal(code, 1);
  assert.match(stderr, /a\.txt: line 1/);
});

Deno.test("hook sees a file that a replaced HEAD seems to hold already", async () => {
  using repository = await hookedRepository();
  repository.write("a.txt", "a");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  repository.write("leak.txt", `key ${fakeToken()}\n`);
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "leak", "--no-verify");
  const leak = (await repository.git("rev-parse", "HEAD")).trim();
  await repository.git("reset", "-q", "--soft", "HEAD~1");
  await repository.git("replace", "HEAD", leak);
  assert.equal((await repository.tryGit("commit", "-qm", "x", "--allow-empty")).code, 1);
});

Deno.test("hook with an index of the user's own leaves the folder around it alone", async () => {
  using repository = await hookedRepository();
  repository.write("first.txt", "first");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  // What a killed hook leaves in the git folder is called so, and goes when it is old.
  const theirs = `${repository.outside}/hushbook-0123456789abcdef`;
  await Deno.mkdir(theirs);
  await Deno.utime(theirs, 1, 1);
  const env = { GIT_INDEX_FILE: `${repository.outside}/index` };
  await repository.run("git", ["read-tree", "HEAD"], { env });
  for (const name of ["a.ipynb", "b.ipynb"]) repository.write(name, DIRTY);
  await repository.run("git", ["add", "."], { env });
  const { code, stderr } = await repository.run("git", ["commit", "-qm", "own"], { env });
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", "HEAD:b.ipynb"), CLEAN);
  const left = (await Array.fromAsync(Deno.readDir(repository.outside))).map(({ name }) => name)
    .sort();
  assert.deepEqual(left, ["hushbook-0123456789abcdef", "index"]);
});

Deno.test("hook works whatever path patterns git was told to read", async () => {
  for (const mode of ["LITERAL", "GLOB", "NOGLOB", "ICASE"]) {
    using repository = await hookedRepository();
    repository.write("a.ipynb", DIRTY);
    await repository.git("add", ".");
    const env = { [`GIT_${mode}_PATHSPECS`]: "1" };
    const { code, stderr } = await repository.run("git", ["commit", "-qm", "x"], { env });
    assert.equal(code, 0, `${mode}: ${stderr}`);
    assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN);
  }
});

Deno.test("hook takes settings that are only intended to be added for none", async () => {
  using repository = await hookedRepository();
  repository.write("hushbook.json", `{ "keepOutput": true }`);
  repository.write("a.ipynb", DIRTY);
  await repository.git("add", "-N", "hushbook.json");
  await repository.git("add", "a.ipynb");
  const { code, stderr } = await repository.tryGit("commit", "-qm", "x");
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN);
});
