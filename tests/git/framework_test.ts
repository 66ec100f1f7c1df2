/** The hook of the pre-commit framework, with the real program. */

import assert from "node:assert/strict";
import { cellsOf, installIn } from "../kit/hook.ts";
import { needs } from "../kit/programs.ts";
import { type TestRepository, testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const project = new URL("../../", import.meta.url).pathname;

/** A repository that uses this project as a hook of the framework, from a copy of it under git. */
async function withFramework(): Promise<TestRepository> {
  const repository = await testRepository();
  const hushbook = repository.at(`${repository.outside}/hushbook`);
  await repository.git("init", "-q", hushbook.path);
  const copied = await repository.run("cp", [
    "-R",
    `${project}src`,
    `${project}scripts`,
    `${project}.pre-commit-hooks.yaml`,
    hushbook.path,
  ]);
  assert.equal(copied.code, 0, copied.stderr);
  await hushbook.git("add", ".");
  await hushbook.git("commit", "-qm", "as released", "--no-verify");
  const rev = (await hushbook.git("rev-parse", "HEAD")).trim();
  repository.write(
    ".pre-commit-config.yaml",
    `repos:\n  - repo: ${hushbook.path}\n    rev: ${rev}\n    hooks:\n      - id: hushbook\n`,
  );
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  const installed = await repository.run("pre-commit", ["install"]);
  assert.equal(installed.code, 0, installed.stdout + installed.stderr);
  return repository;
}

Deno.test({
  ...needs(
    "hook fix works under the pre-commit framework and loses no unstaged edit",
    "pre-commit",
  ),
  async fn() {
    using repository = await withFramework();
    const staged = cellsOf(["a = 1"], "result 1");
    repository.write("a b.ipynb", staged);
    await repository.git("add", ".");
    const refused = await repository.tryGit("commit", "-qm", "x");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr + refused.stdout, /'a b\.ipynb': outputs cleared/);
    assert.equal(repository.read("a b.ipynb"), cellsOf(["a = 1"]));
    assert.equal(await repository.git("show", ":a b.ipynb"), staged);
    await repository.git("add", "a b.ipynb");
    await repository.git("commit", "-qm", "x");
    assert.equal(await repository.git("show", "HEAD:a b.ipynb"), cellsOf(["a = 1"]));

    // Unstaged edits in the very cell that gets cleared.
    repository.write("a b.ipynb", cellsOf(["a = 2"], "result 2"));
    await repository.git("add", ".");
    const edited = cellsOf(["a = 2 # not staged yet"], "result 3");
    repository.write("a b.ipynb", edited);
    const again = await repository.tryGit("commit", "-qm", "y");
    assert.equal(again.code, 1);
    assert.equal(repository.read("a b.ipynb"), edited);
    assert.equal(await repository.git("show", ":a b.ipynb"), cellsOf(["a = 2"], "result 2"));

    await repository.git("add", ".");
    repository.write("key.txt", fakeToken());
    await repository.git("add", "key.txt");
    const leak = await repository.tryGit("commit", "-qm", "z");
    assert.equal(leak.code, 1);
    assert.match(
      leak.stderr + leak.stdout,
      /key\.txt: line 1, column 1: Hugging Face user access token/,
    );
    assert.equal((leak.stderr + leak.stdout).includes(fakeToken()), false);
    await repository.git("rm", "-qf", "key.txt");
    const all = await repository.run("pre-commit", ["run", "--all-files"]);
    assert.equal(all.code, 0, all.stdout);
  },
});

Deno.test({
  ...needs("the lines printed for the pre-commit framework work", "pre-commit"),
  async fn() {
    using repository = await testRepository();
    repository.write(".pre-commit-config.yaml", "repos: []\n");
    await repository.run("pre-commit", ["install"]);
    const program = `${Deno.execPath()} run -A --no-config ${project}scripts/hushbook.ts`;
    const launch = { deno: Deno.execPath(), script: "", program, denoFolder: undefined };
    const message = await installIn(repository, { launch }).then(
      () => "",
      (error) => error.message,
    );
    const lines = message.split("\n").filter((line: string) => line.startsWith("  "));
    repository.write(
      ".pre-commit-config.yaml",
      lines.map((line: string) => `${line.slice(2)}\n`).join(""),
    );
    repository.write("a.ipynb", cellsOf(["x"], "out"));
    await repository.git("add", ".");
    const { code, stderr, stdout } = await repository.tryGit("commit", "-qm", "x");
    assert.equal(code, 1, stderr);
    assert.match(stderr + stdout, /a\.ipynb: outputs cleared/);
    repository.write(
      ".pre-commit-config.yaml",
      repository.read(".pre-commit-config.yaml").replace("hook fix --", "hook run"),
    );
    await repository.git("add", ".");
    const wrong = await repository.tryGit("commit", "-qm", "x");
    assert.equal(wrong.code, 1);
  },
});
