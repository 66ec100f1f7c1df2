import assert from "node:assert/strict";
import { searchHistory } from "../../src/git/history.ts";
import { repositoryOf } from "../../src/git/push.ts";
import { cellsOf, installIn } from "../kit/hook.ts";
import { testRepository } from "../kit/repository.ts";
import { fakeToken } from "../kit/tokens.ts";

const shown = (found: { commit: string; path: string; field: string }) =>
  `${found.commit.slice(0, 8)} ${found.path} ${found.field}`;

Deno.test("searchHistory names commit and path where each token entered, and reads each blob once", async () => {
  using repository = await testRepository();
  const id = async (name = "HEAD") => (await repository.git("rev-parse", "--short=8", name)).trim();
  repository.write("a.ipynb", cellsOf(["x"]));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "one");
  repository.write("deep/a b.ipynb", cellsOf(["x"], fakeToken(1)));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "two");
  const two = await id();
  await repository.git("mv", "deep/a b.ipynb", "moved.ipynb");
  await repository.git("commit", "-qm", "moved: the same blob");
  await repository.git("rm", "-q", "moved.ipynb");
  await repository.git("commit", "-qm", `message with ${fakeToken(2)}`);
  const message = await id();
  await repository.git("checkout", "-qb", "side", "HEAD~2");
  repository.write("side.py", `t = "${fakeToken(3)}"`);
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "side");
  const side = await id();
  await repository.git("tag", "-am", `tag ${fakeToken(4)}`, "v1");
  await repository.git("checkout", "-q", "main");
  await repository.git("commit", "-qm", "plain", "--allow-empty");
  repository.write("stashed.txt", fakeToken(5));
  await repository.git("add", ".");
  await repository.git("stash", "-q");
  const blob =
    (await repository.run("git", ["hash-object", "-w", "--stdin"], { input: fakeToken(6) }))
      .stdout.trim();
  await repository.git("update-ref", "refs/tags/blob", blob);

  const { findings, objects } = await searchHistory({ cwd: repository.path });
  const places = findings.map(shown);
  assert.ok(places.includes(`${two} deep/a b.ipynb cells[0].outputs[0].text`), places.join("\n"));
  assert.ok(places.includes(`${message}  commit message`));
  assert.ok(places.includes(`${side} side.py text`));
  assert.ok(places.includes(`${await id("v1^{tag}")}  tag message`));
  assert.ok(places.some((place) => place.endsWith(" stashed.txt text")));
  assert.equal(new Set(findings.map(({ fingerprint }) => fingerprint)).size, 6);
  assert.equal(findings.length, 6, places.join("\n"));
  const all = (await repository.git("rev-list", "--objects", "--all")).trim().split("\n");
  assert.equal(objects, all.length);
});

Deno.test("searchHistory reads authors, names of branches and tags, notes, and every stash entry", async () => {
  using repository = await testRepository();
  const id = async (name: string) => (await repository.git("rev-parse", name)).trim();
  await repository.git("commit", "-qm", "one", "--allow-empty");
  const env = { GIT_AUTHOR_NAME: fakeToken(1), GIT_COMMITTER_EMAIL: `${fakeToken(2)}@x.org` };
  await repository.run("git", ["commit", "-qm", "two", "--allow-empty"], { env });
  const two = await id("HEAD");
  await repository.git("branch", `try/${fakeToken(3)}`);
  await repository.git("tag", fakeToken(4), "HEAD~1");
  const tagged = await id("HEAD~1");
  await repository.git("notes", "add", "-m", fakeToken(5));
  for (const seed of [6, 7]) {
    repository.write("stashed.txt", fakeToken(seed));
    await repository.git("add", ".");
    await repository.git("stash", "-q");
  }
  const { findings } = await searchHistory({ cwd: repository.path });
  const places = findings.map(({ commit, field, line }) => [commit, field, line]);
  for (const place of [[two, "commit header"], [two, "ref name"], [tagged, "ref name"]]) {
    assert.ok(places.some(([commit, field]) => commit === place[0] && field === place[1]));
  }
  assert.equal(new Set(findings.map(({ fingerprint }) => fingerprint)).size, 7);
  for (let seed = 1; seed <= 7; seed++) {
    assert.equal(JSON.stringify(findings).includes(fakeToken(seed).slice(3, 12)), false);
  }
});

