import assert from "node:assert/strict";
import { searchStaged } from "../../src/git/staged.ts";
import { cellsOf } from "../kit/hook.ts";
import { testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

Deno.test("searchStaged finds tokens in staged content and names only, and changes nothing", async () => {
  using repository = await testRepository();
  repository.write("sub/a.ipynb", cellsOf(["x"], fakeToken(1)));
  repository.write(`${fakeToken(2)}.txt`, "");
  repository.write("b.py", `t = "${fakeToken(3)}"`);
  await repository.git("add", ".");
  repository.write("b.py", "");
  repository.write("untracked.py", fakeToken(4));
  const before = await repository.git("status", "--porcelain");
  const { findings, files } = await searchStaged({ cwd: `${repository.path}/sub` });
  assert.equal(files, 3);
  assert.deepEqual(findings.map(({ path, field }) => [path, field]).sort(), [
    ["b.py", "text"],
    ["sub/a.ipynb", "cells[0].outputs[0].text"],
    ["….txt", "name"],
  ]);
  assert.equal(await repository.git("status", "--porcelain"), before);
});
