import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { cellsOf } from "../kit/hook.ts";
import { recordedIo } from "../kit/io.ts";
import { type TestRepository, testRepository } from "../kit/repository.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const project = new URL("../../", import.meta.url).pathname;

async function hook(repository: { path: string }, ...args: string[]) {
  const env = { PATH: Deno.env.get("PATH") ?? "" };
  const io = recordedIo({ cwd: repository.path, env });
  return { code: await main(["hook", ...args], io), stdout: io.stdout, stderr: io.stderr };
}

/** Commits a notebook with outputs and expects it without them. */
async function commits(
  repository: TestRepository,
  env: Record<string, string> = {},
): Promise<void> {
  repository.write("a.ipynb", cellsOf(["x"], "out"));
  await repository.git("add", "a.ipynb");
  const { code, stderr } = await repository.run("git", ["commit", "-qm", "x"], { env });
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["x"]));
}

Deno.test("hook install, status and uninstall tell and do what their help says", async () => {
  using repository = await testRepository();
  const before = await hook(repository, "status");
  assert.deepEqual([before.code, /pre-commit hook: not installed/.test(before.stdout)], [1, true]);
  const installed = await hook(repository, "install", "--pre-push", "--filter", "--gitignore");
  assert.equal(installed.code, 0, installed.stderr);
  const after = await hook(repository, "status", "--json");
  const status = JSON.parse(after.stdout);
  assert.deepEqual([after.code, status.ok, status.filter.inForce], [0, true, true]);
  assert.match(
    (await hook(repository, "status")).stdout,
    /^pre-commit hook: in force\npre-push hook: in force\nfilter: in force\n/,
  );
  await commits(repository);
  repository.write(".env", "");
  await repository.git("add", "-f", ".env");
  const exposed = await hook(repository, "status");
  assert.deepEqual([exposed.code, /git tracks \.env\n/.test(exposed.stdout)], [1, true]);
  await repository.git("rm", "-qf", ".env");
  await hook(repository, "uninstall");
  assert.equal((await hook(repository, "uninstall")).stdout, "Nothing was installed\n");
  assert.match(
    (await hook(repository, "status")).stdout,
    /pre-push hook: not installed\nfilter: not installed\n$/,
  );
});

Deno.test("hook install writes the name of Deno on the PATH, which outlives an upgrade", async () => {
  using repository = await testRepository();
  const bin = `${repository.outside}/bin`;
  await Deno.mkdir(bin);
  await Deno.symlink(Deno.execPath(), `${bin}/deno`);
  const io = recordedIo({ cwd: repository.path, env: { PATH: `${bin}:/usr/bin` } });
  assert.equal(await main(["hook", "install"], io), 0);
  const text = repository.read(".git/hooks/pre-commit");
  assert.ok(text.includes(`\ndeno=${bin}/deno\n`), text);
  await Deno.writeTextFile(`${bin}/hushbook`, "");
  assert.equal(await main(["hook", "install"], io), 0);
  assert.match(repository.read(".git/hooks/pre-commit"), /\nHUSHBOOK_PROGRAM=hushbook\n/);
});

Deno.test("hook refuses wrong usage with code 2 and a missing repository with code 3", async () => {
  using repository = await testRepository();
  for (
    const args of [
      [],
      ["nonsense"],
      ["install", "--nonsense"],
      ["install", "--attributes"],
      ["uninstall", "x"],
      ["status", "x"],
      ["run", "x"],
      ["filter", "x"],
    ]
  ) {
    assert.equal((await hook(repository, ...args)).code, 2, args.join(" "));
  }
  using nowhere = temporaryFolder();
  for (const action of ["install", "uninstall", "status"]) {
    const { code, stderr } = await hook(nowhere, action);
    assert.equal(code, 3, action);
    assert.match(stderr, /in no git repository; change to one, or make one with git init/);
  }
  const bare = repository.at(`${repository.outside}/bare.git`);
  await repository.git("init", "-q", "--bare", bare.path);
  const refused = await hook(bare, "install");
  assert.deepEqual([refused.code, /working tree/.test(refused.stderr)], [3, true]);
  const help = await hook(repository, "--help");
  assert.deepEqual([help.code, /Usage: hushbook hook install/.test(help.stdout)], [0, true]);
});

