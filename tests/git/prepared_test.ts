/** What the hook file asks from git while Deno starts, against what the hook itself would ask. */

import assert from "node:assert/strict";
import { POLICY_FILES } from "../../src/git/policy.ts";
import { ObjectReader } from "../../src/git/objects.ts";
import { readPrepared, stagedLines } from "../../src/git/prepared.ts";
import { hasBlob, stagedEntries } from "../../src/git/raw_diff.ts";
import { cellsOf, hookedRepository } from "../kit/hook.ts";
import { type TestRepository, testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

/** What the shell prints in a repository, in pieces of so many bytes. */
async function printed({ path, env }: TestRepository, step: number) {
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", [...stagedLines(POLICY_FILES), "staged"].join("\n")],
    cwd: path,
    env,
    clearEnv: true,
  }).output();
  let at = 0;
  return {
    bytes: stdout,
    read(into: Uint8Array) {
      if (at >= stdout.length) return null;
      const piece = stdout.subarray(at, at + Math.min(step, into.length));
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}

const NAMES = [
  "a.ipynb",
  "end",
  " leading and trailing ",
  "é ü 🤗.ipynb",
  'quote " and back\\slash',
  "tab\tand\nline\r\x01\x07\x0b\x7f",
  "--option",
  "*",
  "$(touch hacked) `x` ${y}",
];

Deno.test("the hook file hears from git what the hook would ask, whatever the names", async () => {
  using repository = await testRepository();
  repository.write("gone", "gone");
  repository.write("type", "a file");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "one");
  for (const name of NAMES) repository.write(`folder/${name}`, `in ${name}`);
  repository.write("empty", "");
  repository.write("hushbook.json", "{}");
  await Deno.remove(`${repository.path}/gone`);
  await Deno.remove(`${repository.path}/type`);
  await Deno.symlink("a target", `${repository.path}/type`);
  await repository.git("add", "-A");
  // A name that is no UTF-8, and a submodule.
  const id = (await repository.git("hash-object", "-w", "empty")).trim();
  const commit = (await repository.git("rev-parse", "HEAD")).trim();
  const index = `100644 ${id}\tfolder/\xff\xfe.ipynb\n160000 ${commit}\tmodule\n`;
  const input = Uint8Array.from(index, (char) => char.charCodeAt(0));
  await repository.run("git", ["update-index", "--add", "--index-info"], { input });

  const asked = await stagedEntries({ cwd: repository.path });
  assert.equal(asked.length, NAMES.length + 6);
  for (const step of [Infinity, 1, 7]) {
    const { read } = await printed(repository, step);
    const { entries, source } = readPrepared(read)!;
    assert.deepEqual(entries, asked);
    await using objects = new ObjectReader({}, source);
    await using direct = new ObjectReader({ cwd: repository.path });
    const names = [...POLICY_FILES, ...asked.filter(hasBlob).map(({ id }) => id)];
    const sent = direct.ask(names, true);
    for (const _ of names) {
      const [one, other] = [await objects.next(), await direct.next()];
      assert.deepEqual(one, other);
      if (one !== null) assert.deepEqual(await objects.bytes(one), await direct.bytes(other!));
    }
    await sent;
    await assert.rejects(objects.next(), { code: "git-failed" });
  }
  await assert.rejects(Deno.lstat(`${repository.path}/hacked`), Deno.errors.NotFound);
});

Deno.test("readPrepared takes no list that did not come whole, and an empty one as empty", async () => {
  using repository = await testRepository();
  assert.deepEqual(readPrepared((await printed(repository, 1)).read)?.entries, []);
  repository.write("a", "a");
  await repository.git("add", ".");
  const { bytes } = await printed(repository, Infinity);
  const end = new TextDecoder().decode(bytes).indexOf("\nend\n") + 5;
  for (let length = 0; length < end; length++) {
    const pieces = [bytes.subarray(0, length)].filter((piece) => piece.length > 0);
    const prepared = readPrepared((into) => {
      const piece = pieces.shift();
      if (piece !== undefined) into.set(piece);
      return piece?.length ?? null;
    });
    assert.equal(prepared, undefined);
  }
});

Deno.test("the hook asks git itself where the hook file's answer is missing, and refuses a torn one", async () => {
  using repository = await hookedRepository();
  const path = `${repository.path}/.git/hooks/pre-commit`;
  const text = await Deno.readTextFile(path);
  const missing = text.replace("staged() {", "staged() {\n  return 1");
  assert.notEqual(missing, text);
  await Deno.writeTextFile(path, missing);
  repository.write("a.ipynb", cellsOf(["x"], "out"));
  await repository.git("add", ".");
  const cleared = await repository.tryGit("commit", "-qm", "x");
  assert.equal(cleared.code, 0, cleared.stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["x"]));
  repository.write("b.txt", fakeToken());
  await repository.git("add", ".");
  assert.equal((await repository.tryGit("commit", "-qm", "x")).code, 1);

  repository.write("b.txt", "harmless");
  await repository.git("add", ".");
  const torn = text.replace("git cat-file --batch", "git cat-file --batch | head -c 60");
  assert.notEqual(torn, text);
  await Deno.writeTextFile(path, torn);
  const refused = await repository.tryGit("commit", "-qm", "x");
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /could not be checked/);
  await Deno.writeTextFile(path, text);
  assert.equal((await repository.tryGit("commit", "-qm", "x")).code, 0);
});
