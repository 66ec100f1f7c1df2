/**
 * The only place that starts git. Arguments are a list, never a shell line; what git says on its
 * error stream is kept for the error message, without anything that could be a token.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { joinBytes } from "./bytes.ts";

/** Where and with what a git command runs. */
export interface GitOptions {
  /** The folder it runs in, absolute. Default: the working folder of this process. */
  readonly cwd?: string;
  /** Environment variables to set on top of those of this process, such as `GIT_INDEX_FILE`. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from standard input. Default: nothing. */
  readonly input?: Uint8Array | string;
  /** Exit codes that are answers and not failures. Default: only 0. */
  readonly exits?: readonly number[];
}

/** What a finished git command answered. */
export interface GitAnswer {
  /** Its standard output, whole. */
  readonly stdout: Uint8Array<ArrayBuffer>;
  /** Its exit code. */
  readonly code: number;
}

/** A git command that is still running; see {@link startGit}. */
export interface GitProcess extends AsyncDisposable {
  /** Its standard output. Read it to the end, or dispose of the process. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Sends bytes to its standard input; waits while its pipe is full. Bytes for a process that has
   * already ended are dropped: {@link GitProcess.finish} reports why it ended.
   *
   * @param bytes What to send.
   */
  write(bytes: Uint8Array | string): Promise<void>;
  /** Ends its standard input. */
  closeInput(): Promise<void>;
  /**
   * Waits for its end.
   *
   * @throws {GitError} If it fails.
   */
  finish(): Promise<void>;
}

/**
 * What git needs to be told so that it reads objects as they are: a replacement (`git replace`) is
 * shown here only, while the object itself is what gets committed and pushed.
 *
 * @param options Folder and environment.
 * @returns The same, with replacements switched off.
 */
export function asTheyAre(options: GitOptions = {}): GitOptions {
  return { ...options, env: { ...options.env, GIT_NO_REPLACE_OBJECTS: "1" } };
}

const encoder = new TextEncoder();

/**
 * Starts git without waiting for it, for commands that stream.
 *
 * Needs `--allow-run=git`. Deno refuses to start a program with `LD_*` or `DYLD_*` set unless it may
 * run anything; git needs none of them, so they are left out.
 *
 * @param args The arguments, such as `["cat-file", "--batch"]`.
 * @param options Folder, environment and accepted exit codes; `input` is not used.
 * @returns The running process.
 * @throws {GitError} If git cannot be started.
 */
export function startGit(args: readonly string[], options: GitOptions = {}): GitProcess {
  const child = spawn(args, options, "piped");
  const input = child.stdin.getWriter();
  const stderr = collect(child.stderr);
  let ended = false;
  return {
    stdout: child.stdout,
    async write(bytes) {
      if (ended) return;
      try {
        await input.write(typeof bytes === "string" ? encoder.encode(bytes) : bytes);
      } catch {
        ended = true; // The pipe broke: git has ended, and its exit code says why.
      }
    },
    async closeInput() {
      if (ended) return;
      ended = true;
      await input.close().catch(() => {});
    },
    async finish() {
      await this.closeInput();
      const { code } = await child.status;
      check(args, code, await stderr, options.exits);
    },
    async [Symbol.asyncDispose]() {
      await this.closeInput();
      await child.stdout.cancel().catch(() => {});
      try {
        child.kill();
      } catch { /* It has ended already. */ }
      await child.status;
      await stderr;
    },
  };
}

/**
 * Runs git to its end.
 *
 * Needs `--allow-run=git`.
 *
 * @param args The arguments, such as `["rev-parse", "--show-toplevel"]`.
 * @param options Folder, environment, input, accepted exit codes.
 * @returns Its output and exit code.
 * @throws {GitError} If git cannot be started, or ends with an exit code that is not accepted.
 */