Deno.test("hook works where every folder has a strange name", async () => {
  using surroundings = await testRepository();
  for (const name of ["a, b", 'it\'s "q" $HOME `x`', "ü ñ"]) {
    const repository = surroundings.at(`${surroundings.outside}/${name}/repository`);
    await surroundings.git("init", "-q", repository.path);
    const copy = `${surroundings.outside}/${name}/hushbook`;
    await surroundings.run("cp", ["-R", `${project}src`, `${surroundings.outside}/${name}/`]);
    await surroundings.run("cp", ["-R", `${project}scripts`, `${surroundings.outside}/${name}/`]);
    const installed = await surroundings.run(Deno.execPath(), [
      "run",
      "-A",
      "--no-config",
      `${surroundings.outside}/${name}/scripts/hushbook.ts`,
      "hook",
      "install",
      "--filter",
    ], { cwd: repository.path });
    assert.equal(installed.code, 0, installed.stderr + copy);
    await commits(repository, { HUSHBOOK_HOME: `${surroundings.outside}/${name}/state` });
    repository.write("b.ipynb", "{");
    await repository.git("add", "b.ipynb");
    assert.equal((await repository.tryGit("commit", "-qm", "broken")).code, 1);
  }
});

Deno.test("hook works from a global installation, without the network, and fails closed when it is gone", async () => {
  using repository = await testRepository();
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    async (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname);
      return new Response(await Deno.readTextFile(`${project}${path.slice(1)}`), {
        headers: { "content-type": "application/typescript" },
      });
    },
  );
  const address = `http://127.0.0.1:${server.addr.port}/scripts/hushbook.ts`;
  const env = { DENO_DIR: `${repository.outside}/deno` };
  const installed = await repository.run(Deno.execPath(), [
    "run",
    "-A",
    "--no-config",
    address,
    "hook",
    "install",
    "--filter",
  ], { env });
  await server.shutdown();
  assert.equal(installed.code, 0, installed.stderr);
  await commits(repository);
  repository.write("leak.txt", fakeToken());
  await repository.git("add", "leak.txt");
  const leak = await repository.tryGit("commit", "-qm", "x");
  assert.match(leak.stderr, /this commit is refused, and nothing was changed/);
  assert.doesNotMatch(leak.stderr, /Warning|cache/);
  await repository.git("rm", "-qf", "leak.txt");
  await Deno.remove(`${repository.outside}/deno`, { recursive: true });
  repository.write("b.txt", "b");
  await repository.git("add", "b.txt");
  const { code, stderr } = await repository.tryGit("commit", "-qm", "x");
  assert.equal(code, 1);
  assert.match(
    stderr,
    /hushbook: cannot check this commit: hushbook is no longer in Deno's cache; run '.*hook install' again/,
  );
});

Deno.test("hook works with a separate git folder, and with GIT_DIR and GIT_WORK_TREE", async () => {
  using surroundings = await testRepository();
  const repository = surroundings.at(`${surroundings.outside}/tree`);
  await surroundings.git(
    "init",
    "-q",
    `--separate-git-dir=${surroundings.outside}/git`,
    repository.path,
  );
  await hook(repository, "install");
  await commits(repository);
  const env = { GIT_DIR: `${surroundings.outside}/git`, GIT_WORK_TREE: repository.path };
  repository.write("a.ipynb", cellsOf(["y"], "out"));
  const elsewhere = { env, cwd: surroundings.path };
  assert.equal((await surroundings.run("git", ["add", "-A"], elsewhere)).code, 0);
  const { code, stderr } = await surroundings.run("git", ["commit", "-qm", "y"], elsewhere);
  assert.equal(code, 0, stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["y"]));
  assert.equal(repository.read("a.ipynb"), cellsOf(["y"]));
  const index = { GIT_INDEX_FILE: `${surroundings.outside}/index` };
  await repository.run("git", ["read-tree", "HEAD"], { env: index });
  repository.write("a.ipynb", cellsOf(["z"], "out"));
  await repository.run("git", ["add", "-A"], { env: index });
  const own = await repository.run("git", ["commit", "-qm", "z"], { env: index });
  assert.equal(own.code, 0, own.stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["z"]));
});

Deno.test("hook install by deno task reaches the repository the user is in", async () => {
  using repository = await testRepository();
  const task = (...args: string[]) =>
    repository.run(Deno.execPath(), [
      "task",
      "--quiet",
      "--config",
      `${project}deno.json`,
      "hook",
      ...args,
    ]);
  const installed = await task("install", "--filter");
  assert.equal(installed.code, 0, installed.stderr);
  assert.ok(installed.stdout.includes(`${repository.path}/.git/hooks/pre-commit`));
  await commits(repository);
  const removed = await task("uninstall");
  assert.match(removed.stdout, /The pre-commit hook is removed/);
});
