/**
 * Real git repositories in temporary folders, apart from the user's settings: an own HOME, an own
 * global configuration, no system configuration, and none of the variables a surrounding git sets.
 */

import { COVERAGE_ENV } from "./coverage.ts";
import { allNeed } from "./programs.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary.ts";

// Without git a file that makes repositories has nothing it could test.
allNeed("git");

// Also for the functions under test, which pass on the environment of this process: a surrounding
// git (these tests run in a hook, say) and the user's settings must not reach them.
for (const name of Object.keys(Deno.env.toObject())) {
  if (name.startsWith("GIT_")) Deno.env.delete(name);
}
Deno.env.set("GIT_CONFIG_GLOBAL", "/dev/null");
Deno.env.set("GIT_CONFIG_NOSYSTEM", "1");

/** How a command under test ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A repository for one test. */
export interface TestRepository extends Disposable {
  /** The working tree, absolute. */
  readonly path: string;
  /** A folder beside it, for clones, worktrees and remotes; removed with it. */
  readonly outside: string;
  /** The whole environment its commands run in. */
  readonly env: Record<string, string>;
  /** Runs git in it; throws with what git said if git fails. */
  git(...args: string[]): Promise<string>;
  /** Runs git in it, whatever comes. */
  tryGit(...args: string[]): Promise<Ended>;
  /** Runs any program in it. */
  run(program: string, args: string[], options?: RunOptions): Promise<Ended>;
  /** Writes a file, making its folders. */
  write(path: string, content: string | Uint8Array): void;
  /** Reads a file. */
  read(path: string): string;
  /** Another repository in the same surroundings, such as a clone or a linked worktree. */
  at(path: string): TestRepository;
}

/** What a program under test gets. */
export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
}

const GLOBAL_CONFIG = `[user]
  name = Test
  email = test@example.org
[init]
  defaultBranch = main
[gc]
  auto = 0
[maintenance]
  auto = false
[protocol "file"]
  allow = always
[advice]
  detachedHead = false
`;

/** Runs a program in a closed environment. */
export async function runIn(
  cwd: string,
  env: Record<string, string>,
  program: string,
  args: string[],
  input?: string | Uint8Array,
): Promise<Ended> {
  const child = new Deno.Command(program, {
    args,
    cwd,
    env,
    clearEnv: true,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
    writer.write(bytes).then(() => writer.close()).catch(() => {});
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

function surroundings(): TemporaryFolder {
  const folder = temporaryFolder();
  for (const name of ["home", "outside", "repository"]) Deno.mkdirSync(`${folder.path}/${name}`);
  Deno.writeTextFileSync(`${folder.path}/gitconfig`, GLOBAL_CONFIG);
  return folder;
}

/** Makes an empty repository. */
export async function testRepository(...initArgs: string[]): Promise<TestRepository> {
  const folder = surroundings();
  const env = {
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    HOME: `${folder.path}/home`,
    GIT_CONFIG_GLOBAL: `${folder.path}/gitconfig`,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_EDITOR: "true",
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME") ?? ""}/.cache/deno`,
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
    TZ: "UTC",
    ...COVERAGE_ENV,
  };
  const repository = repositoryAt(`${folder.path}/repository`, folder, env);
  await repository.git("init", "-q", ...initArgs);
  return repository;
}

function repositoryAt(
  path: string,
  folder: TemporaryFolder,
  env: Record<string, string>,
): TestRepository {
  return {
    path,
    outside: `${folder.path}/outside`,
    env,
    async git(...args) {
      const { code, stdout, stderr } = await this.tryGit(...args);
      if (code !== 0) {
        throw new Error(`git ${args.join(" ")} ended with ${code}: ${stderr}${stdout}`);
      }
      return stdout;
    },
    tryGit(...args) {
      return this.run("git", args);
    },
    run(program, args, options = {}) {
      const { env: more, input, cwd } = options;
      return runIn(cwd ?? path, { ...env, ...more }, program, args, input);
    },
    write(name, content) {
      const file = `${path}/${name}`;
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      if (typeof content === "string") Deno.writeTextFileSync(file, content);
      else Deno.writeFileSync(file, content);
    },
    read: (name) => Deno.readTextFileSync(`${path}/${name}`),
    at: (other) => repositoryAt(other, folder, env),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
