import assert from "node:assert/strict";
import { GitError } from "../../src/errors.ts";
import { gitText, readableStderr, runGit, startGit } from "../../src/git/run.ts";
import { runIn, testRepository } from "../kit/repository.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const module = new URL("../../src/git/run.ts", import.meta.url).href;

Deno.test("runGit answers output and accepted exit codes", async () => {
  using repository = await testRepository();
  const { path } = repository;
  assert.equal(await gitText(["rev-parse", "--is-inside-work-tree"], { cwd: path }), "true");
  const { code } = await runGit(["check-ignore", "-q", "x"], { cwd: path, exits: [0, 1] });
  assert.equal(code, 1);
});

Deno.test("runGit sends its input, however large, and reads meanwhile", async () => {
  using repository = await testRepository();
  const input = new Uint8Array(3_000_000).fill(97);
  const id = await gitText(["hash-object", "-w", "--stdin"], { cwd: repository.path, input });
  const { stdout } = await runGit(["cat-file", "blob", id], { cwd: repository.path });
  assert.deepEqual(stdout, input);
});

Deno.test("runGit throws a GitError with exit code and reason when git fails", async () => {
  using repository = await testRepository();
  await assert.rejects(
    runGit(["rev-parse", "--verify", "nowhere"], { cwd: repository.path }),
    (error: unknown) => {
      assert.ok(error instanceof GitError);
      assert.equal(error.code, "git-failed");
      assert.equal(error.exitCode, 128);
      assert.match(error.message, /^Cannot run git rev-parse: it ended with exit code 128: fatal/);
      return true;
    },
  );
});

Deno.test("runGit tells no repository, no folder and a broken pipe apart", async () => {
  using folder = temporaryFolder();
  const codeOf = (code: string) => (error: unknown) =>
    error instanceof GitError && error.code === code;
  const env = { LC_ALL: "C", GIT_CEILING_DIRECTORIES: folder.path };
  const cwd = folder.path;
  await assert.rejects(runGit(["status"], { cwd, env }), codeOf("git-no-repository"));
  const diff = runGit(["diff", "--cached", "--raw"], { cwd, env });
  await assert.rejects(diff, codeOf("git-no-repository")); // it says so in other words
  await assert.rejects(runGit(["status"], { cwd: `${cwd}/gone` }), codeOf("git-failed"));
  const input = new Uint8Array(1_000_000);
  await assert.rejects(
    runGit(["--nonsense"], { cwd, env, input }),
    codeOf("git-failed"),
  );
});

Deno.test("startGit streams both ways and reports the end", async () => {
  using repository = await testRepository();
  const id = await gitText(["hash-object", "-w", "--stdin"], {
    cwd: repository.path,
    input: "content",
  });
  await using git = startGit(["cat-file", "--batch"], { cwd: repository.path });
  await git.write(`${id}\n`);
  await git.closeInput();
  assert.equal(await new Response(git.stdout).text(), `${id} blob 7\ncontent\n`);
  await git.finish();

  await using broken = startGit(["cat-file", "--nonsense"], { cwd: repository.path });
  await broken.write("x".repeat(1_000_000));
  await new Response(broken.stdout).text();
  await assert.rejects(broken.finish(), GitError);
});

Deno.test("startGit ends the process when disposed of early", async () => {
  using repository = await testRepository();
  await using git = startGit(["cat-file", "--batch"], { cwd: repository.path });
  await git.write("HEAD\n");
});

Deno.test("runGit works when LD_LIBRARY_PATH is set and only git may be run", async () => {
  using repository = await testRepository();
  repository.write(
    "try.ts",
    `const { gitText } = await import(${JSON.stringify(module)});
     try { console.log(await gitText(["rev-parse", "--is-inside-work-tree"])); }
     catch (error) { console.log(error.code, error.message); }`,
  );
  const deno = (env: Record<string, string>, ...flags: string[]) =>
    runIn(repository.path, { ...repository.env, ...env }, Deno.execPath(), [
      "run",
      "--no-config",
      "--no-lock",
      "--no-prompt",
      "--allow-read",
      ...flags,
      "try.ts",
    ]);
  const loader = { LD_LIBRARY_PATH: "/nowhere", DYLD_INSERT_LIBRARIES: "" };
  assert.equal((await deno(loader, "--allow-run=git", "--allow-env")).stdout, "true\n");
  assert.match(
    (await deno(loader, "--allow-run=git")).stdout,
    /^git-missing Cannot run git.*unset/,
  );
  assert.match((await deno({})).stdout, /^git-missing Cannot run git.*--allow-run=git/);
  const bare = await deno({ PATH: "/nowhere" }, "--allow-run");
  assert.match(bare.stdout, /^git-missing Cannot run git.*not on the PATH/);
});

Deno.test("readableStderr keeps neither tokens nor credentials in addresses", () => {
  const token = fakeToken();
  const said = `remote: no\nfatal: https://me:${token}@huggingface.co/x\n${token.slice(0, 30)}…\n`;
  const readable = readableStderr(new TextEncoder().encode(said));
  assert.equal(readableStderr(new TextEncoder().encode("a\nb\n\nc\nd\n")), "b; c; d");
  assert.equal(readable, "fatal: https://…@huggingface.co/x; hf_……");
});
