/** The one file that `deno task bundle` makes, copied somewhere else. */

import assert from "node:assert/strict";
import { ROOT } from "../kit/kernel.ts";
import { needs } from "../kit/programs.ts";
import { testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));

async function bundleTo(file: string): Promise<void> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: tasks.bundle.command.replace("dist/hushbook.js", file).split(" ").slice(1),
    cwd: ROOT,
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

Deno.test({
  ...needs("one file guards a repository whose deno.json is broken", "git"),
  async fn() {
    using repository = await testRepository();
    const file = `${repository.outside}/hushbook.js`;
    await bundleTo(file);
    repository.write("deno.json", "{ broken");
    const hushbook = (...args: string[]) =>
      repository.run(Deno.execPath(), ["run", "--no-config", "--no-lock", "-A", file, ...args]);
    const installed = await hushbook("hook", "install");
    assert.equal(installed.code, 0, installed.stderr);
    assert.ok(repository.read(".git/hooks/pre-commit").includes(`script=${file}\n`));

    repository.write("a.py", `token = "${fakeToken(120)}"\n`);
    await repository.git("add", "a.py");
    const refused = await repository.tryGit("commit", "-m", "a token");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /a\.py: line 1, column 10: Hugging Face user access token/);
    assert.equal((await hushbook("scan", ".")).code, 1);

    repository.write("a.py", "token = None\n");
    await repository.git("add", "a.py");
    await repository.git("commit", "-m", "no token");
    assert.equal((await hushbook("scan", ".")).code, 0);
    assert.match((await hushbook("token", "save")).stderr, /not a hushbook command/);
  },
});
