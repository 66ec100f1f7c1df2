/** Runs what README and guides tell people to type, in a repository of its own with an empty HOME. */

import assert from "node:assert/strict";
import { parseSettings } from "../../src/notebook/settings.ts";
import { type Block, blocksOf } from "../kit/markdown.ts";
import { needs } from "../kit/programs.ts";
import { type Ended, type TestRepository, testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";
import { cellsOf } from "../kit/hook.ts";

const ROOT = new URL("../../", import.meta.url).pathname.replace(/\/$/, "");
const FILES = ["README.md", "notebooks/token_guide.md", "notebooks/incident_guide.md"];
const LEAKED = fakeToken(61);

/** The repository, home and programs that the blocks of one file run with. */
async function person(): Promise<TestRepository> {
  const repository = await testRepository();
  const home = repository.env.HOME!;
  const programs = `${repository.outside}/bin`;
  await Deno.mkdir(programs);
  // What `deno install --global` makes, and nothing of the person's own.
  await Deno.writeTextFile(
    `${programs}/hushbook`,
    `#!/bin/sh\nexec '${Deno.execPath()}' run --quiet --no-prompt -A --config '${ROOT}/deno.json' ` +
      `'${ROOT}/scripts/hushbook.ts' "$@"\n`,
    { mode: 0o755 },
  );
  Object.assign(repository.env, {
    PATH: `${programs}:${repository.env.PATH}`,
    DENO_INSTALL_ROOT: `${repository.outside}/global`,
    LEAKED,
    TOKEN_FROM_PASSWORD_MANAGER: fakeToken(62),
  });
  await Deno.mkdir(`${home}/notebooks`);
  await Deno.writeTextFile(`${home}/notebooks/first.ipynb`, cellsOf(["a = 1"], "result 1"));
  repository.write("notebook.ipynb", cellsOf(["a = 1"], "result 1"));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  return repository;
}

/** The shell that a block is written for. */
function shellOf({ marker }: Block): string {
  return /^shell: (\w+)$/.exec(marker ?? "")?.[1] ?? "sh";
}

/** Runs one block; the token stands ready for whoever reads standard input. */
function runBlock(repository: TestRepository, { text, marker }: Block): Promise<Ended> {
  const asked = marker === "run: terminal";
  return repository.run("sh", ["-ec", text], {
    cwd: marker === "run: checkout" ? ROOT : repository.path,
    input: asked ? "" : `${LEAKED}\n`,
  });
}

/** Where the address of this project stands in what people copy. */
const ADDRESS = "https://example.org/hushbook";

/** This project as it is now, committed, as a repository to clone from. */
async function released(repository: TestRepository): Promise<{ path: string; version: string }> {
  const path = `${repository.outside}/released`;
  const copy = await repository.run("sh", [
    "-ec",
    'git init -q "$1"; cd "$2"; git ls-files -z --cached --others --exclude-standard | ' +
    'xargs -0 cp --parents -t "$1"; cd "$1"; git add .; git commit -qm "as released" --no-verify',
    "sh",
    path,
    ROOT,
  ]);
  assert.equal(copy.code, 0, copy.stderr);
  const version = (await repository.at(path).git("rev-parse", "HEAD")).trim();
  return { path, version };
}

for (const file of FILES) {
  const blocks = blocksOf(await Deno.readTextFile(`${ROOT}/${file}`));

  Deno.test(`the shell blocks of ${file} do what they say`, async () => {
    using repository = await person();
    if (file.endsWith("incident_guide.md")) {
      repository.write("leaked.ipynb", cellsOf([`const t = "${LEAKED}";`], "result 1"));
      await repository.git("add", ".");
      await repository.git("commit", "-qm", "leaked");
    }
    let ran = 0;
    for (const block of blocks) {
      if (block.language !== "sh" || block.marker?.startsWith("not run: ")) continue;
      if (shellOf(block) !== "sh") continue;
      const { code, stdout, stderr } = await runBlock(repository, block);
      const said = `${file}:${block.line} ended with ${code}: ${stderr}${stdout}`;
      if (block.marker === "run: terminal") {
        // Nobody sits at a terminal here: the command asks, and says so.
        assert.equal(code, 2, said);
        assert.match(stderr, /terminal|nobody|asked/i, said);
      } else {assert.equal(
          code,
          Number(/^run: exit (\d)$/.exec(block.marker ?? "")?.[1] ?? 0),
          said,
        );}
      assert.ok(!`${stdout}${stderr}`.includes(LEAKED), `${file}:${block.line} shows the token`);
      ran++;
    }
    assert.ok(ran > 2);
    if (file === "README.md") {
      assert.equal(
        await Deno.readTextFile(`${repository.env.HOME}/notebooks/first.ipynb`),
        cellsOf(["a = 1"]),
        "the notebook is scrubbed",
      );
      const installed = await repository.run(`${repository.outside}/global/bin/hushbook`, [
        "--help",
      ]);
      assert.match(installed.stdout, /^Usage: hushbook/);
    }
  });

  for (const block of blocks.filter((block) => shellOf(block) !== "sh")) {
    const shell = shellOf(block);
    Deno.test({
      ...needs(`the ${shell} block of ${file} sets HF_TOKEN to what is typed`, shell),
      async fn() {
        using repository = await testRepository();
        const { code, stdout, stderr } = await repository.run(shell, [
          "-ec",
          `${block.text}\nprintenv HF_TOKEN`,
        ], { input: `${LEAKED}\n` });
        assert.deepEqual([code, stdout, stderr], [0, `${LEAKED}\n`, ""]);
      },
    });
  }

  Deno.test(`every block of ${file} is run, or says why not`, () => {
    for (const { language, marker, line } of blocks) {
      const known = ["sh", "ts", "ts ignore", "text", "json", "yaml", "powershell"];
      assert.ok(known.includes(language), `${file}:${line}: nothing tests blocks of ${language}`);
      if (language === "powershell") assert.match(marker ?? "", /^not run: /);
      if (language === "yaml") assert.match(marker ?? "", /^run: (?:pre-commit|workflow)$/);
      if (marker?.startsWith("not run: ")) {
        assert.ok(["sh", "powershell"].includes(language), `${file}:${line}`);
      }
    }
  });

  Deno.test(`the commands of ${file} that are not run exist, and its links lead somewhere`, async () => {
    const text = await Deno.readTextFile(`${ROOT}/${file}`);
    const { tasks } = JSON.parse(await Deno.readTextFile(`${ROOT}/deno.json`));
    for (const [, task] of text.matchAll(/(?:deno|deno@[\d.]+) task ([a-z]+)/g)) {
      assert.ok(Object.hasOwn(tasks, task!), `there is no task ${task}`);
    }
    for (const [, target] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path, anchor] = target!.split("#");
      const other = path === "" ? `${ROOT}/${file}` : new URL(path!, `file://${ROOT}/${file}`);
      const linked = await Deno.readTextFile(other);
      if (anchor === undefined) continue;
      const anchors = [...linked.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
        title!.toLowerCase().replace(/[^\w\s-]/g, "").replaceAll(" ", "-")
      );
      assert.ok(anchors.includes(anchor), `${file} links to ${target}`);
    }
  });
}