Deno.test("pre-push refuses a branch whose name, and a commit whose author, holds a token", async () => {
  using repository = await testRepository();
  await installIn(repository, { prePush: true });
  const remote = `${repository.outside}/remote.git`;
  await repository.git("init", "-q", "--bare", remote);
  await repository.git("commit", "-qm", "one", "--allow-empty");
  const named = await repository.tryGit("push", "-q", remote, `main:refs/heads/${fakeToken(1)}`);
  assert.equal(named.code, 1);
  assert.match(named.stderr, /refs\/heads\/….*: in the name of the branch or tag: Hugging Face/);
  assert.match(named.stderr, /git branch -m/);
  assert.doesNotMatch(named.stderr, /git rebase/);

  await repository.git(
    "commit",
    "-qm",
    "x",
    "--allow-empty",
    "--author",
    `${fakeToken(2)} <a@b.c>`,
  );
  const authored = await repository.tryGit("push", "-q", remote, "main");
  assert.equal(authored.code, 1);
  assert.match(authored.stderr, /commit header, line \d+, column 8: Hugging Face/);
  const revoke = /git (cat-file -p [0-9a-f]{12}) \|/.exec(authored.stderr)![1]!;
  assert.ok((await repository.git(...revoke.split(" "))).includes(fakeToken(2)));
  for (const seed of [1, 2]) {
    assert.ok(!`${named.stderr}${authored.stderr}`.includes(fakeToken(seed).slice(3, 12)));
  }
});

Deno.test("searchHistory finds tokens in file names and in an empty repository nothing", async () => {
  using repository = await testRepository();
  assert.deepEqual(await searchHistory({ cwd: repository.path }), { findings: [], objects: 0 });
  repository.write(`${fakeToken(1)}.txt`, "");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "name");
  const { findings } = await searchHistory({ cwd: repository.path });
  assert.equal(findings.length, 1);
  assert.equal(findings[0]!.field, "name");
  assert.equal(JSON.stringify(findings).includes(fakeToken(1)), false);
});

Deno.test("searchHistory finds a token across the pieces of a blob too large to be held", async () => {
  using repository = await testRepository();
  const large = new Uint8Array(70 * 1024 * 1024);
  const token = new TextEncoder().encode(`\n${fakeToken(1)}\n`);
  large.set(token, 16 * 1024 * 1024 - 20);
  large.set(token, large.length - token.length);
  repository.write("model.bin", large);
  await repository.git("-c", "core.compression=0", "add", ".");
  await repository.git("commit", "-qm", "large");
  const { findings } = await searchHistory({ cwd: repository.path });
  assert.deepEqual(findings.map(({ path, fileLine }) => [path, fileLine]), [
    ["model.bin", 2],
    ["model.bin", 4],
  ]);
});

Deno.test("pre-push refuses commits the hook never saw and lets the allowed rest go", async () => {
  using repository = await testRepository();
  await installIn(repository, { prePush: true });
  const remote = `${repository.outside}/remote.git`;
  await repository.git("init", "-q", "--bare", remote);
  await repository.git("remote", "add", "origin", remote);
  repository.write("a.txt", "a");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "one");
  await repository.git("push", "-q", "origin", "main");
  repository.write("a.ipynb", cellsOf(["x"], fakeToken(1)));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "leak", "--no-verify");
  await repository.git("rm", "-q", "a.ipynb");
  await repository.git("commit", "-qm", "removed again");
  const { code, stderr } = await repository.tryGit("push", "-q", "origin", "main");
  assert.equal(code, 1);
  assert.match(stderr, /this push is refused[\s\S]*[0-9a-f]{12} a\.ipynb: cell 1/);
  assert.match(stderr, /git rebase -i [0-9a-f]{12}~1/);
  assert.equal(stderr.includes(fakeToken(1)), false);

  const [found] = (await searchHistory({ cwd: repository.path })).findings;
  repository.write(
    ".hushbook-allow",
    `${found!.fingerprint} a.ipynb revoked, never pushed anywhere\n`,
  );
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "allowed");
  const allowed = await repository.tryGit("push", "-q", "origin", "main:refs/heads/allowed");
  assert.equal(allowed.code, 0, allowed.stderr);

  await repository.git("reset", "-q", "--hard", "HEAD~3");
  await repository.git("push", "-q", "origin", "main:refs/heads/other");
  await repository.git("push", "-q", "origin", ":other");
  const direct = await repository.tryGit("push", "-q", remote, "main:refs/heads/direct");
  assert.equal(direct.code, 0, direct.stderr);
});

