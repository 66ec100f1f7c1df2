/** The filter, driven by git itself. */

import assert from "node:assert/strict";
import { cellsOf, installIn } from "../kit/hook.ts";
import { type TestRepository, testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const CLEAN = cellsOf(["a = 1"]);
const DIRTY = cellsOf(["a = 1"], "result 1");
const DIRTY_2 = cellsOf(["a = 1", "b = 2"], "result 2");
const CLEAN_2 = cellsOf(["a = 1", "b = 2"]);

async function filtered(): Promise<TestRepository> {
  const repository = await testRepository();
  await installIn(repository, { filter: true });
  repository.write("a.ipynb", DIRTY);
  repository.write("b c/é.ipynb", DIRTY);
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "one");
  return repository;
}

Deno.test("filter clears on add and commit, and the working files keep their outputs", async () => {
  using repository = await filtered();
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN);
  assert.equal(await repository.git("show", "HEAD:b c/é.ipynb"), CLEAN);
  assert.equal(repository.read("a.ipynb"), DIRTY);
  assert.equal(await repository.git("status", "--porcelain"), "");
  repository.write("a.ipynb", DIRTY_2);
  assert.equal(await repository.git("status", "--porcelain"), " M a.ipynb\n");
  assert.doesNotMatch(await repository.git("diff"), /result/);
  await repository.git("commit", "-qam", "two");
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN_2);
  assert.equal(repository.read("a.ipynb"), DIRTY_2);
});

Deno.test("filter serves checkout, restore, stash, reset, merge, clone, pull and worktree add", async () => {
  using repository = await filtered();
  repository.write("a.ipynb", DIRTY_2);
  await repository.git("stash", "-q");
  assert.equal(repository.read("a.ipynb"), CLEAN);
  await repository.git("stash", "pop", "-q");
  assert.equal(repository.read("a.ipynb"), CLEAN_2);
  await repository.git("restore", "a.ipynb");
  assert.equal(repository.read("a.ipynb"), CLEAN);
  await repository.git("checkout", "-qb", "side");
  repository.write("a.ipynb", DIRTY_2);
  await repository.git("commit", "-qam", "side");
  await repository.git("checkout", "-q", "main");
  assert.equal(repository.read("a.ipynb"), CLEAN);
  repository.write("b c/é.ipynb", DIRTY_2);
  await repository.git("commit", "-qam", "main");
  await repository.git("merge", "-q", "-m", "merge", "side");
  assert.equal(repository.read("a.ipynb"), CLEAN_2);
  await repository.git("reset", "-q", "--hard", "HEAD~1");
  assert.equal(repository.read("a.ipynb"), CLEAN);
  assert.equal(repository.read("b c/é.ipynb"), DIRTY_2);

  const linked = repository.at(`${repository.outside}/linked`);
  await repository.git("worktree", "add", "-qb", "other", linked.path);
  linked.write("a.ipynb", DIRTY);
  await linked.git("add", ".");
  assert.equal(await linked.git("show", ":a.ipynb"), CLEAN);

  const clone = repository.at(`${repository.outside}/clone`);
  await repository.git("clone", "-q", repository.path, clone.path);
  await installIn(clone, { filter: true });
  await repository.git("merge", "-q", "-m", "again", "side");
  clone.write("a.ipynb", DIRTY);
  // Git refuses to pull over a file of another size until it is told that only outputs changed.
  assert.equal((await clone.tryGit("pull", "-q", "--no-rebase")).code, 1);
  assert.equal(clone.read("a.ipynb"), DIRTY);
  await clone.git("add", "a.ipynb");
  const pulled = await clone.tryGit("pull", "-q", "--no-rebase");
  assert.equal(pulled.code, 0, pulled.stderr);
  assert.equal(clone.read("a.ipynb"), CLEAN_2);
});

Deno.test("filter passes what it cannot understand with a warning, and the hook refuses it", async () => {
  using repository = await filtered();
  for (const broken of ["not a notebook", "{", `<<<<<<< HEAD\n${CLEAN}`]) {
    repository.write("a.ipynb", broken);
    const added = await repository.tryGit("add", ".");
    assert.equal(added.code, 0, added.stderr);
    assert.match(added.stderr, /hushbook: Cannot clear a\.ipynb, so it is passed to git as it is/);
    assert.equal(await repository.git("show", ":a.ipynb"), broken);
    assert.equal((await repository.tryGit("status")).code, 0);
    assert.equal((await repository.tryGit("commit", "-qm", "broken")).code, 1);
  }
  await repository.git("checkout", "-q", "HEAD", "--", "a.ipynb");
  assert.equal(repository.read("a.ipynb"), CLEAN);
});

Deno.test("filter warns of a token in an output it clears, without the token", async () => {
  using repository = await filtered();
  const token = fakeToken(3);
  repository.write("a.ipynb", cellsOf(["x"], token));
  const { stderr } = await repository.tryGit("add", ".");
  assert.match(stderr, /an output of a\.ipynb holds a token \(fingerprint [0-9a-f]{12}\)/);
  assert.equal(stderr.includes(token), false);
  assert.equal((await repository.git("show", ":a.ipynb")).includes(token), false);
  repository.write(`${token}.ipynb`, "{");
  const broken = await repository.tryGit("add", ".");
  assert.match(broken.stderr, /Cannot clear ….*, so it is passed to git as it is/);
  assert.equal(broken.stderr.includes(token), false);
});

