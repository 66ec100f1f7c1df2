/**
 * The conversation with one kernel: requests, their replies and what is published meanwhile.
 *
 * The Deno kernel publishes outputs and status from two unordered places: outputs of a cell may
 * arrive after the `idle` that should end it. Therefore the end of a cell is not `idle` but
 * silence: round trips to the kernel during which nothing more of the cell arrives.
 *
 * @module
 */

import { KernelError } from "../errors.ts";
import type { ExecuteOptions, ExecuteResult } from "./execution.ts";
import type { JsonObject, Message, MessageCodec } from "./messages.ts";
import { type Displays, OutputCollector } from "./outputs.ts";
import type { Channel, Wire } from "./wire.ts";

interface Pending {
  collector: OutputCollector;
  options: ExecuteOptions;
  reply: PromiseWithResolvers<Message>;
  idle: PromiseWithResolvers<void>;
  messages: number;
}

/** How many round trips must pass in silence before a cell counts as finished. */
const QUIET_ROUNDS = 2;

/**
 * A second in which fewer messages than this arrive is no backlog being sent but a timer that the
 * cell has left running: it is not waited for. (A timer fires at most 1,000 times in a second.)
 */
const BACKLOG_PER_SECOND = 1100;

/** The conversation with one kernel. */
export class KernelSession {
  readonly #codec: MessageCodec;
  readonly #wire: Wire;
  readonly #kill: () => void;
  readonly #displays: Displays = new Map();
  readonly #pending = new Map<string, Pending>();
  readonly #cells = new Map<string, Pending>();
  readonly #dead = Promise.withResolvers<never>();
  #last: Promise<unknown> = Promise.resolve();
  #asking: Message | undefined;
  #forged = 0;

  /**
   * Begins the conversation.
   *
   * @param codec Signs and checks.
   * @param wire Sockets; the owner hands what they receive to {@link KernelSession.receive}.
   * @param kill Ends the kernel's process at once.
   */
  constructor(codec: MessageCodec, wire: Wire, kill: () => void) {
    this.#codec = codec;
    this.#wire = wire;
    this.#kill = kill;
    this.#dead.promise.catch(() => {});
  }

  /** How many messages were dropped because their signature was wrong. */
  get forgedMessages(): number {
    return this.#forged;
  }

