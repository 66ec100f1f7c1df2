/** The hook in every form of `git commit`, driven by git itself. */

import assert from "node:assert/strict";
import { cellsOf, hookedRepository } from "../kit/hook.ts";
import type { TestRepository } from "../kit/repository.ts";

const DIRTY = cellsOf(["a = 1"], "result 1");
const CLEAN = cellsOf(["a = 1"]);
const DIRTY_2 = cellsOf(["a = 1", "b = 2"], "result 2");
const CLEAN_2 = cellsOf(["a = 1", "b = 2"]);

const head = (repository: TestRepository, path = "a.ipynb") =>
  repository.git("show", `HEAD:${path}`);
const status = (repository: TestRepository) => repository.git("status", "--porcelain");

/** A repository whose HEAD holds a cleared a.ipynb, committed through the hook. */
async function withNotebook(): Promise<TestRepository> {
  const repository = await hookedRepository();
  repository.write("a.ipynb", CLEAN);
  repository.write("other.txt", "other\n");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  return repository;
}

Deno.test("hook clears the first commit, its index and the working file", async () => {
  using repository = await hookedRepository();
  repository.write("a.ipynb", DIRTY);
  await repository.git("add", ".");
  const staged = (await repository.git("rev-parse", ":a.ipynb")).trim();
  const { code, stderr } = await repository.tryGit("commit", "-qm", "first");
  assert.equal(code, 0, stderr);
  assert.equal(await head(repository), CLEAN);
  assert.equal(repository.read("a.ipynb"), CLEAN);
  assert.equal(await status(repository), "");
  const restore = /git cat-file blob (\w+) > (\S+)/u.exec(stderr);
  assert.ok(staged.startsWith(restore?.[1] ?? "?"));
  assert.equal(await repository.git("cat-file", "blob", restore![1]!), DIRTY);
});

Deno.test("hook leaves the working file alone when it holds unstaged edits", async () => {
  using repository = await withNotebook();
  repository.write("a.ipynb", DIRTY_2);
  await repository.git("add", ".");
  const edited = cellsOf(["a = 1", "b = 2", "c = 3"], "result 3");
  repository.write("a.ipynb", edited);
  const { stderr } = await repository.tryGit("commit", "-qm", "second");
  assert.match(stderr, /a\.ipynb in the commit; the file itself was left alone/);
  assert.equal(await head(repository), CLEAN_2);
  assert.equal(repository.read("a.ipynb"), edited);
  assert.equal(await status(repository), " M a.ipynb\n");
});

Deno.test("hook clears commit -a, commit PATH and commit --include", async () => {
  for (const form of [["-a"], ["a.ipynb"], ["--include", "a.ipynb"], ["--only", "a.ipynb"]]) {
    using repository = await withNotebook();
    repository.write("a.ipynb", DIRTY_2);
    const partial = form[0] === "a.ipynb" || form[0] === "--only";
    if (partial) {
      repository.write("other.txt", "staged, but not for this commit\n");
      await repository.git("add", "other.txt");
    }
    const { code, stderr } = await repository.tryGit("commit", "-qm", "second", ...form);
    assert.equal(code, 0, stderr);
    assert.equal(await head(repository), CLEAN_2, form.join(" "));
    assert.equal(repository.read("a.ipynb"), CLEAN_2);
    assert.equal(await status(repository), partial ? "M  other.txt\n" : "", form.join(" "));
  }
});

Deno.test("hook clears a part chosen with commit -p and keeps the rest unstaged", async () => {
  using repository = await withNotebook();
  const long = Array.from({ length: 30 }, (_, at) => `line ${at}`).join("\n");
  repository.write("a.ipynb", cellsOf(["a = 1", long, "z = 1"]));
  await repository.git("commit", "-qam", "long");
  const edited = cellsOf(["a = 2", long, "z = 2"], "result");
  repository.write("a.ipynb", edited);
  const { code, stderr } = await repository.run("git", ["commit", "-p", "-qm", "part"], {
    input: "y\nn\n",
  });
  assert.equal(code, 0, stderr);
  assert.equal(await head(repository), cellsOf(["a = 2", long, "z = 1"]));
  assert.equal(repository.read("a.ipynb"), edited);
  assert.equal(await status(repository), " M a.ipynb\n");
});

Deno.test("hook clears --amend", async () => {
  using repository = await withNotebook();
  repository.write("a.ipynb", DIRTY_2);
  await repository.git("add", ".");
  await repository.git("commit", "-q", "--amend", "--no-edit");
  assert.equal(await head(repository), CLEAN_2);
  assert.equal((await repository.git("rev-list", "--count", "HEAD")).trim(), "1");
  assert.equal(await status(repository), "");
});

Deno.test("hook refuses a commit of nothing but outputs and keeps the working file", async () => {
  for (const form of [[], ["-a"], ["a.ipynb"]]) {
    using repository = await withNotebook();
    repository.write("a.ipynb", DIRTY);
    if (form.length === 0) await repository.git("add", ".");
    const { code, stderr } = await repository.tryGit("commit", "-qm", "nothing", ...form);
    assert.equal(code, 1);
    assert.match(stderr, /only outputs changed.*\n.*hushbook scrub a\.ipynb/);
    assert.equal(repository.read("a.ipynb"), DIRTY);
    assert.equal((await repository.git("rev-list", "--count", "HEAD")).trim(), "1");
    assert.equal(await status(repository), " M a.ipynb\n", form.join(" "));
  }
});

Deno.test("hook commits the rest when one of several notebooks changed only in outputs", async () => {
  using repository = await withNotebook();
  repository.write("a.ipynb", DIRTY);
  repository.write("other.txt", "changed\n");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "rest");
  const names = await repository.git("show", "--format=", "--name-only", "HEAD");
  assert.equal(names, "other.txt\n");
});

