// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { recordedIo } from "../kit/io.ts";
import { code, file, notebook, stream } from "../kit/planted/notebook.ts";
import { needs } from "../kit/programs.ts";
import { testRepository } from "../kit/repository.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

async function scan(cwd: string, ...args: string[]) {
  const io = recordedIo({ cwd });
  const exit = await main(["scan", ...args], io);
  return { exit, out: io.stdout, err: io.stderr };
}

async function scanJson(cwd: string, ...args: string[]) {
  const { exit, out, err } = await scan(cwd, "--json", ...args);
  const report = JSON.parse(out);
  return { exit, err, report, paths: report.findings.map(({ path }: { path: string }) => path) };
}

Deno.test("scan finds tokens in any file of a folder outside of git and changes nothing", async () => {
  using folder = temporaryFolder();
  const at = (name: string) => `${folder.path}/${name}`;
  Deno.mkdirSync(at("node_modules"));
  Deno.mkdirSync(at("deep/er"), { recursive: true });
  Deno.writeTextFileSync(at(".env"), `HF_TOKEN=${fakeToken(1)}\n`);
  Deno.writeTextFileSync(at("node_modules/x.js"), fakeToken(2));
  Deno.writeFileSync(at("deep/er/n.ipynb"), file(notebook([code(["x"], [stream(fakeToken(3))])])));
  Deno.writeTextFileSync(at("clean.md"), "hf_hub_download\n");
  Deno.symlinkSync(at("clean.md"), at("link"));
  const before = Deno.statSync(at(".env")).mtime;
  const { exit, report, paths } = await scanJson(folder.path);
  assert.equal(exit, 1);
  assert.deepEqual(paths, [".env", "deep/er/n.ipynb"]);
  assert.equal(report.summary.searched, 4);
  assert.deepEqual(Deno.statSync(at(".env")).mtime, before);
  assert.deepEqual((await scanJson(folder.path, "deep")).paths, ["deep/er/n.ipynb"]);
  assert.deepEqual((await scanJson(folder.path, "**/*.ipynb")).paths, ["deep/er/n.ipynb"]);
  assert.deepEqual((await scanJson(at("deep"), "../.env")).paths, ["../.env"]);
  assert.equal((await scan(folder.path, "clean.md")).exit, 0);
});