const readme = blocksOf(await Deno.readTextFile(`${ROOT}/README.md`));

Deno.test({
  ...needs("the README's lines for the pre-commit framework clear a notebook", "pre-commit"),
  async fn() {
    using repository = await person();
    const { path, version } = await released(repository);
    const { text } = readme.find(({ marker }) => marker === "run: pre-commit")!;
    repository.write(
      ".pre-commit-config.yaml",
      text.replace(ADDRESS, path).replace("v0.1.0", version),
    );
    await repository.git("add", ".");
    const { code, stdout } = await repository.run("pre-commit", ["run", "--all-files"]);
    assert.equal(code, 1, stdout);
    assert.equal(repository.read("notebook.ipynb"), cellsOf(["a = 1"]));
    const again = await repository.run("pre-commit", ["run", "--all-files"]);
    assert.equal(again.code, 0, again.stdout);
  },
});

Deno.test({
  // PyYAML comes with pre-commit.
  ...needs("the README's workflow fails on a token and leaves SARIF to upload", "pre-commit"),
  async fn() {
    using repository = await person();
    const { path } = await released(repository);
    const { text } = readme.find(({ marker }) => marker === "run: workflow")!;
    const parsed = await repository.run("/usr/bin/python3", [
      "-c",
      "import sys, json, yaml; print(json.dumps(yaml.load(sys.stdin, yaml.BaseLoader)))",
    ], { input: text });
    assert.equal(parsed.code, 0, parsed.stderr);
    const { on, permissions, jobs } = JSON.parse(parsed.stdout);
    assert.deepEqual(on, ["push", "pull_request"]);
    assert.equal(permissions["security-events"], "write");
    const commands = (jobs.scan.steps as { run?: string }[]).flatMap(({ run }) => run ?? []);
    assert.equal(commands.length, 2);
    const upload = jobs.scan.steps.at(-1);
    assert.equal(upload.if, "always()");

    const temp = `${repository.outside}/runner`;
    await Deno.mkdir(temp);
    const step = (run: string) =>
      repository.run("bash", ["-e", "-o", "pipefail", "-c", run.replace(ADDRESS, path)], {
        env: { RUNNER_TEMP: temp },
      });
    assert.equal((await step(commands[0]!)).code, 0);
    const clean = await step(commands[1]!);
    assert.equal(clean.code, 0, clean.stderr);
    repository.write("leaked.py", `token = "${LEAKED}"\n`);
    await repository.git("add", ".");
    const found = await step(commands[1]!);
    assert.equal(found.code, 1, found.stderr);
    const name = /[\w.]+$/.exec(upload.with.sarif_file)![0];
    const sarif = JSON.parse(await Deno.readTextFile(`${temp}/${name}`));
    assert.equal(sarif.version, "2.1.0");
    assert.equal(sarif.runs[0].results.length, 1);
  },
});

Deno.test("the README's settings are valid", () => {
  const { text } = readme.find(({ marker }) => marker === "run: settings")!;
  const { keepOutput } = parseSettings(new TextEncoder().encode(text));
  assert.deepEqual(keepOutput, ["gallery/**"]);
});

Deno.test("the README's deno.json gives a folder of one's own the import hushbook", async () => {
  using repository = await person();
  const { text } = readme.find(({ language }) => language === "json")!;
  await Deno.symlink(ROOT, `${repository.outside}/hushbook`);
  const own = repository.at(`${repository.outside}/own`);
  own.write("deno.json", text);
  own.write(
    "try.ts",
    'import { connect, fingerprint } from "hushbook";\nconsole.log(typeof connect);',
  );
  const { code, stdout, stderr } = await own.run(Deno.execPath(), [
    "run",
    "-A",
    "--cached-only",
    "try.ts",
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "function\n");
});
