// deno-lint-ignore-file no-sync-fn-in-async-fn -- small files, in a test
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { runGit } from "../../src/git/run.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { main } from "../../scripts/hushbook.ts";
import { recordedIo } from "../kit/io.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const DIRTY =
  '{"cells": [{"cell_type": "code", "execution_count": 3, "metadata": {}, "outputs": [{"output_type": "stream", "name": "stdout", "text": ["@"]}], "source": ["#"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}\n';
const CLEAN =
  '{"cells": [{"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": ["#"]}], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}\n';
const SUSPECT = `hf_${"abcdefghijklmnopqrstuvwxyz0123456789".slice(0, 34)}`;

function write(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = `${folder}/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeTextFileSync(file, text);
  }
}

async function scrub(cwd: string, ...args: string[]) {
  const io = recordedIo({ cwd });
  const code = await main(["scrub", ...args], io);
  return { code, out: io.stdout, err: io.stderr };
}

Deno.test("scrub clears notebooks in place and leaves clean ones untouched", async () => {
  using folder = temporaryFolder();
  write(folder.path, {
    "a.ipynb": DIRTY,
    "sub/b.ipynb": DIRTY,
    "clean.ipynb": CLEAN,
    "empty.ipynb": "",
  });
  const old = new Date("2001-02-03T04:05:06Z");
  for (const name of ["clean.ipynb", "empty.ipynb"]) {
    Deno.utimeSync(`${folder.path}/${name}`, old, old);
  }
  const { code, out, err } = await scrub(folder.path);
  equal(code, 0);
  match(out, /4 notebooks: 2 cleared \(\d+ bytes\)\./);
  equal(err, "");
  for (const name of ["a.ipynb", "sub/b.ipynb"]) {
    equal(Deno.readTextFileSync(`${folder.path}/${name}`), CLEAN);
  }
  for (const name of ["clean.ipynb", "empty.ipynb"]) {
    deepEqual(Deno.statSync(`${folder.path}/${name}`).mtime, old);
  }
  const again = await scrub(folder.path, ".");
  match(again.out, /4 notebooks: nothing to clear\./);
});

Deno.test("scrub --check changes nothing and exits 1 when something is to be cleared", async () => {
  using folder = temporaryFolder();
  write(folder.path, { "a.ipynb": DIRTY, "clean.ipynb": CLEAN });
  const dirty = await scrub(folder.path, "--check");
  equal(dirty.code, 1);
  match(dirty.out, /^a\.ipynb: to clear: outputs of 1 cell, 1 execution count \(\d+ bytes\)$/m);
  equal(Deno.readTextFileSync(`${folder.path}/a.ipynb`), DIRTY);
  equal((await scrub(folder.path, "--check", "clean.ipynb")).code, 0);
  equal((await scrub(folder.path, "--verify", "clean.ipynb")).code, 0);
  deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name).sort(), [
    "a.ipynb",
    "clean.ipynb",
  ]);
});

Deno.test("scrub warns of a token that was only in an output, and fails for one that remains", async () => {
  using folder = temporaryFolder();
  const token = fakeToken(1);
  write(folder.path, {
    "out.ipynb": DIRTY.replace("@", token),
    "source.ipynb": DIRTY.replace("#", token),
  });
  const check = await scrub(folder.path, "--check", "out.ipynb");
  equal(check.code, 1);
  const cleared = await scrub(folder.path, "out.ipynb");
  equal(cleared.code, 0);
  match(
    cleared.out,
    /^out\.ipynb: Hugging Face user access token, cleared\n {4}cell 1, .*line 1, column 1\n {4}37 characters, fingerprint [0-9a-f]{12}$/m,
  );
  match(cleared.out, /^Revoke at https:\/\/huggingface\.co\/settings\/tokens/m);
  match(cleared.out, /^1 notebook: 1 cleared \(.*\), 1 token in what is cleared\.$/m);
  equal(Deno.readTextFileSync(`${folder.path}/out.ipynb`), CLEAN);
  const remains = await scrub(folder.path, "source.ipynb");
  equal(remains.code, 1);
  equal(Deno.readTextFileSync(`${folder.path}/source.ipynb`), CLEAN.replace("#", token));
  const redacted = await scrub(folder.path, "--redact", "source.ipynb");
  equal(redacted.code, 0);
  equal(Deno.readTextFileSync(`${folder.path}/source.ipynb`), CLEAN.replace("#", "hf_REDACTED"));
  for (const { out, err } of [check, cleared, remains, redacted]) {
    for (let at = 3; at + 6 < token.length; at++) {
      ok(!(out + err).includes(token.slice(at, at + 6)));
    }
  }
});

Deno.test("scrub --fail-on token lets a suspect pass", async () => {
  using folder = temporaryFolder();
  write(folder.path, { "a.ipynb": CLEAN.replace("#", SUSPECT) });
  equal((await scrub(folder.path)).code, 1);
  const relaxed = await scrub(folder.path, "--fail-on", "token");
  equal(relaxed.code, 0);
  match(relaxed.out, /^a\.ipynb:1:\d+: Suspected Hugging Face token$/m);
});

Deno.test("scrub does the other files when some cannot be done, and exits 3", async () => {
  using folder = temporaryFolder();
  const token = fakeToken(2);
  const broken: Record<string, string> = {
    "conflict.ipynb": DIRTY.replace('"metadata": {},', '\n<<<<<<< HEAD\n"metadata": {},'),
    "cut.ipynb": DIRTY.slice(0, 100),
    "trailing.ipynb": `${DIRTY}\n{}`,
    "shape.ipynb": `{"token": "${token}"}`,
  };
  write(folder.path, { ...broken, "a.ipynb": DIRTY, "readonly.ipynb": DIRTY });
  Deno.chmodSync(`${folder.path}/readonly.ipynb`, 0o444);
  const { code, out, err } = await scrub(folder.path, ".", "gone.ipynb");
  equal(code, 3);
  equal(Deno.readTextFileSync(`${folder.path}/a.ipynb`), CLEAN);
  for (const [name, text] of Object.entries(broken)) {
    equal(Deno.readTextFileSync(`${folder.path}/${name}`), text);
  }
  match(err, /^conflict\.ipynb:2:1: Cannot read the notebook: a merge conflict marker/m);
  match(err, /^cut\.ipynb:1:\d+: Cannot read the notebook: the file ends where/m);
  match(err, /^trailing\.ipynb:3:1: Cannot read the notebook: more text follows/m);
  match(err, /^shape\.ipynb:1:1: Cannot read the notebook: it has no cells/m);
  match(err, /^readonly\.ipynb: Cannot write the notebook: the file is read-only/m);
  match(err, /^gone\.ipynb: Cannot read the notebook: there is no such file/m);
  match(out, /^shape\.ipynb:1:\d+: Hugging Face user access token$/m); // searched all the same
  match(out, /7 notebooks: 1 cleared \(\d+ bytes\), 1 token, 6 not done\./);
});

Deno.test("scrub reports tokens in checkpoint copies and never writes them", async () => {
  using folder = temporaryFolder();
  const copy = DIRTY.replace("@", fakeToken(3));
  const path = ".ipynb_checkpoints/a-checkpoint.ipynb";
  write(folder.path, { "a.ipynb": DIRTY, [path]: copy });
  const { code, out } = await scrub(folder.path);
  equal(code, 1);
  match(
    out,
    /^\.ipynb_checkpoints\/a-checkpoint\.ipynb:1:\d+: Hugging Face user access token, in a checkpoint copy, .*: delete it$/m,
  );
  equal(Deno.readTextFileSync(`${folder.path}/${path}`), copy);
});

Deno.test("scrub - reads standard input and writes only the notebook to standard output", async () => {
  using folder = temporaryFolder();
  const pass = async (input: string, ...args: string[]) => {
    const io = recordedIo({ cwd: folder.path, input });
    const code = await main(["scrub", "-", ...args], io);
    return { code, out: io.stdout, err: io.stderr };
  };
  deepEqual(await pass(DIRTY), { code: 0, out: CLEAN, err: "" });
  deepEqual(await pass(""), { code: 0, out: "", err: "" });
  const remains = await pass(CLEAN.replace("#", fakeToken(4)));
  equal(remains.code, 1);
  match(remains.err, /^standard input:1:\d+: Hugging Face user access token\n {4}cell 1, /);
  const broken = await pass(DIRTY.slice(0, 50));
  deepEqual([broken.code, broken.out], [3, ""]);
  match(broken.err, /^standard input:1:\d+: Cannot read the notebook/);
  const check = await pass(DIRTY, "--check");
  equal(check.code, 1);
  match(check.out, /^standard input: to clear: /);
});

Deno.test({
  name: "scrub tells of a hard link, which keeps the old content",
  ignore: Deno.build.os === "windows",
  async fn() {
    using folder = temporaryFolder();
    write(folder.path, { "a.ipynb": DIRTY });
    Deno.linkSync(`${folder.path}/a.ipynb`, `${folder.path}/b.txt`);
    const { code, err } = await scrub(folder.path, "a.ipynb");
    equal(code, 0);
    match(err, /^a\.ipynb: the file had 1 other name \(hard links\), which still lead to the old/);
    const read = (name: string) => Deno.readTextFileSync(`${folder.path}/${name}`);
    deepEqual([read("a.ipynb"), read("b.txt")], [CLEAN, DIRTY]);
  },
});

Deno.test("scrub --json reports what was done", async () => {
  using folder = temporaryFolder();
  write(folder.path, {
    "a.ipynb": DIRTY.replace("@", fakeToken(5)),
    "b.ipynb": "{",
    "c.ipynb": CLEAN,
  });
  const { code, out } = await scrub(folder.path, "--json");
  equal(code, 3);
  const { version, notebooks, summary } = JSON.parse(out);
  equal(version, 1);
  deepEqual(
    notebooks.map((entry: { path: string; changed: boolean }) => [entry.path, entry.changed]),
    [
      ["a.ipynb", true],
      ["b.ipynb", false],
      ["c.ipynb", false],
    ],
  );
  equal(notebooks[0].findings[0].outcome, "cleared");
  deepEqual(notebooks[0].removed, {
    outputs: 1,
    counts: 1,
    keys: 0,
    cells: 0,
    bytes: DIRTY.length + 36 - CLEAN.length,
  });
  deepEqual([notebooks[1].failure.code, notebooks[1].failure.line], ["notebook-truncated", 1]);
  equal(summary.cleared, 1);
  equal(summary.failures, 1);
});

Deno.test("scrub passes what .hushbook-allow names, and counts it", async () => {
  using folder = temporaryFolder();
  const [one, two] = [fakeToken(6), fakeToken(7)];
  const list = (pattern: string, until = "") => `${fingerprint(one)} ${pattern} ${until} made up\n`;
  write(folder.path, {
    "docs/a.ipynb": DIRTY.replace("#", `${one} ${two}`),
    ".hushbook-allow": list("docs/"),
  });
  const both = await scrub(folder.path);
  equal(both.code, 1);
  ok(both.out.includes(fingerprint(two)) && !both.out.includes(fingerprint(one)));
  match(both.out, /1 cleared \(.*\), 1 token, 1 token allowed\./);
  // What is allowed is not redacted.
  equal((await scrub(folder.path, "--redact")).code, 0);
  equal(
    Deno.readTextFileSync(`${folder.path}/docs/a.ipynb`),
    CLEAN.replace("#", `${one} hf_REDACTED`),
  );
  equal((await scrub(folder.path, "--check", "--verbose")).code, 0);
  Deno.writeTextFileSync(`${folder.path}/.hushbook-allow`, list("docs/", "until=2020-01-01"));
  const expired = await scrub(folder.path);
  equal(expired.code, 1);
  match(expired.out, /^\.hushbook-allow:1: [0-9a-f]{12}: expired, it allows nothing any more$/m);
  write(folder.path, { ".hushbook-allow": "anything\n", "b.ipynb": DIRTY });
  const refused = await scrub(folder.path);
  equal(refused.code, 3);
  match(refused.err, /\.hushbook-allow: line 1: /);
  equal(Deno.readTextFileSync(`${folder.path}/b.ipynb`), DIRTY);
});

Deno.test("scrub reports what remains as SARIF and as GitHub annotations", async () => {
  using folder = temporaryFolder();
  const text = DIRTY.replace("#", fakeToken(8)).replace("@", fakeToken(9));
  write(folder.path, { "a.ipynb": text });
  const check = await scrub(folder.path, "--check", "--format", "sarif");
  equal(JSON.parse(check.out).runs[0].results.length, 2);
  const { code, out } = await scrub(folder.path, "--format", "github");
  equal(code, 1);
  match(out, /^::error .*file=a\.ipynb/);
});

Deno.test("scrub shows no token of a file's name, and no control character", async () => {
  using folder = temporaryFolder();
  const token = fakeToken(10);
  write(folder.path, {
    [`${token}.ipynb`]: DIRTY,
    "a\n\x1b[31m.ipynb": "{",
    [`${token}2.ipynb`]: "{",
  });
  const shown = [await scrub(folder.path, "-v"), await scrub(folder.path, "--json")];
  for (const { code, out, err } of shown) {
    equal(code, 3);
    ok(!(out + err).includes(token.slice(3, 12)));
    ok(!(out + err).includes("\x1b"));
  }
});

Deno.test("scrub obeys its options and hushbook.json", async () => {
  using folder = temporaryFolder();
  write(folder.path, {
    "hushbook.json": '{"keepOutput": ["gallery/"], "extraKeys": ["metadata.x"]}',
    "gallery/a.ipynb": DIRTY,
    "b.ipynb": DIRTY.replace(
      '"metadata": {}, "nbformat"',
      '"metadata": {"x": 1, "y": 2}, "nbformat"',
    ),
  });
  equal((await scrub(folder.path, "--extra-keys", "metadata.y", "--keep-count")).code, 0);
  equal(Deno.readTextFileSync(`${folder.path}/gallery/a.ipynb`), DIRTY);
  const left = CLEAN.replace('"execution_count": null', '"execution_count": 3');
  equal(Deno.readTextFileSync(`${folder.path}/b.ipynb`), left);
  Deno.writeTextFileSync(`${folder.path}/hushbook.json`, '{"failOn": "token"}');
  const refused = await scrub(folder.path);
  equal(refused.code, 3);
  match(refused.err, /hushbook\.json: "failOn" is not a setting; allowed keys are/);
  equal(Deno.readTextFileSync(`${folder.path}/b.ipynb`), left);
});

Deno.test({
  ...needs("scrub without a path does the whole repository, but for what git ignores", "git"),
  async fn() {
    using folder = temporaryFolder();
    write(folder.path, {
      "tracked.ipynb": DIRTY,
      "sub/untracked.ipynb": DIRTY,
      "build/ignored.ipynb": DIRTY,
      ".gitignore": "build\n",
    });
    await runGit(["init", "-q"], { cwd: folder.path });
    await runGit(["add", "tracked.ipynb"], { cwd: folder.path });
    equal((await scrub(`${folder.path}/sub`)).code, 0);
    equal(Deno.readTextFileSync(`${folder.path}/tracked.ipynb`), CLEAN);
    equal(Deno.readTextFileSync(`${folder.path}/sub/untracked.ipynb`), CLEAN);
    equal(Deno.readTextFileSync(`${folder.path}/build/ignored.ipynb`), DIRTY);
  },
});

const WRONG: [args: string[], message: RegExp][] = [
  [["--keep-outputs"], /did you mean --keep-output\?/],
  [["--extra-keys"], /--extra-keys so: its value is missing/],
  [["--extra-keys", "foo"], /Cannot remove the key foo/],
  [["--max-size", "big"], /a size looks like 500, 10k or 1M/],
  [["--fail-on", "nothing"], /it is token or suspect/],
  [["--check=yes"], /--check so: it takes no value/],
  [["--check", "--redact"], /--check changes nothing/],
  [["-", "a.ipynb"], /standard input alone/],
  [["--drop-output-type", "StdErr!"], /an output type looks like/],
];

Deno.test("scrub refuses what it does not understand, before anything is written", async () => {
  using folder = temporaryFolder();
  write(folder.path, { "a.ipynb": DIRTY });
  for (const [args, message] of WRONG) {
    const { code, err } = await scrub(folder.path, ...args);
    equal(code, 2, args.join(" "));
    match(err, message);
  }
  equal(Deno.readTextFileSync(`${folder.path}/a.ipynb`), DIRTY);
});

Deno.test("scrub takes several output types after one option, as nbstripout does", async () => {
  using folder = temporaryFolder();
  write(folder.path, { "a.ipynb": DIRTY });
  await scrub(
    folder.path,
    "--keep-count",
    "--keep-output-type",
    "error",
    "stream:stdout",
    "a.ipynb",
  );
  equal(Deno.readTextFileSync(`${folder.path}/a.ipynb`), DIRTY);
});

Deno.test("scrub writes many notebooks at once and reports each once, in order", async () => {
  using folder = temporaryFolder();
  const names = Array.from(
    { length: 200 },
    (_, index) => `n${String(index).padStart(3, "0")}.ipynb`,
  );
  const dirty = (index: number) => index % 10 === 0;
  write(folder.path, Object.fromEntries(names.map((name, i) => [name, dirty(i) ? DIRTY : CLEAN])));
  write(folder.path, { "n100.ipynb": "{" });
  const { code, out } = await scrub(folder.path, "--json");
  equal(code, 3);
  const { notebooks, summary } = JSON.parse(out);
  deepEqual(notebooks.map(({ path }: { path: string }) => path), names);
  equal(summary.changed, 19);
  for (const name of names) {
    equal(Deno.readTextFileSync(`${folder.path}/${name}`), name === "n100.ipynb" ? "{" : CLEAN);
  }
  equal([...Deno.readDirSync(folder.path)].length, 200);
});

Deno.test("scrub --help lists its options and exit codes", async () => {
  const { code, out } = await scrub("/", "--help");
  equal(code, 0);
  match(out, /Exit codes: 0 nothing wrong/);
  for (const option of ["--keep-output", "--max-size", "--drop-tagged-cells", "--redact"]) {
    ok(out.includes(option));
  }
});

Deno.test("scrub clears nothing when a name is empty", async () => {
  using folder = temporaryFolder();
  write(folder.path, { "a.ipynb": DIRTY });
  const { code, err } = await scrub(folder.path, "");
  equal(code, 2);
  match(err, /empty name/);
  equal(Deno.readTextFileSync(`${folder.path}/a.ipynb`), DIRTY);
});

Deno.test("scrub --redact does not advise --redact for what it could not replace", async () => {
  using folder = temporaryFolder();
  write(folder.path, { "a.ipynb": CLEAN.replace("#", btoa(fakeToken())) });
  const { code, out } = await scrub(folder.path, "--redact");
  equal(code, 1);
  match(out, /What remains: remove it by hand,/);
});

Deno.test("scrub --extra-keys does not print a token given by mistake", async () => {
  using folder = temporaryFolder();
  const { code, err } = await scrub(folder.path, "--extra-keys", fakeToken());
  equal(code, 2);
  ok(!err.includes(fakeToken().slice(0, 20)), err);
});

Deno.test("scrub fails for a token in the file's name, and does not print it", async () => {
  using folder = temporaryFolder();
  const token = fakeToken();
  write(folder.path, { [`${token}.ipynb`]: CLEAN });
  for (const args of [[], ["--check"], ["--redact"], ["--json"]]) {
    const { code, out, err } = await scrub(folder.path, ...args);
    equal(code, 1, args.join());
    ok(!`${out}${err}`.includes(token.slice(0, 20)));
    match(out, args[0] === "--json" ? /"field":"name"/ : /in the file's name: rename it/);
  }
});
