/**
 * A real Deno kernel, started and spoken to without Python.
 *
 * ```ts ignore
 * await using kernel = await Kernel.start();
 * const { outputs } = await kernel.execute("1 + 1");
 * ```
 *
 * @module
 */

import { KernelError } from "../errors.ts";
import { createConnection } from "./connection.ts";
import { MessageCodec } from "./messages.ts";
import { KernelProcess, type KernelProcessOptions } from "./process.ts";
import type { ExecuteOptions, ExecuteResult } from "./execution.ts";
import { KernelSession } from "./session.ts";
import { Wire } from "./wire.ts";

/** How to start a kernel. */
export interface KernelOptions extends KernelProcessOptions {
  /** How long the kernel may take to answer for the first time, in milliseconds. Default: 60000. */
  readonly startTimeoutMs?: number;
}

/** How often a start is tried again when another process took one of the ports. */
const ATTEMPTS = 3;

/** A running Deno kernel. */
export class Kernel implements AsyncDisposable {
  readonly #process: KernelProcess;
  readonly #wire: Wire;
  readonly #session: KernelSession;
  readonly #ended: Promise<void>;
  #closing: Promise<void> | undefined;
  /** What the kernel said of its language, as nbformat keeps it in a notebook's metadata. */
  readonly languageInfo: Readonly<Record<string, unknown>>;

  private constructor(
    process: KernelProcess,
    wire: Wire,
    session: KernelSession,
    languageInfo: Record<string, unknown>,
  ) {
    this.#process = process;
    this.#wire = wire;
    this.#session = session;
    this.languageInfo = languageInfo;
    this.#ended = process.ended.then(() => wire.close());
  }

  /**
   * Starts a kernel and waits until it answers. Needs `--allow-run`, `--allow-net=127.0.0.1`,
   * `--allow-read` and `--allow-write` (a temporary file for the connection).
   *
   * @param options Program, environment, folder, patience.
   * @returns The kernel; dispose of it, or it is ended with this process.
   * @throws {KernelError} `"kernel-start"` when it cannot be started or does not answer.
   */
  static async start(options: KernelOptions = {}): Promise<Kernel> {
    const deadline = Date.now() + (options.startTimeoutMs ?? 60_000);
    for (let attempt = 1;; attempt++) {
      const kernel = await Kernel.#attempt(options, deadline);
      if (typeof kernel !== "string") return kernel;
      if (attempt < ATTEMPTS && Date.now() < deadline) continue;
      throw new KernelError("kernel-start", `Cannot start the Deno kernel: ${kernel}`);
    }
  }

  static async #attempt(options: KernelOptions, deadline: number): Promise<Kernel | string> {
    const connection = createConnection();
    const folder = await Deno.makeTempDir({ prefix: "hushbook-kernel-" }); // 0700
    const file = `${folder}/connection.json`;
    const givenUp = new AbortController();
    const timer = setTimeout(() => givenUp.abort(), Math.max(0, deadline - Date.now()));
    let process: KernelProcess | undefined;
    let wire: Wire | undefined;
    try {
      await Deno.writeTextFile(file, JSON.stringify(connection), { mode: 0o600 });
      const running = process = KernelProcess.start(file, options);
      running.ended.then(() => givenUp.abort());
      const codec = await MessageCodec.create(connection.key);
      wire = await Wire.open(connection, givenUp.signal);
      const session = new KernelSession(codec, wire, () => running.killGroup());
      wire.listen((channel, frames) => session.receive(channel, frames));
      running.ended.then(() => session.died());
      while (Date.now() < deadline) {
        // Asked again: the very first status may be published before the kernel sees us listen.
        const info = await session.info(Math.min(250, Math.max(1, deadline - Date.now())));
        if (info === null) continue;
        const language = info.language_info as Record<string, unknown> ?? {};
        return new Kernel(running, wire, session, language);
      }
    } catch (error) {
      // Aborted, refused, or dead while it was asked: the reason is found below.
      if (process === undefined) throw error;
    } finally {
      clearTimeout(timer);
      await Deno.remove(folder, { recursive: true });
    }
    const diedByItself = !process.alive;
    process.killGroup();
    await process.ended;
    await wire?.close();
    if (!diedByItself) {
      return "it did not answer in time. Give it longer, or see whether the machine is overloaded";
    }
    const [line = ""] = process.startupText.split("\n").filter((text) => /\berror\b/i.test(text));
    return `it ended at once${line === "" ? "" : ` (${line.trim()})`}`;
  }

  /** Identifier of the kernel's process group. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Whether the kernel's process is running. */
  get alive(): boolean {
    return this.#process.alive;
  }

  /** Resolves when the kernel has ended, for whatever reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** How many messages were dropped because their signature was wrong. */
  get forgedMessages(): number {
    return this.#session.forgedMessages;
  }

  /**
   * Executes a cell, after those asked for before.
   *
   * @param code The cell's source.
   * @param options Answers to questions, time limit, abort signal.
   * @returns How it ended and what it put out. Errors in the cell are part of the result.
   * @throws {KernelError} `"kernel-dead"` or `"kernel-closed"` when the kernel had ended before.
   */
  async execute(code: string, options?: ExecuteOptions): Promise<ExecuteResult> {
    if (this.#closing !== undefined) {
      throw new KernelError("kernel-closed", "Cannot execute: this kernel was shut down");
    }
    if (!this.alive) {
      throw new KernelError("kernel-dead", "Cannot execute: the Deno kernel has ended");
    }
    return await this.#session.execute(code, options);
  }

  /** Interrupts the cell that runs; a pending `await` goes on, as the Deno kernel has it. */
  async interrupt(): Promise<void> {
    if (this.alive) await this.#session.interrupt();
  }

  /**
   * Ends the kernel: asks, and after half a second kills it with everything it started.
   *
   * @returns When the process is gone and the sockets are closed.
   */
  shutdown(): Promise<void> {
    return this.#closing ??= this.#shutdown();
  }

  async #shutdown(): Promise<void> {
    if (this.alive) {
      const timer = setTimeout(() => this.#process.killGroup(), 500);
      await Promise.race([this.#session.shutdown(), this.#process.ended]);
      // It has confirmed, or never will: it holds nothing that has to be saved.
      this.#process.killGroup();
      clearTimeout(timer);
    }
    await this.#ended;
  }

  /** Ends the kernel at once, without asking. */
  kill(): void {
    this.#process.killGroup();
  }

  /** Ends the kernel, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }
}