export async function runGit(
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitAnswer> {
  if (options.input === undefined) {
    const child = spawn(args, options, "null");
    const { code, stdout, stderr } = await child.output();
    check(args, code, stderr, options.exits);
    return { stdout, code };
  }
  const child = spawn(args, options, "piped");
  const { input } = options;
  const sent = (async () => {
    const writer = child.stdin.getWriter();
    try {
      await writer.write(typeof input === "string" ? encoder.encode(input) : input);
      await writer.close();
    } catch { /* The pipe broke: git has ended, and its exit code says why. */ }
  })();
  const [{ code, stdout, stderr }] = await Promise.all([child.output(), sent]);
  check(args, code, stderr, options.exits);
  return { stdout, code };
}

/**
 * Runs git and decodes what it prints.
 *
 * @param args The arguments.
 * @param options Folder, environment, input, accepted exit codes.
 * @returns Its standard output as text, without the final line end.
 * @throws {GitError} As {@link runGit}.
 */
export async function gitText(args: readonly string[], options?: GitOptions): Promise<string> {
  const { stdout } = await runGit(args, options);
  return new TextDecoder().decode(stdout).replace(/\r?\n$/u, "");
}

/** Git reads path patterns as it does by default, whatever a surrounding git was told. */
const PLAIN_PATHSPECS = {
  GIT_LITERAL_PATHSPECS: "0",
  GIT_GLOB_PATHSPECS: "0",
  GIT_NOGLOB_PATHSPECS: "0",
  GIT_ICASE_PATHSPECS: "0",
} as const;

function spawn(
  args: readonly string[],
  { cwd, env }: GitOptions,
  stdin: "piped" | "null",
): Deno.ChildProcess {
  const command = (more: Deno.CommandOptions) =>
    new Deno.Command("git", {
      args: [...args],
      stdin,
      stdout: "piped",
      stderr: "piped",
      ...(cwd === undefined ? {} : { cwd }),
      ...more,
    }).spawn();
  try {
    try {
      return command({ env: { ...PLAIN_PATHSPECS, ...env } });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable) || !/LD_|environment/u.test(error.message)) {
        throw error;
      }
      return command({
        clearEnv: true,
        env: { ...environmentWithoutLoader(), ...PLAIN_PATHSPECS, ...env },
      });
    }
  } catch (error) {
    throw cannotStart(args, error);
  }
}

/** The environment without what changes how programs are loaded. Needs the whole `--allow-env`. */
function environmentWithoutLoader(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !/^(?:LD|DYLD)_/u.test(name)),
  );
}

function cannotStart(args: readonly string[], error: unknown): unknown {
  const action = `Cannot run git ${args[0] ?? ""}`.trimEnd();
  if (error instanceof Deno.errors.NotFound) {
    return /No such cwd/u.test(error.message)
      ? new GitError("git-failed", `${action}: the folder to run it in does not exist`)
      : new GitError(
        "git-missing",
        `${action}: git is not on the PATH; install git (https://git-scm.com) and try again`,
      );
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new GitError(
      "git-missing",
      `${action}: Deno may not start it; run with --allow-run=git, and unset LD_* and DYLD_* variables or add --allow-env`,
    );
  }
  return error;
}

function check(
  args: readonly string[],
  code: number,
  stderr: Uint8Array,
  exits: readonly number[] = [0],
): void {
  if (exits.includes(code)) return;
  const said = readableStderr(stderr);
  // Outside of a repository git diff knows another command line, and complains about ours.
  if (/not a git repository|usage: git diff --no-index/iu.test(said)) {
    throw new GitError(
      "git-no-repository",
      `Cannot run git ${
        args[0] ?? ""
      }: this folder is in no git repository; change to one, or make ` +
        "one with git init",
      code,
    );
  }
  throw new GitError(
    "git-failed",
    `Cannot run git ${args[0] ?? ""}: it ended with exit code ${code}${said && `: ${said}`}`,
    code,
  );
}

/**
 * What git printed on its error stream, fit for an error message: the lines from the first error on,
 * else the last ones. What could be a token, and credentials in an address, are taken out.
 *
 * @param stderr What git printed.
 * @returns At most three lines joined by `; `, at most 400 characters.
 */
export function readableStderr(stderr: Uint8Array): string {
  const lines = new TextDecoder().decode(stderr).split("\n").map((line) => line.trim())
    .filter((line) => line !== "");
  const error = lines.findIndex((line) => /^(?:fatal|error): /u.test(line));
  return (error < 0 ? lines.slice(-3) : lines.slice(error, error + 3)).join("; ")
    .replace(/:\/\/[^\s/@]+@/gu, "://…@")
    .replace(/(hf|api_org|oauth_app_secret)_[\w.-]{8,}/gu, "$1_…")
    .slice(0, 400);
}

/** All of a stream. Not by a Response, which takes 3 ms to load. */
async function collect(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return joinBytes(...await Array.fromAsync(stream));
}
