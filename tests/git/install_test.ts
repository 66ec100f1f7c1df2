import assert from "node:assert/strict";
import { GitError } from "../../src/errors.ts";
import { findRepository } from "../../src/git/repository.ts";
import { hookStatus } from "../../src/git/status.ts";
import { uninstall } from "../../src/git/uninstall.ts";
import { cellsOf, installIn, LAUNCH } from "../kit/hook.ts";
import { type TestRepository, testRepository } from "../kit/repository.ts";

const never = () => false;
const status = (repository: TestRepository) => hookStatus(repository.path, LAUNCH, never);

/** Every file of the git folder that install may touch, with mode and content. */
async function gitFolder(repository: TestRepository): Promise<string> {
  const listed = await repository.run("sh", [
    "-c",
    "for f in .git/config .git/info/* .git/hooks/* .git/hushbook/* .gitattributes; do " +
    `[ -e "$f" ] || [ -L "$f" ] || continue; ls -l "$f" | cut -c1-10; echo "$f"; cat "$f"; done`,
  ]);
  return listed.stdout;
}

Deno.test("install and uninstall are exact and idempotent in a repository with another one's settings", async () => {
  using repository = await testRepository();
  await repository.git("config", "filter.other.clean", "cat");
  await repository.git("config", "core.abbrev", "9");
  repository.write(".git/info/attributes", "*.png -text");
  repository.write(".gitattributes", "*.md text\r\n");
  const before = await gitFolder(repository);
  const options = {
    filter: true,
    prePush: true,
    attributes: `${repository.path}/.gitattributes`,
  };
  await installIn(repository, options);
  await installIn(repository, { filter: true });
  const once = await gitFolder(repository);
  assert.match(once, /\*\.md text\r\n\*\.ipynb filter=hushbook diff=hushbook\r\n/);
  assert.match(once, /\*\.png -text\n\*\.ipynb filter=hushbook/);
  const said = await installIn(repository, options);
  assert.ok(said.every((line) => !/is installed|up to date/u.test(line)), said.join("\n"));
  assert.equal(await gitFolder(repository), once);
  await uninstall(repository.path);
  assert.equal(await gitFolder(repository), before);
  assert.deepEqual(await uninstall(repository.path), []);
});

Deno.test("uninstall leaves a configuration byte for byte, whatever its end and sections", async () => {
  for (
    const end of ["[x]\n\ty = 1", "# said at the end\n\n", "[hushbook]\n\tmine = 1\n", "[x]\r\n"]
  ) {
    using repository = await testRepository();
    const path = `${repository.path}/.git/config`;
    const config = await Deno.readTextFile(path) + end;
    await Deno.writeTextFile(path, config);
    const attributes = `${repository.path}/.gitattributes`;
    await installIn(repository, { filter: true, attributes });
    await installIn(repository, { filter: true });
    assert.equal((await status(repository)).filter.inForce, true);
    await uninstall(repository.path);
    assert.equal(await Deno.readTextFile(path), config);
  }
});

Deno.test("uninstall finds the hook that core.hooksPath hides since", async () => {
  using repository = await testRepository();
  const before = await gitFolder(repository);
  await installIn(repository, { prePush: true });
  await repository.git("config", "core.hooksPath", "elsewhere");
  assert.match((await uninstall(repository.path)).join(), /pre-commit hook is removed from/);
  await repository.git("config", "--unset", "core.hooksPath");
  assert.equal(await gitFolder(repository), before);
});

Deno.test("install and status say that core.hooksPath names no folder", async () => {
  using repository = await testRepository();
  await repository.git("config", "core.hooksPath", "/dev/null");
  await assert.rejects(installIn(repository), (error) => {
    assert.ok(error instanceof GitError);
    assert.match(error.message, /hooks in \/dev\/null .*no folder/);
    return true;
  });
  assert.match((await status(repository)).preCommit.notes.join(), /runs no hook at all/);
});

