/** What the hook advises works as it is printed: pasted into a shell, whatever the file is called. */

import assert from "node:assert/strict";
import { cellsOf, hookedRepository, LAUNCH } from "../kit/hook.ts";
import { type Ended, type TestRepository, testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const TOKEN = fakeToken(7);
const LEAK = cellsOf(["a = 1"], TOKEN);
const CLEAN = cellsOf(["a = 1"]);
const PROGRAM = `${Deno.execPath()} run -A --no-config ${LAUNCH.script}`;

/** Pastes the first line of a message that starts as given. */
async function paste(repository: TestRepository, message: string, start: string): Promise<Ended> {
  const line = message.split("\n").find((each) => each.startsWith(`  ${start}`)) ?? "  false";
  return await repository.run("bash", ["-c", line.slice(2).replace(/^hushbook/u, PROGRAM)]);
}

Deno.test("advice of a refused commit works for every name", async () => {
  using repository = await hookedRepository();
  const names = [
    "-x.ipynb",
    "--help.ipynb",
    ":x.ipynb",
    ":(top)y.ipynb",
    "[ab].ipynb",
    'it\'s "q".ipynb',
    "tab\tline\n.ipynb",
    "back\\slash.ipynb",
    "$HOME `x` ~ #.ipynb",
    "out/ignored.ipynb",
    "café.ipynb",
  ];
  for (const name of names) repository.write(name, LEAK);
  repository.write(".gitignore", "out/\n");
  await repository.git("add", "-Af", ".");
  repository.write("a.ipynb", LEAK); // [ab].ipynb is a pattern that would stage it too
  const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.equal(code, 1);
  const followed = await paste(repository, stderr, "hushbook scrub");
  assert.equal(followed.code, 0, followed.stderr + followed.stdout);
  await repository.git("commit", "-qm", "clean");
  for (const name of names) assert.equal(await repository.git("show", `HEAD:${name}`), CLEAN, name);
  assert.equal(await repository.git("status", "--porcelain"), "?? a.ipynb\n");
});

Deno.test("advice takes checkpoint copies out of the index, where scrub never writes", async () => {
  using repository = await hookedRepository();
  repository.write(".ipynb_checkpoints/a-checkpoint.ipynb", LEAK);
  repository.write("b.txt", "b");
  await repository.git("add", "-A");
  const { stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.doesNotMatch(stderr, /hushbook scrub/);
  const followed = await paste(repository, stderr, "git rm --cached");
  assert.equal(followed.code, 0, followed.stderr);
  await repository.git("commit", "-qm", "without");
  assert.equal(repository.read(".ipynb_checkpoints/a-checkpoint.ipynb"), LEAK);
});

Deno.test("advice names no command for a name that is a token or no UTF-8, and shows no token", async () => {
  using repository = await hookedRepository();
  repository.write(`${TOKEN}.ipynb`, LEAK);
  const script = `printf '%s' "$1" > "$(printf 'b\\351.ipynb')" && git add -A`;
  await repository.run("sh", ["-c", script, "sh", LEAK]);
  const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.equal(code, 1);
  assert.equal(stderr.includes(TOKEN), false);
  assert.match(stderr, /in the name of a file: give it another name \(git mv\)/);
  assert.match(stderr, /a name that is not UTF-8 .*rename/i);
  assert.doesNotMatch(stderr, /^ {2}(?:hushbook|git) /m);
});

Deno.test("the command that brings outputs back works for every name", async () => {
  using repository = await hookedRepository();
  const names = ["-x.ipynb", ":x.ipynb", 'it\'s "q".ipynb', "line\n.ipynb", "sub/a b.ipynb"];
  const dirty = cellsOf(["a = 1"], "result");
  for (const name of names) repository.write(name, dirty);
  await repository.git("add", "-A");
  const cwd = `${repository.path}/sub`;
  const { code, stderr } = await repository.run("git", ["commit", "-qm", "x"], { cwd });
  assert.equal(code, 0, stderr);
  const commands = [...stderr.matchAll(/(git cat-file blob .*)$/gmu)].map(([command]) => command);
  assert.equal(commands.length, names.length);
  for (const command of commands) {
    assert.equal((await repository.run("bash", ["-c", command], { cwd })).code, 0, command);
  }
  for (const name of names) assert.equal(repository.read(name), dirty, name);
});

Deno.test("advice starts Deno by npx for whoever installed the hook by npx", async () => {
  using repository = await testRepository();
  const run = `run --no-config --allow-all ${LAUNCH.script} hook install`.split(" ");
  for (
    const [npm, word] of [["exec", `npx -y deno@${Deno.version.deno} run `], ["", "deno run "]]
  ) {
    const env = { npm_command: npm! };
    const { code, stderr } = await repository.run(Deno.execPath(), run, { env });
    assert.equal(code, 0, stderr);
    const hook = repository.read(".git/hooks/pre-commit");
    assert.ok(hook.includes(`\nHUSHBOOK_PROGRAM='${word}`), hook);
  }
});
