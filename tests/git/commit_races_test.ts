/** The hook killed at any moment, and racing with other git processes. */

import assert from "node:assert/strict";
import { cellsOf, hookedRepository } from "../kit/hook.ts";
import { replaceEntries } from "../../src/git/index_file.ts";
import { stagedEntries } from "../../src/git/raw_diff.ts";
import { seededRandom } from "../kit/tokens.ts";

const names = Array.from({ length: 12 }, (_, at) => `folder ${at}/notebook ${at}.ipynb`);

Deno.test("hook killed at any moment leaves whole notebooks, a sound index and nothing committed", async () => {
  using repository = await hookedRepository();
  const dirty = cellsOf(["x = 1", "y = ".padEnd(20_000, "2")], "result");
  const clean = cellsOf(["x = 1", "y = ".padEnd(20_000, "2")]);
  const random = seededRandom(5);
  for (let round = 0; round < 12; round++) {
    for (const name of names) repository.write(name, dirty);
    await repository.git("add", ".");
    const hook = new Deno.Command(`${repository.path}/.git/hooks/pre-commit`, {
      cwd: repository.path,
      env: { ...repository.env, GIT_INDEX_FILE: ".git/index" },
      clearEnv: true,
      stderr: "null",
      stdout: "null",
    }).spawn();
    const after = 15 + random() * 60;
    await new Promise((resolve) => setTimeout(resolve, after));
    await killDenoOf(hook);
    await hook.status;
    for (const name of names) {
      const content = repository.read(name);
      assert.ok(content === dirty || content === clean, `${name} after ${after} ms`);
    }
    // A git that the killed hook had started ends by itself; it may hold the lock until then.
    let staged = await repository.tryGit("ls-files", "-s");
    for (let wait = 0; wait < 40 && staged.stdout === ""; wait++) {
      staged = await repository.tryGit("ls-files", "-s");
    }
    assert.equal(staged.stdout.split("\n").length, names.length + 1);
  }
  for (const name of names) repository.write(name, dirty);
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "after all");
  assert.doesNotMatch(await repository.git("grep", "-c", "result", "HEAD").catch(() => ""), /./);
  await repository.git("fsck", "--strict", "--no-progress");
  assert.equal((await repository.run("find", [".", "-name", ".hushbook*"])).stdout, "");
});

/** Kills the Deno that a hook has started, as soon as there is one, unless the hook ends before. */
async function killDenoOf(hook: Deno.ChildProcess): Promise<void> {
  let ended = false;
  hook.status.then(() => ended = true);
  while (!ended && !killedDeno(hook.pid)) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Kills the Deno that is a child of a process; false if there is none. */
function killedDeno(parent: number): boolean {
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/u.test(name)) continue;
    try {
      const stat = Deno.readTextFileSync(`/proc/${name}/stat`);
      if (!new RegExp(`\\(deno\\) \\S ${parent} `, "u").test(stat)) continue;
      Deno.kill(Number(name), "SIGKILL");
      return true;
    } catch { /* It has ended meanwhile. */ }
  }
  return false;
}

Deno.test("hook whose git has given up the commit makes no new index", async () => {
  using repository = await hookedRepository();
  repository.write("a.ipynb", cellsOf(["x"], "out"));
  await repository.git("add", ".");
  const [entry] = await stagedEntries({ cwd: repository.path });
  const place = { top: repository.path, indexFile: `${repository.path}/.git/index.lock` };
  const replacements = [{ entry: entry!, id: entry!.id }];
  await assert.rejects(replaceEntries(replacements, place, new Map()), { code: "git-failed" });
  await assert.rejects(Deno.lstat(place.indexFile), Deno.errors.NotFound);
});

Deno.test("two commits that race commit no output and break nothing", async () => {
  using repository = await hookedRepository();
  const dirty = (at: number, turn: number) => cellsOf([`x${at} = ${turn}`], `result ${turn}`);
  for (let turn = 0; turn < 4; turn++) {
    for (const [at, name] of names.entries()) repository.write(name, dirty(at, turn));
    await repository.git("add", ".");
    const forms = [["-m", "plain"], turn % 2 === 0 ? ["-am", "all"] : ["-m", "path", names[0]!]];
    const ended = await Promise.all(
      forms.map((form) => repository.tryGit("commit", "-q", ...form)),
    );
    const said = ended.map(({ stderr }) => stderr).join("\n");
    assert.ok(ended.some(({ code }) => code === 0), said);
  }
  await repository.git("add", ".");
  await repository.tryGit("commit", "-qm", "what is left");
  const committed = await repository.tryGit("log", "-p", "--format=");
  assert.doesNotMatch(committed.stdout, /^\+.*result/m);
  assert.equal(await repository.git("status", "--porcelain"), "");
  for (const name of names) assert.doesNotThrow(() => JSON.parse(repository.read(name)));
  await repository.git("fsck", "--strict", "--no-progress");
});

Deno.test("hook waits for another git process that holds the index for a moment", async () => {
  using repository = await hookedRepository();
  repository.write("a.ipynb", cellsOf(["x"], "out"));
  await repository.git("add", ".");
  const lock = `${repository.path}/.git/index.lock`;
  await Deno.writeTextFile(lock, "");
  const hook = repository.run(`${repository.path}/.git/hooks/pre-commit`, [], {
    env: { GIT_INDEX_FILE: ".git/index" },
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  await Deno.remove(lock);
  const { code, stderr } = await hook;
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", ":a.ipynb"), cellsOf(["x"]));
});