Deno.test("hook clears a commit that concludes a conflicted merge, even with nothing else in it", async () => {
  using repository = await withNotebook();
  await repository.git("checkout", "-qb", "side");
  repository.write("a.ipynb", cellsOf(["a = 2"]));
  await repository.git("commit", "-qam", "side");
  await repository.git("checkout", "-q", "main");
  repository.write("a.ipynb", cellsOf(["a = 3"]));
  await repository.git("commit", "-qam", "main");
  assert.equal((await repository.tryGit("merge", "-q", "side")).code, 1);
  repository.write("a.ipynb", cellsOf(["a = 3"], "result"));
  await repository.git("add", "a.ipynb");
  const { code, stderr } = await repository.tryGit("commit", "-qm", "merged");
  assert.equal(code, 0, stderr);
  assert.equal(await head(repository), cellsOf(["a = 3"]));
  assert.equal(
    (await repository.git("rev-list", "--count", "--min-parents=2", "HEAD")).trim(),
    "1",
  );
});

Deno.test("hook refuses a notebook with conflict markers that was added all the same", async () => {
  using repository = await withNotebook();
  repository.write("a.ipynb", `<<<<<<< HEAD\n${CLEAN}=======\n${CLEAN_2}>>>>>>> side\n`);
  await repository.git("add", ".");
  const { code, stderr } = await repository.tryGit("commit", "-qm", "markers");
  assert.equal(code, 1);
  assert.match(stderr, /this commit is refused, and nothing was changed/);
  assert.match(stderr, /a\.ipynb: .*conflict/i);
  assert.match(stderr, /git add a\.ipynb/);
});

Deno.test("hook clears cherry-pick --continue", async () => {
  using repository = await withNotebook();
  await repository.git("checkout", "-qb", "side");
  repository.write("a.ipynb", cellsOf(["a = 2"]));
  await repository.git("commit", "-qam", "side");
  await repository.git("checkout", "-q", "main");
  repository.write("a.ipynb", cellsOf(["a = 3"]));
  await repository.git("commit", "-qam", "main");
  assert.equal((await repository.tryGit("cherry-pick", "side")).code, 1);
  repository.write("a.ipynb", cellsOf(["a = 4"], "result"));
  await repository.git("add", "a.ipynb");
  await repository.git("cherry-pick", "--continue");
  assert.equal(await head(repository), cellsOf(["a = 4"]));
});

Deno.test("hook does nothing when nothing is staged", async () => {
  using repository = await withNotebook();
  await repository.git("commit", "-qm", "empty", "--allow-empty");
  assert.equal((await repository.git("rev-list", "--count", "HEAD")).trim(), "2");
});

Deno.test("hook run from a subfolder names paths as seen from there", async () => {
  using repository = await withNotebook();
  repository.write("sub/b.ipynb", cellsOf(["x"], "out"));
  repository.write("a.ipynb", DIRTY_2);
  await repository.git("add", ".");
  const { stderr } = await repository.run("git", ["commit", "-qm", "sub"], {
    cwd: `${repository.path}/sub`,
  });
  assert.match(stderr, /> \.\.\/a\.ipynb\n/);
  assert.match(stderr, /> b\.ipynb\n/);
});

Deno.test("hook refuses to amend only a message while outputs are staged, and lets the next try through", async () => {
  using repository = await withNotebook();
  repository.write("a.ipynb", DIRTY);
  await repository.git("add", ".");
  const amend = () => repository.tryGit("commit", "-q", "--amend", "-m", "better");
  const refused = await amend(); // a hook is not told of --amend
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /only outputs changed/);
  const { code, stderr } = await amend(); // the index holds no output any more
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("log", "--format=%s"), "better\n");
  assert.equal(await head(repository), CLEAN);
  assert.equal(repository.read("a.ipynb"), DIRTY);
});

Deno.test("hook clears commit PATH with an index of the user's own, whose next commit is clear too", async () => {
  using repository = await withNotebook();
  const env = { GIT_INDEX_FILE: `${repository.outside}/own index` };
  const own = async (...args: string[]) => {
    const { code, stdout, stderr } = await repository.run("git", args, { env });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  await own("read-tree", "HEAD");
  repository.write("a.ipynb", DIRTY_2);
  await own("commit", "-qm", "second", "a.ipynb");
  assert.equal(await head(repository), CLEAN_2);
  assert.equal(repository.read("a.ipynb"), CLEAN_2);
  // Git tells the hook nothing of that index, which holds the blob with outputs until the next commit.
  repository.write("other.txt", "changed\n");
  await own("add", "other.txt");
  await own("commit", "-qm", "third");
  assert.equal(await head(repository), CLEAN_2);
  assert.equal(await own("show", ":a.ipynb"), CLEAN_2);
});

Deno.test("hook clears many working files together, and leaves each edited one alone", async () => {
  using repository = await withNotebook();
  const names = Array.from({ length: 40 }, (_, at) => `many/${at}.ipynb`);
  for (const name of names) repository.write(name, DIRTY_2);
  await repository.git("add", ".");
  const edited = names.filter((_, at) => at % 9 === 4);
  for (const name of edited) repository.write(name, DIRTY);
  const { code, stderr } = await repository.tryGit("commit", "-qm", "many");
  assert.equal(code, 0, stderr);
  for (const name of names) {
    assert.equal(await head(repository, name), CLEAN_2);
    const isEdited = edited.includes(name);
    assert.equal(repository.read(name), isEdited ? DIRTY : CLEAN_2, name);
    assert.equal(
      stderr.includes(`${name} in the commit; the file itself was left alone`),
      isEdited,
    );
  }
});
