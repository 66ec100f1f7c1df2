/** Hook managers that set unstaged edits aside while the hook runs. */

import assert from "node:assert/strict";
import { cellsOf, LAUNCH } from "../kit/hook.ts";
import { testRepository } from "../kit/repository.ts";

Deno.test("hook run loses no unstaged edit under lefthook, in a linked worktree too", async () => {
  using repository = await testRepository();
  // What lefthook 2.2.2 does where a file is staged in part.
  const hook = `#!/bin/sh
patch=$(git rev-parse --git-path info/lefthook-unstaged.patch)
git diff --unified=0 --no-color --no-ext-diff --output="$patch"
git checkout -q --force -- .
${Deno.execPath()} run -A --no-config ${LAUNCH.script} hook run || exit 1
git apply --recount --unidiff-zero "$patch" || exit 1
rm "$patch"
`;
  await Deno.writeTextFile(`${repository.path}/.git/hooks/pre-commit`, hook, { mode: 0o755 });
  repository.write("a.ipynb", cellsOf(["a = 1"]));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first", "--no-verify");
  const linked = repository.at(`${repository.outside}/linked`);
  await repository.git("worktree", "add", "-q", linked.path);
  for (const tree of [repository, linked]) {
    tree.write("a.ipynb", cellsOf(["a = 2"], "result 2"));
    await tree.git("add", ".");
    const edited = cellsOf(["a = 2 # not staged"], "result 3");
    tree.write("a.ipynb", edited);
    const { code, stderr } = await tree.tryGit("commit", "-qm", "part");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /the file itself was left alone/);
    assert.equal(await tree.git("show", "HEAD:a.ipynb"), cellsOf(["a = 2"]));
    assert.equal(tree.read("a.ipynb"), edited);
  }
});