Deno.test("filter tells of encoded and split tokens in what it clears, not of those in kept outputs", async () => {
  using repository = await filtered();
  const token = fakeToken(4);
  const other = fakeToken(5);
  const stream = (...text: string[]) => ({ name: "stdout", output_type: "stream", text });
  const cell = (metadata: unknown, ...outputs: unknown[]) => ({
    cell_type: "code",
    execution_count: 1,
    metadata,
    outputs,
    source: [],
  });
  const shown: Record<string, unknown[]> = {
    "base64.ipynb": [cell({}, stream(btoa(`a token: ${token}, and more`)))],
    "escaped.ipynb": [cell({}, stream(JSON.stringify(JSON.stringify(`\n${token}`))))],
    "split.ipynb": [cell({}, stream(`x ${token.slice(0, 20)}`), stream(token.slice(20)))],
    "first.ipynb": [cell({}, stream(token)), cell({ keep_output: true }, stream("kept"))],
    "kept.ipynb": [cell({}, stream("a")), cell({ keep_output: true }, stream(other))],
  };
  for (const [name, cells] of Object.entries(shown)) {
    const notebook = { cells, metadata: {}, nbformat: 4, nbformat_minor: 4 };
    repository.write(name, JSON.stringify(notebook));
  }
  const { stderr } = await repository.tryGit("add", ".");
  const told = Array.from(
    stderr.matchAll(/an output of (\S+) holds a token/gu),
    ([, name]) => name,
  );
  assert.deepEqual(told, ["base64.ipynb", "escaped.ipynb", "first.ipynb", "split.ipynb"]);
});

Deno.test("filter clears notebooks of any size, one after the other", async () => {
  using repository = await filtered();
  for (const [at, kib] of [1, 63, 64, 65, 200, 3_000, 9_000, 2].entries()) {
    repository.write(`size${at}.ipynb`, cellsOf([`at = ${at}`], "x".repeat(kib * 1024)));
    repository.write(`source${at}.ipynb`, cellsOf([`${"y".repeat(kib * 1024)} = ${at}`], "out"));
  }
  const { stderr } = await repository.tryGit("add", ".");
  assert.equal(stderr, "");
  for (const [at, kib] of [1, 63, 64, 65, 200, 3_000, 9_000, 2].entries()) {
    assert.equal(await repository.git("show", `:size${at}.ipynb`), cellsOf([`at = ${at}`]));
    const source = cellsOf([`${"y".repeat(kib * 1024)} = ${at}`]);
    assert.equal(await repository.git("show", `:source${at}.ipynb`), source);
  }
});

Deno.test("filter that cannot start or dies loses no file and stops no git command", async () => {
  using repository = await filtered();
  const start = `${repository.path}/.git/hushbook/filter`;
  const text = await Deno.readTextFile(start);
  const faults = {
    "no hushbook": text.replace(/^script=.*$/mu, "script=/gone/hushbook.ts"),
    "dies at once": "#!/bin/sh\nkill -9 $$\n",
    "dies while it works": "#!/bin/sh\nread x\nkill -9 $$\n",
    "has a module that does not load": text.replace(/^script=.*$/mu, "script=$0"),
  };
  for (const [name, fault] of Object.entries(faults)) {
    await Deno.writeTextFile(start, fault);
    repository.write("a.ipynb", DIRTY_2);
    for (const command of [["status"], ["add", "."], ["stash", "-q"], ["stash", "pop", "-q"]]) {
      const { code, stderr } = await repository.tryGit(...command);
      assert.equal(code, 0, `${name}: git ${command.join(" ")}: ${stderr}`);
    }
    assert.equal(repository.read("a.ipynb"), DIRTY_2, name);
    assert.match(await repository.git("diff"), /b = 2/, name);
    const checkout = await repository.tryGit("checkout", "-q", "-f", "HEAD", "--", ".");
    assert.equal(checkout.code, 0, checkout.stderr);
    assert.equal(repository.read("a.ipynb"), CLEAN, name);
  }
  await Deno.remove(start);
  repository.write("a.ipynb", DIRTY_2);
  assert.match(await repository.git("diff"), /b = 2/);
  assert.equal((await repository.tryGit("add", ".")).code, 0);
  const { code, stderr } = await repository.tryGit("commit", "-qm", "the hook clears it");
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN_2);
});

Deno.test("filter follows hushbook.json and serves single files", async () => {
  using repository = await filtered();
  repository.write("hushbook.json", `{ "keepOutput": ["gallery/**"] }`);
  repository.write("gallery/a.ipynb", DIRTY);
  repository.write("x.ipynb", DIRTY);
  await repository.git("add", ".");
  assert.match(await repository.git("show", ":gallery/a.ipynb"), /result 1/);
  assert.equal(await repository.git("show", ":x.ipynb"), CLEAN);
  const start = `${repository.path}/.git/hushbook/filter`;
  const clean = await repository.run(start, ["clean", "x.ipynb"], { input: DIRTY });
  assert.equal(clean.stdout, CLEAN);
  const broken = await repository.run(start, ["clean", "x.ipynb"], { input: "[" });
  assert.deepEqual([broken.code, broken.stdout], [0, "["]);
  assert.match(broken.stderr, /cannot clear x\.ipynb/);
  const textconv = await repository.run(start, ["textconv", "x.ipynb"]);
  assert.equal(textconv.stdout, CLEAN);
});
