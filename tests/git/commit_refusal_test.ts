/** What the hook refuses, what it says, and that it fails closed. */

import assert from "node:assert/strict";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { cellsOf, hookedRepository, LAUNCH } from "../kit/hook.ts";
import type { Ended, TestRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const TOKEN = fakeToken(7);

async function tryCommit(
  repository: TestRepository,
  files: Record<string, string>,
  env: Record<string, string> = {},
): Promise<Ended> {
  for (const [name, content] of Object.entries(files)) repository.write(name, content);
  await repository.git("add", "-A", "-f");
  return await repository.run("git", ["commit", "-qm", "commit"], { env });
}

/** The index, the working tree and HEAD, to see that nothing was changed. */
async function everything(repository: TestRepository): Promise<string> {
  return await repository.git("ls-files", "-s") + await repository.git("status", "--porcelain") +
    await repository.git("for-each-ref");
}

Deno.test("hook refuses a token in an output, and its advice leads to the commit", async () => {
  using repository = await hookedRepository();
  const notebook = cellsOf(
    ["client"],
    `InferenceClient { accessToken: \u001b[32m"${TOKEN}"\u001b[39m }`,
  );
  repository.write("my notebook.ipynb", notebook);
  repository.write("fine.ipynb", cellsOf(["x"], "out"));
  await repository.git("add", ".");
  const before = await everything(repository);
  const { code, stderr } = await repository.tryGit("commit", "-qm", "leak");
  assert.equal(code, 1);
  assert.equal(stderr.includes(TOKEN), false);
  assert.match(
    stderr,
    /'my notebook\.ipynb': cell 1, cells\[0\]\.outputs\[0\]\.text, line 1, column \d+, in an output/,
  );
  assert.match(
    stderr,
    /\n {2}hushbook scrub 'my notebook\.ipynb' && git add 'my notebook\.ipynb'\n/,
  );
  assert.match(stderr, /rotate it at https:\/\/huggingface\.co\/settings\/tokens/);
  assert.equal(await everything(repository), before);
  assert.equal(repository.read("my notebook.ipynb"), notebook);

  const advice = /^ {2}(hushbook scrub .*)$/mu.exec(stderr)?.[1] ?? "false";
  const program = `${Deno.execPath()} run -A --no-config ${LAUNCH.script}`;
  const followed = await repository.run("sh", ["-c", advice.replace(/^hushbook/u, program)]);
  assert.equal(followed.code, 0, followed.stderr);
  await repository.git("commit", "-qm", "clean");
  assert.equal(await repository.git("show", "HEAD:my notebook.ipynb"), cellsOf(["client"]));
});

Deno.test("hook refuses a token in a source and in any other file, and says to remove and rotate it", async () => {
  const files = {
    "a.ipynb": cellsOf([`token = "${TOKEN}"`]),
    "src/app.py": `TOKEN = "${TOKEN}"\n`,
    ".env": `HF_TOKEN=${TOKEN}\n`,
    "deep/er/image.bin": `\u0000\u0001${TOKEN}\u0000`,
  };
  for (const [name, content] of Object.entries(files)) {
    using repository = await hookedRepository();
    const { code, stderr } = await tryCommit(repository, { [name]: content });
    assert.equal(code, 1, name);
    assert.equal(stderr.includes(TOKEN), false, name);
    assert.match(stderr, /written in the file itself: remove it there/);
    assert.ok(stderr.includes(`\n  git add ${name}\n`), stderr);
    assert.doesNotMatch(stderr, /hushbook scrub/);
  }
});

Deno.test("hook refuses a suspect such as the alphabet, and a token in a file's name", async () => {
  using repository = await hookedRepository();
  const suspect = ["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_");
  const first = await tryCommit(repository, { "a.md": `use ${suspect}\n` });
  assert.equal(first.code, 1);
  assert.match(
    first.stderr,
    /a\.md: line 1, column 5: Suspected Hugging Face token \(37 characters, fingerprint/,
  );
  repository.write("a.md", "");
  const second = await tryCommit(repository, { [`${TOKEN}.txt`]: "" });
  assert.equal(second.code, 1);
  assert.match(second.stderr, /in the file's name/);
  assert.equal(second.stderr.includes(TOKEN), false);
});

Deno.test("hook refuses a token behind a symbolic link's target", async () => {
  using repository = await hookedRepository();
  await Deno.symlink(`https://user:${TOKEN}@huggingface.co`, `${repository.path}/link`);
  assert.equal((await tryCommit(repository, {})).code, 1);
});

Deno.test("hook offers no scrub where settings keep the output", async () => {
  using repository = await hookedRepository();
  const { code, stderr } = await tryCommit(repository, {
    "gallery/a.ipynb": cellsOf(["x"], TOKEN),
    "hushbook.json": `{ "keepOutput": ["gallery/**"] }`,
  });
  assert.equal(code, 1);
  assert.doesNotMatch(stderr, /hushbook scrub/);
});

Deno.test("hook takes settings from the index, not from the working file", async () => {
  using repository = await hookedRepository();
  const notebook = cellsOf(["x"], "kept");
  repository.write("hushbook.json", `{ "keepOutput": true }`);
  repository.write("a.ipynb", notebook);
  await repository.git("add", ".");
  repository.write("hushbook.json", "not JSON");
  await repository.git("commit", "-qm", "kept");
  assert.match(await repository.git("show", "HEAD:a.ipynb"), /kept/);
  const { code, stderr } = await tryCommit(repository, { "b.ipynb": notebook });
  assert.notEqual(code, 0);
  assert.match(stderr, /could not be checked.*\n.*hushbook\.json/);
});

Deno.test("hook refuses damaged notebooks and names the place", async () => {
  const whole = cellsOf(["x"], "out");
  const damaged = {
    truncated: whole.slice(0, 200),
    trailing: `${whole}x`,
    shape: "[]",
    text: "hello",
  };
  using repository = await hookedRepository();
  const files = Object.fromEntries(
    Object.entries(damaged).map(([name, content]) => [`${name}.ipynb`, content]),
  );
  const { code, stderr } = await tryCommit(repository, { ...files, "fine.ipynb": whole });
  assert.equal(code, 1);
  for (const name of Object.keys(damaged)) assert.ok(stderr.includes(`${name}.ipynb: `), stderr);
  assert.match(stderr, /Mend what could not be read, then stage again\.\n {2}git add /);
  assert.equal(repository.read("fine.ipynb"), whole);
});

Deno.test("hook fails closed without Deno, without hushbook and without git's objects", async () => {
  using repository = await hookedRepository();
  const path = `${repository.path}/.git/hooks/pre-commit`;
  const hook = await Deno.readTextFile(path);
  const bare = { PATH: "/usr/bin:/bin" };
  // Only programs of the system, so that no other Deno is found there.
  await Deno.writeTextFile(
    path,
    hook.replace(/^deno=.*$/mu, "deno=/gone/deno").replaceAll("/usr/bin/deno", "/gone/too")
      .replace("command -v deno", "command -v no-deno-here").replaceAll(
        "/usr/local/bin/deno",
        "/gone/3",
      ),
  );
  repository.write("a.txt", "a");
  await repository.git("add", ".");
  const noDeno = await repository.run("git", ["commit", "-qm", "x"], { env: bare });
  assert.equal(noDeno.code, 1);
  assert.match(
    noDeno.stderr,
    /cannot check this commit: Deno is not where it was/,
  );

  await Deno.writeTextFile(path, hook.replace(/^script=.*$/mu, "script=/gone/hushbook.ts"));
  const noScript = await repository.tryGit("commit", "-qm", "x");
  assert.equal(noScript.code, 1);
  assert.match(noScript.stderr, /hushbook is not where it was/);

  await Deno.writeTextFile(path, hook);
  const id = (await repository.git("rev-parse", ":a.txt")).trim();
  await Deno.remove(`${repository.path}/.git/objects/${id.slice(0, 2)}/${id.slice(2)}`);
  const noObject = await repository.tryGit("commit", "-qm", "x");
  assert.equal(noObject.code, 1);
  assert.match(noObject.stderr, /could not be checked/);
});

Deno.test("hook finds Deno again after it moved, in a bare environment, apart from the repository's own files", async () => {
  using repository = await hookedRepository();
  const path = `${repository.path}/.git/hooks/pre-commit`;
  const hook = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, hook.replace(/^deno=.*$/mu, "deno=/gone/deno"));
  const bin = `${repository.env.HOME}/.deno/bin`;
  await Deno.mkdir(bin, { recursive: true });
  await Deno.symlink(Deno.execPath(), `${bin}/deno`);
  const { DENO_DIR } = repository.env;
  const { code, stderr } = await repository.run("env", [
    "-i",
    `HOME=${repository.env.HOME}`,
    `DENO_DIR=${DENO_DIR}`,
    "PATH=/usr/bin:/bin",
    "LD_LIBRARY_PATH=/nowhere",
    `GIT_CONFIG_GLOBAL=${repository.env.GIT_CONFIG_GLOBAL}`,
    "sh",
    "-c",
    `printf '{ broken' | tee deno.json package.json deno.lock >/dev/null
     printf 'x = [' > .npmrc; printf 'DENO_X=1' > .env
     printf '%s' "$1" > a.ipynb && git add -f . && git commit -qm bare`,
    "sh",
    cellsOf(["x"], "out"),
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["x"]));
});

Deno.test("hook records a refusal by fingerprint, and one that cannot be recorded is still a refusal", async () => {
  using repository = await hookedRepository();
  const folder = `${repository.outside}/state/hushbook`;
  const env = { HUSHBOOK_HOME: folder };
  const { code, stderr } = await tryCommit(
    repository,
    { "a.ipynb": cellsOf([`t = "${TOKEN}"`]) },
    env,
  );
  assert.equal(code, 1);
  assert.doesNotMatch(stderr, /Warning/);
  const log = await Deno.readTextFile(`${folder}/audit.jsonl`);
  assert.match(log, /"event":"hook\.refuse".*"command":"hook run"/);
  assert.ok(log.includes(fingerprint(TOKEN)));
  assert.equal(log.includes(TOKEN), false);
  await Deno.mkdir(`${repository.outside}/blocked`);
  await Deno.writeTextFile(`${repository.outside}/blocked/file`, "");
  const blocked = { HUSHBOOK_HOME: `${repository.outside}/blocked/file` };
  const again = await repository.run("git", ["commit", "-qm", "x"], { env: blocked });
  assert.equal(again.code, 1);
  assert.match(
    again.stderr,
    /this commit is refused[\s\S]*Warning: this refusal could not be recorded/,
  );
});

Deno.test("hook allows what .hushbook-allow in the index names, until it expires", async () => {
  using repository = await hookedRepository();
  const entry = (rest: string) => `${fingerprint(TOKEN)} ${rest}\n`;
  const leak = { "docs/a.py": `t = "${TOKEN}"` };
  const allowed = await tryCommit(repository, {
    ...leak,
    ".hushbook-allow": entry("docs/** made up for the tutorial"),
  });
  assert.equal(allowed.code, 0, allowed.stderr);
  assert.match(allowed.stderr, /1 finding is allowed by \.hushbook-allow/);
  repository.write(".hushbook-allow", entry("** whatever, and not staged"));
  repository.write("other/b.py", leak["docs/a.py"]);
  await repository.git("add", "other");
  assert.equal((await repository.tryGit("commit", "-qm", "elsewhere")).code, 1);
  const expired = await tryCommit(repository, {
    ".hushbook-allow": entry("** until=2020-01-31 only for a while"),
  });
  assert.equal(expired.code, 1);
  assert.match(expired.stderr, /\.hushbook-allow:1: this entry expired on 2020-01-31/);
  const damaged = await tryCommit(repository, { ".hushbook-allow": "*\n" });
  assert.notEqual(damaged.code, 0);
  assert.match(damaged.stderr, /could not be checked.*\n.*\.hushbook-allow: line 1/);
});

Deno.test("hook prints no control character of a file's name", async () => {
  using repository = await hookedRepository();
  const { stderr } = await tryCommit(repository, { "a\u001b[31m'x.py": TOKEN });
  assert.equal(stderr.includes("\u001b"), false);
  assert.ok(stderr.includes("git add $'a\\u001b[31m\\'x.py'"), stderr);
});