Deno.test("install keeps an existing hook, runs it first, and uninstall brings it back", async () => {
  using repository = await testRepository();
  const hook = `${repository.path}/.git/hooks/pre-commit`;
  const other = "#!/bin/sh\necho other >> ran\n[ ! -e refuse ]\n";
  await Deno.writeTextFile(hook, other, { mode: 0o755 });
  await Deno.utime(hook, 1000, 1000);
  const said = await installIn(repository);
  assert.match(said.join("\n"), /the one that was there runs before it/);
  await installIn(repository);
  repository.write("a.ipynb", cellsOf(["x"], "out"));
  await repository.git("add", ".");
  repository.write("refuse", "");
  assert.equal((await repository.tryGit("commit", "-qm", "x")).code, 1);
  await Deno.remove(`${repository.path}/refuse`);
  await repository.git("commit", "-qm", "x");
  assert.equal(repository.read("ran"), "other\nother\n");
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["x"]));
  await uninstall(repository.path);
  assert.equal(await Deno.readTextFile(hook), other);
  assert.equal((await Deno.stat(hook)).mode! & 0o777, 0o755);
  assert.equal((await Deno.stat(hook)).mtime?.getTime(), 1_000_000);
});

Deno.test("install keeps a hook that is a symbolic link and what it leads to", async () => {
  using repository = await testRepository();
  repository.write("scripts/check", "#!/bin/sh\necho linked > ran\n");
  await Deno.chmod(`${repository.path}/scripts/check`, 0o755);
  const hook = `${repository.path}/.git/hooks/pre-commit`;
  await Deno.symlink("../../scripts/check", hook);
  await installIn(repository);
  assert.equal(repository.read("scripts/check"), "#!/bin/sh\necho linked > ran\n");
  await repository.git("commit", "-qm", "x", "--allow-empty");
  assert.equal(repository.read("ran"), "linked\n");
  await uninstall(repository.path);
  assert.equal(await Deno.readLink(hook), "../../scripts/check");
});

Deno.test("install honours core.hooksPath, relative and absolute, and makes a missing folder", async () => {
  for (const relative of [true, false]) {
    using repository = await testRepository();
    const folder = relative ? ".githooks" : `${repository.outside}/my hooks`;
    await repository.git("config", "core.hooksPath", folder);
    await Deno.mkdir(`${repository.path}/sub`);
    const said = await installIn(repository, { cwd: `${repository.path}/sub` });
    assert.match(said.join("\n"), relative ? /do not commit it/ : /runs in every repository/);
    repository.write("a.ipynb", cellsOf(["x"], "out"));
    await repository.git("add", "a.ipynb");
    await repository.git("commit", "-qm", "x");
    assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["x"]));
    assert.equal((await status(repository)).preCommit.inForce, true);
  }
});

Deno.test("install refuses hook managers and prints what to add", async () => {
  const hooks = {
    husky: async (repository: TestRepository) => {
      repository.write(".husky/_/pre-commit", "#!/usr/bin/env sh\n. h\n");
      await repository.git("config", "core.hooksPath", ".husky/_");
      return ".husky/pre-commit";
    },
    "pre-commit": (repository: TestRepository) => {
      repository.write(
        ".git/hooks/pre-commit",
        "#!/bin/sh\n# File generated by pre-commit: https://pre-commit.com\n",
      );
      return ".pre-commit-config.yaml";
    },
    lefthook: (repository: TestRepository) => {
      repository.write(".git/hooks/pre-commit", "#!/bin/sh\ncall_lefthook run pre-commit\n");
      return "lefthook.yml";
    },
  };
  for (const [name, prepare] of Object.entries(hooks)) {
    using repository = await testRepository();
    const file = await prepare(repository);
    const before = await gitFolder(repository);
    await assert.rejects(installIn(repository, { filter: true }), (error) => {
      assert.ok(error instanceof GitError);
      assert.match(error.message, new RegExp(`${name} manages the hooks`));
      assert.ok(error.message.includes(file) && error.message.includes("hushbook"), error.message);
      return true;
    });
    assert.equal(await gitFolder(repository), before);
    assert.deepEqual((await status(repository)).preCommit.inForce, false);
    repository.write(file, "hushbook hook run\n");
    assert.equal((await status(repository)).preCommit.installed, true);
    const hooks = await repository.git("rev-parse", "--git-path", "hooks");
    const hook = `${hooks.trim()}/pre-commit`;
    const theirs = repository.read(hook);
    assert.match((await installIn(repository)).join(), new RegExp(`^${name} runs hushbook, by`));
    assert.equal(repository.read(hook), theirs);
  }
});

Deno.test("install refuses to take notebooks from another filter", async () => {
  using repository = await testRepository();
  repository.write(".gitattributes", "data/*.ipynb filter=lfs diff=lfs merge=lfs -text\n");
  await installIn(repository, { filter: true });
  await uninstall(repository.path);
  const empty = await repository.run("git", ["hash-object", "-w", "--stdin"], { input: "" });
  const entry = `100644,${empty.stdout.trim()},data/a.ipynb`;
  await repository.git("update-index", "--add", "--cacheinfo", entry);
  await assert.rejects(
    installIn(repository, { filter: true }),
    /belongs to the filter "lfs".*install without --filter/,
  );
  assert.equal((await status(repository)).filter.installed, false);
});