Deno.test("pre-push prints a rebase that works when the first commit holds the token", async () => {
  using repository = await testRepository();
  const remote = `${repository.outside}/remote.git`;
  await repository.git("init", "-q", "--bare", remote);
  repository.write("a.txt", fakeToken(1));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first");
  await installIn(repository, { prePush: true });
  await repository.git("tag", "-a", "v1", "-m", fakeToken(2));
  const { code, stderr } = await repository.tryGit("push", "-q", remote, "main", "v1");
  assert.equal(code, 1);
  assert.match(stderr, /^A tag's message is written anew with git tag -f -a NAME NAME\^\{\}$/m);
  const advice = /^ {2}git (rebase .*)$/m.exec(stderr)![1]!;
  const env = { GIT_SEQUENCE_EDITOR: "true" };
  const rebased = await repository.run("git", advice.split(" "), { env });
  assert.equal(rebased.code, 0, `git ${advice}: ${rebased.stderr}`);
});

Deno.test("pre-push searches what was fetched from another place than it goes to", async () => {
  using repository = await testRepository();
  const [inside, open] = ["inside", "open"].map((name) => `${repository.outside}/${name}.git`);
  for (const remote of [inside!, open!]) await repository.git("init", "-q", "--bare", remote);
  await repository.git("remote", "add", "origin", inside!);
  repository.write("a.txt", fakeToken(1));
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "leak");
  await repository.git("push", "-q", "origin", "main");
  await installIn(repository, { prePush: true });
  const known = await repository.tryGit("push", "-q", "origin", "main:refs/heads/other");
  assert.equal(known.code, 0, known.stderr);
  await repository.git("remote", "set-url", "--push", "origin", open!);
  const { code, stderr } = await repository.tryGit("push", "-q", "origin", "main");
  assert.equal(code, 1);
  assert.match(stderr, /a\.txt: line 1/);
});

Deno.test("repositoryOf() sees one repository behind several addresses", () => {
  const same = [
    "git@example.org:o/r.git",
    "ssh://git@example.org:22/o/r",
    "https://example.org/o/r.git/",
    "https://user@EXAMPLE.org/o/r\n",
  ];
  assert.deepEqual(new Set(same.map(repositoryOf)), new Set(["example.org/o/r"]));
  const others = ["/srv/o/r.git", "../r", "C:/o/r", "https://example.org/o/R", "other.org:o/r"];
  assert.equal(new Set([...others, same[0]!].map(repositoryOf)).size, 6);
});

Deno.test("pre-push runs the hook from before with the same input first", async () => {
  using repository = await testRepository();
  const hook = `${repository.path}/.git/hooks/pre-push`;
  await Deno.writeTextFile(hook, `#!/bin/sh\necho "before: $1 $(cat)" >&2\nexit 3\n`, {
    mode: 0o755,
  });
  await installIn(repository, { prePush: true });
  const remote = `${repository.outside}/remote.git`;
  await repository.git("init", "-q", "--bare", remote);
  await repository.git("commit", "-qm", "one", "--allow-empty");
  const { code, stderr } = await repository.tryGit("push", "-q", remote, "main");
  assert.equal(code, 1);
  assert.match(stderr, /before: .*remote\.git refs\/heads\/main [0-9a-f]{40} /);
});