  /** To be called when the process has ended: everything that waits for the kernel fails. */
  died(): void {
    this.#dead.reject(
      new KernelError("kernel-dead", "Cannot go on: the Deno kernel has ended. Start a new one"),
    );
  }

  /**
   * Takes what a socket received.
   *
   * @param channel Where it came from.
   * @param frames The frames.
   */
  receive(channel: Channel, frames: readonly Uint8Array[]): void {
    const message = this.#codec.decode(frames);
    if (message === null) {
      this.#forged++;
      return;
    }
    if (channel === "stdin") return void this.#answer(message);
    const parent = message.parentHeader.msg_id ?? "";
    const pending = this.#pending.get(parent);
    if (channel !== "iopub") {
      pending?.reply.resolve(message);
      return;
    }
    const cell = this.#cells.get(parent);
    if (cell !== undefined) {
      cell.messages++;
      cell.collector.take(message);
      try {
        cell.options.onMessage?.(message);
      } catch { /* a listener's mistake is not the kernel's */ }
    }
    if (message.header.msg_type === "status" && message.content.execution_state === "idle") {
      pending?.idle.resolve();
    }
  }

  async #answer(request: Message): Promise<void> {
    if (request.header.msg_type !== "input_request") return;
    this.#asking = request;
    const ask = this.#cells.get(request.parentHeader.msg_id ?? "")?.options.input;
    let value: string | null = null;
    try {
      value = await ask?.({
        prompt: String(request.content.prompt ?? ""),
        password: request.content.password === true,
      }) ?? null;
    } catch { /* no answer, then: the kernel must not be left waiting */ }
    if (this.#asking === request) await this.#reply(value);
  }

  async #reply(value: string | null): Promise<void> {
    const request = this.#asking;
    if (request === undefined) return;
    this.#asking = undefined;
    const content = { value, status: "ok" };
    const reply = this.#codec.message("input_reply", content, request.header);
    await this.#wire.send("stdin", this.#codec.encode(reply)).catch(() => {});
  }

  #request(
    channel: "shell" | "control",
    type: string,
    content: JsonObject,
    options?: ExecuteOptions,
  ): Pending {
    const message = this.#codec.message(type, content);
    const pending: Pending = {
      collector: new OutputCollector(this.#displays),
      options: options ?? {},
      reply: Promise.withResolvers(),
      idle: Promise.withResolvers(),
      messages: 0,
    };
    const id = message.header.msg_id;
    this.#pending.set(id, pending);
    // Only the last cells can still publish something: the kernel names its latest as the parent.
    if (options !== undefined) {
      this.#cells.set(id, pending);
      if (this.#cells.size > 8) this.#cells.delete(this.#cells.keys().next().value!);
    }
    if (channel === "control") pending.idle.resolve(); // it publishes no status for these
    const forget = () => void this.#pending.delete(id);
    Promise.all([pending.reply.promise, pending.idle.promise]).then(forget, forget);
    this.#wire.send(channel, this.#codec.encode(message)).catch(() => {});
    return pending;
  }

  /**
   * Asks the kernel who it is.
   *
   * @param patienceMs How long to wait for the reply and the published status, in milliseconds.
   * @returns The content of the reply, or null when it did not come in time.
   * @throws {KernelError} `"kernel-dead"` when the kernel ends meanwhile.
   */
  async info(patienceMs: number): Promise<JsonObject | null> {
    const { reply, idle } = this.#request("shell", "kernel_info_request", {});
    const both = Promise.all([reply.promise, idle.promise]).then(([message]) => message.content);
    return await this.#within(both, patienceMs) ?? null;
  }

  /** The promise's value, or undefined when it takes longer; fails when the kernel dies. */
  async #within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, ms, undefined);
    });
    try {
      return await Promise.race([promise, late, this.#dead.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Executes a cell, after those asked for before.
   *
   * @param code The cell's source.
   * @param options Answers, time limit, abort signal.
   * @returns How it ended and what it put out. Errors in the cell are part of the result.
   * @throws {KernelError} `"kernel-dead"` when the kernel had ended before.
   */
  execute(code: string, options: ExecuteOptions = {}): Promise<ExecuteResult> {
    const result = this.#last.then(() => this.#execute(code, options));
    this.#last = result.catch(() => {});
    return result;
  }

  async #execute(code: string, options: ExecuteOptions): Promise<ExecuteResult> {
    // Fails at once when the kernel is already dead.
    await Promise.race([this.#dead.promise, Promise.resolve()]);
    const pending = this.#request("shell", "execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: options.input !== undefined,
      stop_on_error: true,
    }, options);
    const { collector } = pending;
    const finished = Promise.all([pending.reply.promise, pending.idle.promise]);
    let stopped: "timeout" | "interrupted" | undefined;
    try {
      stopped = await this.#stopped(finished, options);
      if (stopped !== undefined) {
        await this.interrupt();
        if (await this.#within(finished, options.graceMs ?? 2000) === undefined) {
          this.#kill();
          await this.#dead.promise;
        }
      }
      const { content } = (await Promise.race([finished, this.#dead.promise]))[0];
      await this.#silence(pending);
      const base = {
        executionCount: collector.executionCount,
        outputs: collector.outputs,
      };
      if (stopped !== undefined) return { status: stopped, ...base };
      if (content.status === "ok") return { status: "ok", ...base };
      const traceback = Array.isArray(content.traceback) ? content.traceback : [];
      const error = {
        name: String(content.ename ?? ""),
        message: String(content.evalue ?? ""),
        stack: traceback.join("\n"),
      };
      return { status: "error", ...base, error };
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      return {
        status: stopped ?? "dead",
        executionCount: collector.executionCount,
        outputs: collector.outputs,
      };
    }
  }

  /** Waits for the end of a cell, its time limit or its abort, whichever is first. */
  async #stopped(
    finished: Promise<unknown>,
    { timeoutMs, signal }: ExecuteOptions,
  ): Promise<"timeout" | "interrupted" | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = Promise.withResolvers<"timeout" | "interrupted">();
    const abort = () => stop.resolve("interrupted");
    if (timeoutMs !== undefined) timer = setTimeout(() => stop.resolve("timeout"), timeoutMs);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return await Promise.race([
        finished.then(() => undefined),
        stop.promise,
        this.#dead.promise,
      ]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  async #silence(pending: Pending): Promise<void> {
    let second = { begin: performance.now(), messages: pending.messages };
    for (let quiet = 0; quiet < QUIET_ROUNDS;) {
      const before = pending.messages;
      const { reply, idle } = this.#request("shell", "kernel_info_request", {});
      await Promise.race([Promise.all([reply.promise, idle.promise]), this.#dead.promise]);
      quiet = pending.messages === before ? quiet + 1 : 0;
      if (performance.now() - second.begin < 1000) continue;
      if (pending.messages - second.messages < BACKLOG_PER_SECOND) return;
      second = { begin: performance.now(), messages: pending.messages };
    }
  }

  /**
   * Interrupts what runs. A pending question is answered with nothing, since an interrupt alone
   * does not end it.
   */
  async interrupt(): Promise<void> {
    const { reply } = this.#request("control", "interrupt_request", {});
    await this.#within(reply.promise, 1000).catch(() => {});
    await this.#reply(null);
  }

  /** Asks the kernel to end. */
  async shutdown(): Promise<void> {
    const { reply } = this.#request("control", "shutdown_request", { restart: false });
    await this.#within(reply.promise, 1000).catch(() => {});
  }
}