Deno.test("install says that a repository holds outputs and how to adopt the filter", async () => {
  using repository = await testRepository();
  repository.write("a.ipynb", cellsOf(["x"], "out"));
  repository.write("b.ipynb", cellsOf(["x"]));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "x");
  const wouldClear = (bytes: Uint8Array) => new TextDecoder().decode(bytes).includes("out\\n");
  const said = (await installIn(repository, { filter: true, wouldClear })).join("\n");
  assert.match(said, /1 tracked notebook holds outputs/);
  const command = /^ {2}(git add --renormalize.*)$/mu.exec(said)?.[1] ?? "false";
  await Deno.mkdir(`${repository.path}/sub`);
  const adopted = await repository.run("sh", ["-c", command], { cwd: `${repository.path}/sub` });
  assert.equal(adopted.code, 0, adopted.stderr);
  assert.equal(await repository.git("show", "HEAD:a.ipynb"), cellsOf(["x"]));
  assert.equal(repository.read("a.ipynb"), cellsOf(["x"], "out"));
  assert.equal(await repository.git("status", "--porcelain"), "");
});

Deno.test("install --gitignore adds what is missing once and names secrets that are tracked", async () => {
  using repository = await testRepository();
  repository.write(".gitignore", "*.log\n.env");
  repository.write("config/secrets.json", "{}");
  repository.write(".env.example", "HF_TOKEN=\n");
  await repository.git("add", ".");
  const said = (await installIn(repository, { gitignore: true })).join("\n");
  assert.match(said, /git tracks config\/secrets\.json/);
  assert.equal(
    repository.read(".gitignore"),
    "*.log\n.env\n\n# Secrets (added by hushbook)\n.env.*\n!.env.example\n*.token\nconfig/secrets.json\n.huggingface/token\n",
  );
  const again = (await installIn(repository, { gitignore: true })).join("\n");
  assert.match(again, /were in \.gitignore already/);
  assert.deepEqual((await status(repository)).secretFiles, {
    missing: [],
    tracked: ["config/secrets.json"],
    untracked: [],
  });
  for (const name of [".env.local", "deep/x.token", "deep/.env"]) repository.write(name, "secret");
  assert.doesNotMatch(await repository.git("status", "--porcelain", "-uall"), /local|token|deep/);
});

Deno.test("status names secret files in any folder, and --gitignore covers them for good", async () => {
  for (const text of ["/.env\n", ".env\n!.env\n", "*.token\r\n!deep/*.token\r\n"]) {
    using repository = await testRepository();
    repository.write(".gitignore", text);
    for (const name of ["deep/.env", "deep/x.token", ".env.example"]) repository.write(name, "");
    const { untracked } = (await status(repository)).secretFiles;
    assert.ok(untracked.includes("deep/.env") || untracked.includes("deep/x.token"), text);
    assert.equal(untracked.includes(".env.example"), false);
    await installIn(repository, { gitignore: true });
    const after = (await status(repository)).secretFiles;
    assert.deepEqual(after, { missing: [], tracked: [], untracked: [] }, text);
    const once = repository.read(".gitignore");
    await installIn(repository, { gitignore: true });
    assert.equal(repository.read(".gitignore"), once);
  }
});

