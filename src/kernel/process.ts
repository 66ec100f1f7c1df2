/**
 * The process of a kernel: in a group of its own, so that nothing it started stays behind, and
 * under a guard that ends the group when this process dies, however it dies.
 *
 * @module
 */

import { KernelError } from "../errors.ts";

/**
 * The guard. Its standard input is a pipe that this process holds: when the last writer is gone,
 * even by SIGKILL, `read` returns and the whole group ends. The kernel runs beside it; its exit
 * code is handed on.
 */
const GUARD = `exec 3<&0
(read -r _ <&3; kill -KILL 0) & guard=$!
"$@" </dev/null 3<&-
code=$?
kill -KILL "$guard" 2>/dev/null
exit "$code"`;

/** How to start the kernel's process. */
export interface KernelProcessOptions {
  /** The Deno program. Default: the one that runs this. */
  readonly deno?: string;
  /** Arguments that stand before `--kernel`, such as `["--env-file=.env"]`. Default: none. */
  readonly args?: readonly string[];
  /** Environment variables to add. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Whether the kernel sees only `env` and nothing of this process's environment. Default: false.
   */
  readonly clearEnv?: boolean;
  /** The working folder. Default: that of this process. */
  readonly cwd?: string;
}

/** A running kernel process and its group. */
export class KernelProcess {
  readonly #child: Deno.ChildProcess;
  readonly #grouped: boolean;
  #ended = false;
  #stderr = "";
  /** Resolves when the process has ended, with its exit code. */
  readonly ended: Promise<number>;

  private constructor(child: Deno.ChildProcess, grouped: boolean) {
    this.#child = child;
    this.#grouped = grouped;
    const stderr = this.#readStderr();
    this.ended = child.status.then(async ({ code }) => {
      this.#ended = true;
      this.killGroup(); // whatever the kernel had started
      if (grouped) await child.stdin.close().catch(() => {});
      await stderr;
      return code;
    });
  }

  /**
   * Starts a kernel. Needs `--allow-run`.
   *
   * @param connectionFile Path of the connection file; read once by the kernel.
   * @param options Program, environment, folder.
   * @returns The process.
   * @throws {KernelError} `"kernel-start"` when the program cannot be started.
   */
  static start(connectionFile: string, options: KernelProcessOptions = {}): KernelProcess {
    const deno = options.deno ?? Deno.execPath();
    const args = ["jupyter", ...options.args ?? [], "--kernel", "--conn", connectionFile];
    const grouped = Deno.build.os !== "windows";
    const common = {
      ...(options.env !== undefined && { env: { ...options.env } }),
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      clearEnv: options.clearEnv ?? false,
      stdout: "null",
      stderr: "piped",
    } as const;
    try {
      const command = grouped
        ? new Deno.Command("/bin/sh", {
          ...common,
          args: ["-c", GUARD, "hushbook-kernel", deno, ...args],
          stdin: "piped",
          detached: true,
        })
        : new Deno.Command(deno, { ...common, args, stdin: "null" });
      return new KernelProcess(command.spawn(), grouped);
    } catch (error) {
      const reason = error instanceof Deno.errors.NotFound
        ? "the program or the working folder does not exist"
        : "the system refused";
      throw new KernelError("kernel-start", `Cannot start the Deno kernel: ${reason}`);
    }
  }

  /** Identifier of the process, and of its group. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether the process has not ended yet. */
  get alive(): boolean {
    return !this.#ended;
  }

  /**
   * The last 4,000 characters on standard error. Only to explain a start that failed: once cells
   * ran, programs that they started may have written there.
   */
  get startupText(): string {
    return this.#stderr;
  }

  async #readStderr(): Promise<void> {
    try {
      for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
        this.#stderr = (this.#stderr + text).slice(-4000);
      }
    } catch { /* the pipe broke with the process */ }
  }

  /** Ends the kernel and everything in its group at once. */
  killGroup(): void {
    try {
      // A negative identifier means the group (kill(2)).
      if (this.#grouped) Deno.kill(-this.#child.pid, "SIGKILL");
      else this.#child.kill("SIGKILL");
    } catch { /* nothing is left of it */ }
  }
}
