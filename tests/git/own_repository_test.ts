/** This project under its own hook and filter: what is checked in passes both, and what is not does not. */

import assert from "node:assert/strict";
import { installIn } from "../kit/hook.ts";
import { testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");

const COPY = 'cd "$1"; git ls-files -z --cached --others --exclude-standard | ' +
  'xargs -0 sh -c \'for file; do [ ! -e "$file" ] || cp --parents "$file" "$0"; done\' "$2"';

Deno.test("this project's own files pass its hook and its filter, unchanged", async () => {
  using repository = await testRepository();
  const copied = await repository.run("sh", ["-ec", COPY, "sh", ROOT, repository.path]);
  assert.equal(copied.code, 0, copied.stderr);
  await installIn(repository, { filter: true, prePush: true });
  await repository.git("add", ".");
  const notebooks = (await repository.git("ls-files", "*.ipynb")).trim().split("\n");
  assert.ok(notebooks.length >= 5);
  for (const path of notebooks) {
    assert.equal(await repository.git("show", `:${path}`), repository.read(path), path);
  }
  const { code, stderr } = await repository.tryGit("commit", "-qm", "all of it");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(await repository.git("status", "--porcelain"), "");

  const path = "notebooks/quickstart.ipynb";
  const clean = repository.read(path);
  const run = '"outputs": [{"output_type": "stream", "name": "stdout", "text": ["1\\n"]}]';
  repository.write(path, clean.replace('"outputs": []', run));
  assert.notEqual(repository.read(path), clean);
  await repository.git("add", path);
  assert.equal(await repository.git("show", `:${path}`), clean, "the filter clears what was run");

  repository.write("README.md", `${repository.read("README.md")}\n${fakeToken(44)}\n`);
  await repository.git("add", "README.md");
  const refused = await repository.tryGit("commit", "-qm", "a token");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /README\.md/);
  assert.ok(!refused.stderr.includes(fakeToken(44)));
});
