/** The hook with every kind of index entry and every kind of repository. */

import assert from "node:assert/strict";
import { cellsOf, hookedRepository, installIn } from "../kit/hook.ts";
import { needs } from "../kit/programs.ts";
import type { TestRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const DIRTY = cellsOf(["a = 1"], "result 1");
const CLEAN = cellsOf(["a = 1"]);
const DIRTY_2 = cellsOf(["a = 1", "b = 2"], "result 2");
const CLEAN_2 = cellsOf(["a = 1", "b = 2"]);
const LEAK = cellsOf(["a = 1"], fakeToken());

async function commit(repository: TestRepository, ...args: string[]): Promise<string> {
  await repository.git("add", "-A");
  const { code, stderr } = await repository.tryGit("commit", "-qm", "commit", ...args);
  assert.equal(code, 0, stderr);
  return stderr;
}

Deno.test("hook clears names with spaces, quotes, line ends and other letters, renamed and edited", async () => {
  using repository = await hookedRepository();
  const names = [
    "a b.ipynb",
    'it\'s "x".ipynb',
    "line\nend.ipynb",
    "café/ü ñ.ipynb",
    "-x.ipynb",
    "$HOME.IPYNB",
  ];
  for (const name of names) repository.write(name, DIRTY);
  const said = await commit(repository);
  for (const name of names) {
    assert.equal(await repository.git("show", `HEAD:${name}`), CLEAN, name);
    assert.equal(repository.read(name), CLEAN, name);
  }
  assert.match(said, /> 'a b\.ipynb'\n/);
  await repository.git("mv", "a b.ipynb", "moved.ipynb");
  repository.write("moved.ipynb", DIRTY_2);
  await repository.git("rm", "-q", "café/ü ñ.ipynb");
  await commit(repository);
  assert.equal(await repository.git("show", "HEAD:moved.ipynb"), CLEAN_2);
  assert.equal(await repository.git("status", "--porcelain"), "");
});

Deno.test("hook clears a name that is not UTF-8 and leaves its file alone", async () => {
  using repository = await hookedRepository();
  const script = `printf '%s' "$1" > "$(printf 'b\\351.ipynb')" && git add -A`;
  const added = await repository.run("sh", ["-c", script, "sh", DIRTY]);
  assert.equal(added.code, 0, added.stderr);
  await repository.git("commit", "-qm", "latin1");
  const listed = await repository.git("ls-tree", "HEAD");
  const id = /blob (\w+)/u.exec(listed)?.[1] ?? "";
  assert.equal(await repository.git("cat-file", "blob", id), CLEAN);
  const content = await repository.run("sh", ["-c", "cat *.ipynb"]);
  assert.equal(content.stdout, DIRTY);
});

Deno.test("hook keeps modes, follows type changes and leaves symbolic links alone", async () => {
  using repository = await hookedRepository();
  repository.write("run.ipynb", DIRTY);
  repository.write("target.txt", DIRTY);
  await Deno.chmod(`${repository.path}/run.ipynb`, 0o755);
  await Deno.symlink("target.txt", `${repository.path}/link.ipynb`);
  await Deno.symlink("run.ipynb", `${repository.path}/turned.ipynb`);
  await commit(repository);
  assert.match(await repository.git("ls-tree", "HEAD", "run.ipynb"), /^100755/);
  assert.equal(((await Deno.stat(`${repository.path}/run.ipynb`)).mode ?? 0) & 0o777, 0o755);
  assert.match(await repository.git("ls-tree", "HEAD", "link.ipynb"), /^120000/);
  assert.equal(repository.read("target.txt"), DIRTY);
  await Deno.remove(`${repository.path}/turned.ipynb`);
  repository.write("turned.ipynb", DIRTY_2);
  await commit(repository);
  assert.match(await repository.git("ls-tree", "HEAD", "turned.ipynb"), /^100644/);
  assert.equal(await repository.git("show", "HEAD:turned.ipynb"), CLEAN_2);
});

Deno.test("hook keeps the working file's mode 0600 and never writes through a linked folder", async () => {
  using repository = await hookedRepository();
  repository.write("private.ipynb", DIRTY);
  await Deno.chmod(`${repository.path}/private.ipynb`, 0o600);
  repository.write("folder/a.ipynb", DIRTY);
  await repository.git("add", "-A");
  await Deno.rename(`${repository.path}/folder`, `${repository.outside}/folder`);
  await Deno.symlink(`${repository.outside}/folder`, `${repository.path}/folder`);
  await repository.git("commit", "-qm", "linked");
  assert.equal(((await Deno.stat(`${repository.path}/private.ipynb`)).mode ?? 0) & 0o777, 0o600);
  assert.equal(repository.read("private.ipynb"), CLEAN);
  assert.equal(await repository.git("show", "HEAD:folder/a.ipynb"), CLEAN);
  assert.equal(await Deno.readTextFile(`${repository.outside}/folder/a.ipynb`), DIRTY);
});

Deno.test("hook commits submodules and works inside one", async () => {
  using repository = await hookedRepository();
  const inner = repository.at(`${repository.outside}/inner`);
  await repository.git("init", "-q", inner.path);
  inner.write("x.txt", "x");
  await inner.git("add", ".");
  await inner.git("commit", "-qm", "inner");
  await repository.git("submodule", "--quiet", "add", inner.path, "sub");
  await commit(repository);
  assert.match(await repository.git("ls-tree", "HEAD", "sub"), /^160000/);
  const sub = repository.at(`${repository.path}/sub`);
  await installIn(sub);
  sub.write("a.ipynb", DIRTY);
  await commit(sub);
  assert.equal(await sub.git("show", "HEAD:a.ipynb"), CLEAN);
  assert.equal(sub.read("a.ipynb"), CLEAN);
});

Deno.test("hook refuses a token in the name of a submodule that no .gitmodules names", async () => {
  using repository = await hookedRepository();
  const inner = repository.at(`${repository.path}/${fakeToken()}`);
  await repository.git("init", "-q", inner.path);
  await inner.git("commit", "-qm", "inner", "--allow-empty");
  await repository.git("add", "-A");
  const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.equal(code, 1);
  assert.match(stderr, /in the file's name/);
});

Deno.test("hook works in a linked worktree, and with a split index", async () => {
  using repository = await hookedRepository();
  repository.write("a.ipynb", CLEAN);
  await commit(repository);
  const linked = repository.at(`${repository.outside}/linked tree`);
  await repository.git("worktree", "add", "-qb", "other", linked.path);
  await linked.git("update-index", "--split-index");
  linked.write("a.ipynb", DIRTY_2);
  await commit(linked);
  assert.equal(await linked.git("show", "HEAD:a.ipynb"), CLEAN_2);
  assert.equal(linked.read("a.ipynb"), CLEAN_2);
  linked.write("a.ipynb", cellsOf(["c"], "out"));
  await linked.git("commit", "-qm", "path", "a.ipynb");
  assert.equal(await linked.git("show", "HEAD:a.ipynb"), cellsOf(["c"]));
  assert.equal(await linked.git("status", "--porcelain"), "");
});

Deno.test("hook works in a SHA-256 repository", async () => {
  using repository = await hookedRepository("--object-format=sha256");
  repository.write("a.ipynb", DIRTY);
  await commit(repository);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN);
});

Deno.test("hook keeps the mark of files outside a sparse checkout", async () => {
  using repository = await hookedRepository();
  repository.write("in/a.ipynb", CLEAN);
  repository.write("out/b.ipynb", CLEAN);
  await commit(repository);
  await repository.git("sparse-checkout", "set", "in");
  const id = (await repository.run("git", ["hash-object", "-w", "--stdin"], { input: DIRTY_2 }))
    .stdout.trim();
  await repository.git("update-index", "--cacheinfo", `100644,${id},out/b.ipynb`);
  await repository.git("update-index", "--skip-worktree", "out/b.ipynb");
  await repository.git("commit", "-qm", "sparse");
  assert.equal(await repository.git("show", "HEAD:out/b.ipynb"), CLEAN_2);
  assert.match(await repository.git("ls-files", "-t", "out/b.ipynb"), /^S/);
  assert.equal(await repository.git("status", "--porcelain"), "");
});

Deno.test("hook keeps assume-unchanged and skip-worktree where the files are there", async () => {
  using repository = await hookedRepository();
  const names = ["assumed.ipynb", "both.ipynb", "skipped.ipynb"];
  for (const name of names) repository.write(name, DIRTY);
  await repository.git("add", ".");
  await repository.git("update-index", "--assume-unchanged", "assumed.ipynb", "both.ipynb");
  await repository.git("update-index", "--skip-worktree", "skipped.ipynb", "both.ipynb");
  const marks = await repository.git("ls-files", "-v");
  assert.equal(marks, "h assumed.ipynb\ns both.ipynb\nS skipped.ipynb\n");
  await repository.git("commit", "-qm", "marked");
  assert.equal(await repository.git("ls-files", "-v"), marks);
  for (const name of names) assert.equal(await repository.git("show", `HEAD:${name}`), CLEAN);
});

Deno.test("hook sees through -diff, binary, textconv, renames and external diff settings", async () => {
  for (const attribute of ["-diff", "binary", "diff=hidden"]) {
    using repository = await hookedRepository();
    await repository.git("config", "diff.hidden.textconv", "true");
    await repository.git("config", "diff.external", "true");
    await repository.git("config", "diff.renames", "copies");
    await repository.git("config", "diff.noprefix", "true");
    await repository.git("config", "diff.ignoreSubmodules", "all");
    repository.write(".gitattributes", `*.ipynb ${attribute}\n`);
    repository.write("a.ipynb", LEAK);
    await repository.git("add", ".");
    const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
    assert.equal(code, 1, attribute);
    assert.match(stderr, /a\.ipynb: cell 1/);
  }
});

Deno.test("hook clears CRLF working files with autocrlf and keeps their line ends", async () => {
  using repository = await hookedRepository();
  await repository.git("config", "core.autocrlf", "true");
  const crlf = (text: string) => text.replaceAll("\n", "\r\n");
  repository.write("a.ipynb", crlf(DIRTY));
  await commit(repository);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), CLEAN);
  assert.equal(repository.read("a.ipynb"), crlf(CLEAN));
  assert.equal(await repository.git("status", "--porcelain"), "");
});

