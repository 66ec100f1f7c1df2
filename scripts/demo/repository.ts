/**
 * The last part of the demo: a git repository in which a token does not get committed.
 *
 * @module
 */

import type { Stage } from "./stage.ts";

const HUSHBOOK = `${import.meta.dirname}/../hushbook.ts`;
const CONFIG = `${import.meta.dirname}/../../deno.json`;

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Runs a command in the repository, as a person would type it, and tells both. */
async function type(stage: Stage, shown: string, program: string, args: string[]): Promise<Ended> {
  stage.signal.throwIfAborted();
  stage.tell(`\n$ ${shown}`);
  const ended = await run(stage, program, args);
  if (ended.text !== "") stage.tell(ended.text);
  return ended;
}

async function run(stage: Stage, program: string, args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd: `${stage.folder}/repository`,
    clearEnv: true,
    env: { ...stage.env },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

async function hasGit(): Promise<boolean> {
  try {
    return (await new Deno.Command("git", { args: ["--version"], stdout: "null", stderr: "null" })
      .output()).success;
  } catch {
    return false;
  }
}

function madeUpToken(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const random = crypto.getRandomValues(new Uint8Array(34));
  return ["hf", Array.from(random, (byte) => letters[byte % letters.length]).join("")].join("_");
}

/** The notebook with another source in its last cell. */
async function writeLastCell(path: string, source: string): Promise<void> {
  const notebook = JSON.parse(await Deno.readTextFile(path));
  notebook.cells.at(-1).source = [source];
  await Deno.writeTextFile(path, `${JSON.stringify(notebook, null, 1)}\n`);
}

/**
 * Makes a repository with the executed notebook, pastes a token into it, and tells what git
 * answers.
 *
 * @param stage The surroundings.
 * @param notebook Path of the executed notebook.
 */
export async function showRepository(stage: Stage, notebook: string): Promise<void> {
  stage.heading("A git repository, a pasted token, a commit");
  if (!await hasGit()) {
    stage.tell("Left out: there is no git on this machine.");
    return;
  }
  const folder = `${stage.folder}/repository`;
  const path = `${folder}/quickstart.ipynb`;
  await Deno.mkdir(folder);
  await Deno.mkdir(`${stage.folder}/home`, { recursive: true });
  await Deno.writeTextFile(
    stage.env.GIT_CONFIG_GLOBAL!,
    "[user]\n  name = Demo\n  email = demo@example.org\n[init]\n  defaultBranch = main\n",
  );
  await Deno.copyFile(notebook, path);
  const hushbook = (...args: string[]) => [
    "run",
    "--no-prompt",
    `--config=${CONFIG}`,
    "--allow-read",
    "--allow-write",
    "--allow-run",
    "--allow-env",
    "--allow-sys=uid",
    HUSHBOOK,
    ...args,
  ];
  await type(stage, "git init", "git", ["init", "--quiet"]);
  await type(stage, "deno task hook install", Deno.execPath(), hushbook("hook", "install"));

  const before = JSON.parse(await Deno.readTextFile(path)).cells.at(-1).source.join("");
  stage.tell("\nSomebody pastes a token into the last cell, to try something quickly.");
  const token = madeUpToken();
  await writeLastCell(path, `const token = "${token}";`);
  await run(stage, "git", ["add", "."]);
  const refused = await type(stage, `git commit -m "Try it"`, "git", ["commit", "-m", "Try it"]);

  stage.tell("\nThe advice is followed: the token goes, and connect() finds it where it is kept.");
  await writeLastCell(path, before);
  await run(stage, "git", ["add", "."]);
  const accepted = await type(stage, `git commit -m "Try it"`, "git", ["commit", "-m", "Try it"]);
  await type(stage, "git log --oneline --stat", "git", ["log", "--oneline", "--stat"]);

  const committed = await run(stage, "git", ["show", "HEAD:quickstart.ipynb"]);
  const objects = await run(stage, "git", ["log", "--all", "-p"]);
  const outputs = JSON.parse(committed.text).cells
    .reduce((sum: number, cell: { outputs?: unknown[] }) => sum + (cell.outputs?.length ?? 0), 0);
  const safe = !objects.text.includes(token) && !(refused.text + accepted.text).includes(token);
  if (refused.code === 0 || accepted.code !== 0 || outputs !== 0 || !safe) {
    throw new Error("The demo's repository did not behave as it should");
  }
  stage.tell(
    "\nThe first commit was refused, the second accepted. What git holds has no outputs and no token.",
  );
}
