/** The whole process group of a commit killed at any moment: git, the hook, and what it has started. */

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { cellsOf, hookedRepository } from "../kit/hook.ts";
import type { TestRepository } from "../kit/repository.ts";
import { seededRandom } from "../kit/tokens.ts";

const names = Array.from({ length: 24 }, (_, at) => `folder ${at}/notebook ${at}.ipynb`);
const DIRTY = cellsOf(["x = 1", "y = ".padEnd(20_000, "2")], "result");
const CLEAN = cellsOf(["x = 1", "y = ".padEnd(20_000, "2")]);

/** Starts `git commit` in a process group of its own. */
function commitApart({ path, env }: TestRepository, form: readonly string[]): Deno.ChildProcess {
  return new Deno.Command("setsid", {
    args: ["git", "commit", "-qm", "killed", ...form],
    cwd: path,
    env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** The locks that git leaves when it is killed; it removes none of them itself. */
function locks({ path }: TestRepository): string[] {
  return [...Deno.readDirSync(`${path}/.git`)].map(({ name }) => name)
    .filter((name) => name.endsWith(".lock"));
}

Deno.test("hook killed with its git leaves the old or the new index, whole notebooks, and no lock that git does not name", async () => {
  using repository = await hookedRepository();
  await repository.git("commit", "-qm", "root", "--allow-empty");
  const id = async (content: string) =>
    (await repository.run("git", ["hash-object", "-w", "--stdin"], { input: content })).stdout
      .trim();
  const known = [await id(DIRTY), await id(CLEAN)];
  const random = seededRandom(11);
  const began = performance.now();
  for (const name of names) repository.write(name, DIRTY);
  await repository.git("add", ".");
  await commitApart(repository, ["--dry-run"]).status; // warms the caches
  const whole = commitApart(repository, []);
  await whole.status;
  const length = performance.now() - began; // more than one commit takes here, whatever the load
  await repository.git("reset", "-q", "--soft", "HEAD~1");
  for (let round = 0; round < 9; round++) {
    const form = [[], ["-a"], ["--only", ...names]][round % 3]!;
    for (const name of names) repository.write(name, DIRTY);
    await repository.git("add", ".");
    const before = (await repository.git("rev-parse", "HEAD")).trim();
    const commit = commitApart(repository, form);
    const after = random() * length;
    const ended = new AbortController();
    const { signal } = ended;
    await Promise.race([commit.status, delay(after, undefined, { signal }).catch(() => {})]);
    ended.abort();
    await repository.run("kill", ["-9", "--", `-${commit.pid}`]);
    await commit.status;

    const label = `${form[0] ?? "plain"} after ${after} ms`;
    for (const name of names) {
      const content = repository.read(name);
      assert.ok(content === DIRTY || content === CLEAN, `${name}, ${label}`);
    }
    const held = locks(repository);
    if (held.includes("index.lock")) {
      const { code, stderr } = await repository.tryGit("commit", "-qm", "again");
      assert.equal(code, 128, label);
      assert.match(stderr, /index\.lock': File exists[\s\S]*remove the file/u, label);
    }
    for (const name of held) await Deno.remove(`${repository.path}/.git/${name}`);
    const index = (await repository.git("ls-files", "-s")).trim().split("\n");
    assert.equal(index.length, names.length, label);
    for (const line of index) assert.ok(known.includes(line.split(" ")[1]!), `${line}, ${label}`);
    const now = (await repository.git("rev-parse", "HEAD")).trim();
    if (now !== before) { // killed when all was done
      assert.equal((await repository.tryGit("grep", "-c", "result", "HEAD")).stdout, "", label);
      await repository.git("reset", "-q", "--soft", before);
    }
  }
  for (const name of names) repository.write(name, DIRTY);
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "after all");
  assert.equal((await repository.tryGit("grep", "-c", "result", "HEAD")).stdout, "");
  await repository.git("fsck", "--strict", "--no-progress");
  assert.equal((await repository.run("find", [".", "-name", ".hushbook*"])).stdout, "");
});