Deno.test("status believes no hook that was changed, or that starts what is gone", async () => {
  using repository = await testRepository();
  const other = { ...LAUNCH, script: `${repository.outside}/hushbook's.ts`, program: "other" };
  await Deno.writeTextFile(other.script, "");
  await installIn(repository, { launch: other, filter: true });
  const elsewhere = await status(repository);
  assert.equal(elsewhere.preCommit.inForce, true);
  assert.match(elsewhere.preCommit.notes.join(), /from another place/);
  assert.equal(elsewhere.filter.inForce, true);
  await Deno.remove(other.script);
  const gone = await status(repository);
  assert.deepEqual([gone.preCommit.inForce, gone.filter.inForce], [false, false]);
  assert.match(
    gone.preCommit.notes.join(),
    /hushbook's\.ts, which is gone, so it refuses everything/,
  );
  await installIn(repository, { filter: true });
  const hook = `${repository.path}/.git/hooks/pre-commit`;
  const start = `${repository.path}/.git/hushbook/filter`;
  await Deno.writeTextFile(start, `${await Deno.readTextFile(start)}\n`);
  await Deno.writeTextFile(
    hook,
    (await Deno.readTextFile(hook)).replace(/^# The hook that was here.*$/mu, "exit 0"),
  );
  const changed = await status(repository);
  assert.deepEqual([changed.preCommit.inForce, changed.filter.inForce], [false, false]);
});

Deno.test("status and uninstall find the hook that the pre-commit framework was installed over", async () => {
  using repository = await testRepository();
  await installIn(repository);
  const hooks = `${repository.path}/.git/hooks`;
  await Deno.rename(`${hooks}/pre-commit`, `${hooks}/pre-commit.legacy`);
  repository.write(".git/hooks/pre-commit", "#!/bin/sh\n# https://pre-commit.com\n");
  const { preCommit } = await status(repository);
  assert.equal(preCommit.inForce, true);
  assert.match(preCommit.notes.join(), /pre-commit runs it first/);
  await uninstall(repository.path);
  await assert.rejects(Deno.lstat(`${hooks}/pre-commit.legacy`));
  assert.equal((await status(repository)).preCommit.installed, false);
});

Deno.test("status tells what git would really do", async () => {
  using repository = await testRepository();
  assert.equal((await status(repository)).preCommit.installed, false);
  assert.deepEqual((await status(repository)).secretFiles.missing.length, 5);
  await installIn(repository, { filter: true });
  const well = await status(repository);
  assert.deepEqual(well.preCommit, { inForce: true, installed: true, notes: [] });
  assert.deepEqual(well.filter, { inForce: true, installed: true, notes: [] });

  const hook = `${repository.path}/.git/hooks/pre-commit`;
  await Deno.chmod(hook, 0o644);
  const off = (await status(repository)).preCommit;
  assert.equal(off.inForce, false);
  assert.match(off.notes.join(), /not executable/);
  await Deno.chmod(hook, 0o755);
  await Deno.writeTextFile(hook, (await Deno.readTextFile(hook)).replace("deno=", "deno=/old"));
  assert.match((await status(repository)).preCommit.notes.join(), /another place/);
  await repository.git("config", "core.hooksPath", "elsewhere");
  const bypassed = (await status(repository)).preCommit;
  assert.deepEqual([bypassed.installed, bypassed.inForce], [true, false]);
  assert.match(bypassed.notes.join(), /core\.hooksPath names .*elsewhere/);
  await repository.git("config", "--unset", "core.hooksPath");
  await Deno.remove(hook);
  await Deno.symlink("gone", hook);
  assert.match((await status(repository)).preCommit.notes.join(), /link to nothing/);

  repository.write("sub/a.ipynb", "");
  repository.write("sub/.gitattributes", "*.ipynb -filter\n");
  await repository.git("add", ".");
  await repository.git("config", "filter.hushbook.required", "true");
  repository.write(".git/info/attributes", "");
  repository.write(".gitattributes", "*.ipynb filter=hushbook\n");
  const { filter } = await status(repository);
  assert.equal(filter.inForce, false);
  assert.match(filter.notes.join("\n"), /required is set/);
  assert.match(
    filter.notes.join("\n"),
    /another attribute wins for sub\/a\.ipynb: filter is unset/,
  );
});

Deno.test("status sees a clone that has the attributes and not the driver", async () => {
  using repository = await testRepository();
  await installIn(repository, { attributes: `${repository.path}/.gitattributes` });
  repository.write("a.ipynb", "");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "x");
  const clone = repository.at(`${repository.outside}/clone`);
  await repository.git("clone", "-q", repository.path, clone.path);
  const { filter } = await status(clone);
  assert.deepEqual([filter.installed, filter.inForce], [true, false]);
  assert.match(filter.notes.join(), /this clone does not know it/);
  await installIn(clone, { filter: true });
  assert.equal((await status(clone)).filter.inForce, true);
});

Deno.test("install and status work in a linked worktree, for all worktrees", async () => {
  using repository = await testRepository();
  await repository.git("commit", "-qm", "x", "--allow-empty");
  const linked = repository.at(`${repository.outside}/linked`);
  await repository.git("worktree", "add", "-qb", "other", linked.path);
  await installIn(linked, { filter: true });
  assert.equal((await status(repository)).preCommit.inForce, true);
  assert.equal((await status(repository)).filter.inForce, true);
  assert.equal((await findRepository(linked.path)).commonFolder, `${repository.path}/.git`);
});
