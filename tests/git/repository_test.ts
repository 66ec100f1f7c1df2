import assert from "node:assert/strict";
import { GitError } from "../../src/errors.ts";
import { findRepository, ignoredPaths, isTracked, listFiles } from "../../src/git/repository.ts";
import { testRepository } from "../kit/repository.ts";
import { temporaryFolder } from "../kit/temporary.ts";

Deno.test("findRepository finds folders in a subfolder and in a linked worktree", async () => {
  using repository = await testRepository();
  const { path } = repository;
  repository.write("sub/a.ipynb", "{}");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  assert.deepEqual(await findRepository(`${path}/sub`), {
    top: path,
    gitFolder: `${path}/.git`,
    commonFolder: `${path}/.git`,
  });
  const linked = `${repository.outside}/linked worktree`;
  await repository.git("worktree", "add", "-qb", "other", linked);
  assert.deepEqual(await findRepository(linked), {
    top: linked,
    gitFolder: `${path}/.git/worktrees/linked-worktree`,
    commonFolder: `${path}/.git`,
  });
  assert.equal((await findRepository(`${path}/.git`)).top, undefined);
  using none = temporaryFolder();
  await assert.rejects(
    findRepository(none.path),
    (error) => error instanceof GitError && error.code === "git-no-repository",
  );
});

Deno.test("listFiles lists tracked and untracked files, whatever their names, but no ignored ones", async () => {
  using repository = await testRepository();
  const names = ["a b.ipynb", "café/ü.ipynb", "line\nend.ipynb", "new.ipynb", "gone.ipynb"];
  for (const name of names) repository.write(name, "{}");
  repository.write("other.txt", "");
  repository.write("ignored/x.ipynb", "{}");
  repository.write(".gitignore", "ignored/\n");
  await repository.git("add", ...names.filter((name) => name !== "new.ipynb"));
  await Deno.remove(`${repository.path}/gone.ipynb`);
  const notebooks = await listFiles(repository.path, ["*.ipynb"]);
  assert.deepEqual(notebooks?.sort(), names.sort());
  assert.deepEqual(await listFiles(`${repository.path}/café`), ["ü.ipynb"]);
  const whole = await listFiles(`${repository.path}/café`, [":/*.ipynb"]);
  assert.equal(whole?.length, names.length);
  assert.ok(whole?.includes("../new.ipynb"));
  using none = temporaryFolder();
  assert.equal(await listFiles(none.path), null);
});

Deno.test("ignoredPaths names what git ignores and never a tracked file", async () => {
  using repository = await testRepository();
  repository.write(".gitignore", "*.log\n.ipynb_checkpoints/\n");
  repository.write("tracked.log", "");
  await repository.git("add", "-f", "tracked.log");
  const ignored = await ignoredPaths(repository.path, [
    "tracked.log",
    "other.log",
    "a/.ipynb_checkpoints/b.ipynb",
    "b.ipynb",
  ]);
  assert.deepEqual([...ignored], ["other.log", "a/.ipynb_checkpoints/b.ipynb"]);
  using none = temporaryFolder();
  assert.equal((await ignoredPaths(none.path, ["x"])).size, 0);
});

Deno.test("isTracked is true only for files in the index", async () => {
  using repository = await testRepository();
  repository.write("sub/.env", "");
  repository.write("[x].env", "");
  await repository.git("add", "sub/.env");
  assert.equal(await isTracked(`${repository.path}/sub/.env`), true);
  assert.equal(await isTracked(`${repository.path}/.env`), false);
  assert.equal(await isTracked(`${repository.path}/[x].env`), false);
  using none = temporaryFolder();
  assert.equal(await isTracked(`${none.path}/.env`), false);
});