Deno.test("scan goes on after a file it cannot read and exits with 3", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/a.py`, fakeToken(1));
  const { exit, report, paths } = await scanJson(folder.path, "missing.py", "a.py", "*.none");
  assert.equal(exit, 3);
  assert.deepEqual(paths, ["a.py"]);
  assert.equal(report.failures.length, 2);
});

Deno.test("scan exits with 2 for what it does not understand", async () => {
  using folder = temporaryFolder();
  for (
    const args of [
      ["--format", "xml"],
      ["--json", "--format", "sarif"],
      ["--fail-on", "note"],
      ["--staged", "--history"],
      ["--staged", "a"],
      ["-", "a"],
      ["--allow-all-tokens"],
    ]
  ) {
    const { exit, err } = await scan(folder.path, ...args);
    assert.equal(exit, 2, args.join(" "));
    assert.match(err, /^Cannot /);
  }
});

Deno.test("scan with --fail-on token lets suspects pass but still reports them", async () => {
  using folder = temporaryFolder();
  const suspect = ["hf", "abcdefghijklmnopqrstuvwxyzABCDEFGH"].join("_");
  Deno.writeTextFileSync(`${folder.path}/a.py`, suspect);
  assert.equal((await scan(folder.path)).exit, 1);
  const { exit, report } = await scanJson(folder.path, "--fail-on", "token");
  assert.deepEqual([exit, report.summary.suspects], [0, 1]);
});

Deno.test("scan reads standard input", async () => {
  const io = recordedIo({ input: `token: ${fakeToken(1)}` });
  assert.equal(await main(["scan", "-"], io), 1);
  assert.match(io.stdout, /^standard input:1:8: Hugging Face user access token\n/);
});

Deno.test("scan follows .hushbook-allow, counts what it allows, and tells expired and unused entries", async () => {
  using folder = temporaryFolder();
  Deno.mkdirSync(`${folder.path}/docs`);
  Deno.writeTextFileSync(`${folder.path}/docs/a.md`, fakeToken(1));
  Deno.writeTextFileSync(`${folder.path}/b.md`, fakeToken(2));
  const entries = [
    `${fingerprint(fakeToken(1))} docs/** shown in the manual`,
    `${fingerprint(fakeToken(2))} b.md until=2020-01-01 old`,
    `${fingerprint(fakeToken(3))} b.md gone`,
  ].sort();
  Deno.writeTextFileSync(`${folder.path}/.hushbook-allow`, `${entries.join("\n")}\n`);
  const { exit, report } = await scanJson(folder.path);
  assert.equal(exit, 1);
  assert.deepEqual([report.summary.allowed, report.summary.tokens], [1, 1]);
  assert.deepEqual(report.allow.expired.map(({ reason }: { reason: string }) => reason), ["old"]);
  assert.deepEqual(report.allow.unused.map(({ reason }: { reason: string }) => reason), ["gone"]);
  assert.equal((await scan(folder.path, "docs")).exit, 0);
  Deno.writeTextFileSync(`${folder.path}/.hushbook-allow`, "everything\n");
  const { exit: broken, err } = await scan(folder.path);
  assert.equal(broken, 3);
  assert.match(err, /line 1: it does not begin with a fingerprint/);
});

Deno.test("scan shows no token of a file's name, and reports it", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/${fakeToken(1)}.txt`, "x");
  const { exit, out } = await scan(folder.path);
  assert.equal(exit, 1);
  assert.match(out, /^….txt:1:1: Hugging Face user access token\n {4}name, line 1/);
  assert.ok(!out.includes(fakeToken(1).slice(3, 12)));
});

Deno.test({
  ...needs("scan reads the files of a repository, what is staged, and the history", "git"),
  async fn() {
    using repository = await testRepository();
    const top = repository.path;
    Deno.writeTextFileSync(`${top}/.gitignore`, ".env\n");
    Deno.writeTextFileSync(`${top}/.env`, fakeToken(1));
    Deno.writeTextFileSync(`${top}/old.py`, fakeToken(2));
    await repository.git("add", "-A");
    await repository.git("commit", "-qm", "one");
    Deno.removeSync(`${top}/old.py`);
    await repository.git("add", "-A");
    await repository.git("commit", "-qm", "two");
    Deno.mkdirSync(`${top}/sub`);
    Deno.writeTextFileSync(`${top}/sub/é x.py`, fakeToken(3));
    assert.deepEqual((await scanJson(top)).paths, ["sub/é x.py"]);
    assert.deepEqual((await scanJson(`${top}/sub`)).paths, ["../sub/é x.py"]);
    assert.deepEqual((await scanJson(top, "--staged")).paths, []);
    await repository.git("add", "-A");
    Deno.writeTextFileSync(`${top}/sub/é x.py`, "clean");
    assert.deepEqual((await scanJson(top)).paths, []);
    assert.deepEqual((await scanJson(top, "--staged")).paths, ["sub/é x.py"]);
    const { paths, report } = await scanJson(top, "--history");
    assert.deepEqual(paths, ["old.py"]);
    assert.match(report.findings[0].commit, /^[0-9a-f]{40}$/);
  },
});

Deno.test("scan goes on when an LFS pointer lies outside of any repository", async () => {
  using folder = temporaryFolder();
  const oid = "0123456789abcdef".repeat(4);
  Deno.writeTextFileSync(
    `${folder.path}/a.bin`,
    `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 5\n`,
  );
  Deno.writeTextFileSync(`${folder.path}/b.env`, fakeToken());
  const { exit, paths } = await scanJson(folder.path);
  assert.equal(exit, 1);
  assert.deepEqual(paths, ["b.env"]);
});
