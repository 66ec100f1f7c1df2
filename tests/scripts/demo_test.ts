import assert from "node:assert/strict";
import { sourceUrl } from "../kit/child.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const { tasks } = JSON.parse(await Deno.readTextFile(new URL(sourceUrl("deno.json"))));

/** Starts the demo with the permissions of its task and nothing of this environment but the PATH. */
function startDemo(folder: string, path = Deno.env.get("PATH")!): Deno.ChildProcess {
  const { HOME = "", DENO_DIR = `${HOME}/.cache/deno` } = Deno.env.toObject();
  return new Deno.Command(Deno.execPath(), {
    args: tasks.demo.command.split(" ").slice(1),
    cwd: new URL(sourceUrl(".")),
    clearEnv: true,
    env: { PATH: path, DENO_DIR, TMPDIR: folder, HOME: folder, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What is left: files in its temporary folder, and processes that name it. */
async function leftovers(folder: string): Promise<string[]> {
  const files = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
  const ours = files.filter((name) => name.startsWith("hushbook"));
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(folder)) ours.push(line.replaceAll("\0", " "));
  }
  return ours;
}

Deno.test({
  ...needs("demo tells the whole story, shows no token and leaves nothing behind", "git"),
  async fn() {
    using folder = temporaryFolder();
    const begin = performance.now();
    const { code, stdout, stderr } = await startDemo(folder.path).output();
    const text = new TextDecoder().decode(stdout);
    assert.equal(code, 0, new TextDecoder().decode(stderr) + text);
    for (
      const told of [
        /a token is typed, and not shown/,
        /\| \*\*Hello\*\* from a model on this machine/,
        /\[picture: image\/png\]/,
        /Tokens in the file: 0\./,
        /inference\.end/,
        /records in 1 file verify/,
        /answer 3 after \d+\.\d s\n(.*\n)*.*answer 7 after ([3-9]|\d\d)/,
        /the credits are used up/,
        /hushbook token rotate/,
        /this commit is refused/,
        /The first commit was refused, the second accepted/,
      ]
    ) assert.match(text, told);
    assert.doesNotMatch(text, /hf_[A-Za-z0-9]{34}/);
    assert.ok(performance.now() - begin < 180_000);
    assert.deepEqual(await leftovers(folder.path), []);
  },
});

for (
  const [where, seen] of [["in the notebook", "> const hf"], ["while calls wait", "answer 1 "]]
) {
  Deno.test(`demo ends at once and leaves nothing behind when stopped ${where}`, async () => {
    using folder = temporaryFolder();
    const child = startDemo(folder.path);
    let text = "";
    let stopped = 0;
    const errors = new Response(child.stderr).text();
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) {
      text += piece;
      if (stopped === 0 && text.includes(seen!)) {
        stopped = performance.now();
        child.kill("SIGINT");
      }
    }
    assert.equal((await child.status).code, 130, text);
    assert.match(await errors, /Stopped; nothing is left behind/);
    assert.ok(performance.now() - stopped < 30_000);
    assert.deepEqual(await leftovers(folder.path), []);
  });
}

Deno.test("demo leaves the repository out, and says so, without git", async () => {
  using folder = temporaryFolder();
  const { code, stdout } = await startDemo(folder.path, folder.path).output();
  const text = new TextDecoder().decode(stdout);
  assert.equal(code, 0, text);
  assert.match(text, /Left out: there is no git on this machine/);
});