Deno.test("hook leaves an empty notebook and an intent to add alone", async () => {
  using repository = await hookedRepository();
  repository.write("empty.ipynb", "");
  await repository.git("add", ".");
  repository.write("later.ipynb", LEAK);
  await repository.git("add", "-N", "later.ipynb");
  await repository.git("commit", "-qm", "empty");
  assert.equal(await repository.git("show", "--format=", "--name-only", "HEAD"), "empty.ipynb\n");
});

Deno.test({
  ...needs("hook reads what an LFS pointer stands for and leaves the pointer alone", "git-lfs"),
  async fn() {
    using repository = await hookedRepository();
    await repository.git("lfs", "install", "--local", "--skip-repo");
    await repository.git("lfs", "track", "*.ipynb");
    repository.write("a.ipynb", DIRTY);
    await commit(repository);
    assert.match(
      await repository.git("cat-file", "blob", "HEAD:a.ipynb"),
      /^version https:\/\/git-lfs/,
    );
    assert.equal(repository.read("a.ipynb"), DIRTY);
    repository.write("a.ipynb", LEAK);
    await repository.git("add", ".");
    repository.write("a.ipynb", DIRTY_2);
    const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
    assert.equal(code, 1);
    assert.match(stderr, /a\.ipynb/);
  },
});

