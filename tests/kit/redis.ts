import { temporaryFolder } from "./temporary.ts";

/** A Redis server of a test's own, on a free port of this machine, which forgets all when it ends. */
export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #folder = temporaryFolder();
  readonly #flags: readonly string[];
  #child: Deno.ChildProcess | undefined;

  private constructor(port: number, flags: readonly string[]) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#flags = flags;
  }

  /** Starts one. */
  static async start(...flags: string[]): Promise<RedisServer> {
    const server = RedisServer.absent(...flags);
    await server.restart();
    return server;
  }

  /** One that does not run yet. */
  static absent(...flags: string[]): RedisServer {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    return new RedisServer(port, flags);
  }

  /** Starts it, or starts it anew with nothing in it. */
  async restart(): Promise<void> {
    await this.kill();
    this.#child = new Deno.Command("redis-server", {
      args: [
        ...["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        ...["--dir", this.#folder.path, ...this.#flags],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    for (let tries = 0; tries < 400; tries++) {
      try {
        (await Deno.connect({ hostname: "127.0.0.1", port: this.port })).close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
    throw new Error("redis-server does not listen");
  }

  /** Sends it a signal. */
  signal(signal: Deno.Signal): void {
    this.#child?.kill(signal);
  }

  /** Kills it. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    try {
      child?.kill("SIGKILL");
    } catch { /* ended already */ }
    await child?.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    this.#folder[Symbol.dispose]();
  }
}