Deno.test({
  ...needs("hook reads LFS content in a linked worktree although the file was edited", "git-lfs"),
  async fn() {
    using repository = await hookedRepository();
    await repository.git("lfs", "install", "--local", "--skip-repo");
    await repository.git("lfs", "track", "*.bin");
    await commit(repository);
    const linked = repository.at(`${repository.outside}/linked`);
    await repository.git("worktree", "add", "-q", linked.path);
    linked.write("a.bin", `key ${fakeToken()}`);
    await linked.git("add", ".");
    linked.write("a.bin", "another version");
    const { code, stderr } = await linked.tryGit("commit", "-qm", "leak");
    assert.equal(code, 1, stderr);
    assert.match(stderr, /a\.bin/);

    await repository.git("config", "lfs.storage", `${repository.outside}/store`);
    repository.write("b.bin", `key ${fakeToken(2)}`);
    await repository.git("add", ".");
    repository.write("b.bin", "another version");
    const unread = await repository.tryGit("commit", "-qm", "leak");
    assert.equal(unread.code, 1);
    assert.match(unread.stderr, /may not read.*git add that file as it is now/);
  },
});

Deno.test("hook lets a pointer of git-annex pass and searches the file it stands for", async () => {
  using repository = await hookedRepository();
  const pointer = "/annex/objects/SHA256E-s20--0123456789abcdef.ipynb\n";
  repository.write("a.ipynb", pointer);
  await commit(repository);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), pointer);
  repository.write("b.ipynb", pointer.replace("s20", "s21"));
  await repository.git("add", ".");
  repository.write("b.ipynb", LEAK); // as after git annex unlock
  const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.equal(code, 1);
  assert.match(stderr, /b\.ipynb: cell 1/);
});
