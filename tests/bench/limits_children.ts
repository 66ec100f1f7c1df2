/** Processes that send calls under a limit, and a server that notes when they arrive. */
import { sourceUrl } from "../kit/child.ts";

/** Bare specifiers of the sources resolve here. */
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** How the processes ask for a slot: code that defines `take(signal)`, given these names. */
export interface Contender {
  /** What is measured. */
  readonly title: string;
  /**
   * Defines `async function take(signal)`, which may give a permit with `sent()`; may use `limit`,
   * `windowMs` and `folder`.
   */
  readonly take: string;
}

/** Hushbook, in a ring file or wherever `store` says. */
export function hushbook(title: string, options = ""): Contender {
  return {
    title,
    take: `
      import { createLimiter } from ${JSON.stringify(sourceUrl("src/limits/limiter.ts"))};
      const limiter = createLimiter({ folder, windows: [{ limit, windowMs }], ${options} });
      await limiter.status();
      const take = (signal) => limiter.acquire({ signal });
    `,
  };
}

/** rate-limiter-flexible in Redis: asks again when it says so. */
export function rateLimiterFlexible(url: string): Contender {
  return {
    title: "rate-limiter-flexible 11 (Redis)",
    take: `
      import { RateLimiterRedis } from "npm:rate-limiter-flexible@11";
      import { Redis } from "npm:ioredis@6";
      const limiter = new RateLimiterRedis({
        storeClient: new Redis(${JSON.stringify(url)}), points: limit, duration: windowMs / 1000,
      });
      async function take(signal) {
        while (true) {
          signal.throwIfAborted();
          try {
            return await limiter.consume("bench");
          } catch (refused) {
            await new Promise((done) => setTimeout(done, Math.max(1, refused.msBeforeNext)));
          }
        }
      }
    `,
  };
}

/** bottleneck in Redis, with a reservoir that is refilled. */
export function bottleneck(url: string): Contender {
  return {
    title: "bottleneck 2.19 (Redis, reservoir)",
    take: `
      import Bottleneck from "npm:bottleneck@2";
      import * as Redis from "npm:ioredis@6";
      const address = new URL(${JSON.stringify(url)});
      const limiter = new Bottleneck({
        id: "bench", datastore: "ioredis", Redis: Redis.default, clearDatastore: false,
        clientOptions: { host: address.hostname, port: Number(address.port) },
        reservoir: limit, reservoirRefreshAmount: limit, reservoirRefreshInterval: windowMs,
      });
      await limiter.ready();
      const take = () => limiter.schedule(async () => {});
    `,
  };
}

/** What the processes do. */
export interface Race {
  /** Who gives out the slots. */
  readonly contender: Contender;
  /** Calls per window. */
  readonly limit: number;
  /** Length of the window in milliseconds. */
  readonly windowMs: number;
  /** How long they call, in milliseconds. */
  readonly lastsMs: number;
  /**
   * `adversarial`: one call, silence until 93 % of the window, then as many as they can get for
   * two thirds of a window, then silence. `hammer`: as many as they can get, always.
   */
  readonly pattern: "adversarial" | "hammer";
  /** Kills a process at random about so often, in milliseconds, and starts another. */
  readonly killEveryMs?: number;
  /** Stops a process at random about so often, in milliseconds, for up to nine tenths of a window. */
  readonly stopEveryMs?: number;
}

function childCode({ contender, limit, windowMs, lastsMs, pattern }: Race): string {
  return `
    const [port, number, startAt, folder] = Deno.args;
    const limit = ${limit}, windowMs = ${windowMs}, begin = Number(startAt);
    const until = (time) => new Promise((done) => setTimeout(done, Math.max(0, time - Date.now())));
    ${contender.take}
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    async function send(signal) {
      const permit = await take(signal);
      await connection.write(new Uint8Array([Number(number)]));
      permit?.sent?.();
    }
    async function hammer(end) {
      const signal = AbortSignal.timeout(Math.max(0, end - Date.now()));
      await Promise.allSettled([1, 2, 3].map(async () => {
        while (Date.now() < end) {
          await send(signal);
        }
      }));
    }
    await until(begin);
    if (${pattern === "hammer"}) await hammer(begin + ${lastsMs});
    else for (let start = begin; start < begin + ${lastsMs}; start += windowMs * 2.5) {
      await until(start);
      if (number === "0") {
        await send(AbortSignal.timeout(windowMs));
      }
      await until(start + 0.93 * windowMs);
      await hammer(start + 1.6 * windowMs);
    }
    Deno.exit(0);
  `;
}

/**
 * Runs a race of four processes.
 *
 * @returns When calls arrived, in milliseconds, in order; and how many came from each process.
 */
export async function race(what: Race): Promise<{ arrivals: number[]; from: number[] }> {
  const arrivals: number[] = [];
  const from = [0, 0, 0, 0];
  const folder = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      connection.setNoDelay();
      (async () => {
        const bytes = new Uint8Array(64);
        while (true) {
          const count = await connection.read(bytes).catch(() => null);
          if (count === null) break;
          const now = performance.now();
          for (const number of bytes.subarray(0, count)) {
            arrivals.push(now);
            from[number]!++;
          }
        }
        connection.close();
      })();
    }
  })();
  const code = `data:application/typescript;base64,${
    btoa(String.fromCharCode(...new TextEncoder().encode(childCode(what))))
  }`;
  // Started well before they begin: starting four processes takes its time.
  const startAt = Date.now() + 4000, end = startAt + what.lastsMs;
  const start = (number: number) =>
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-check", "--config", CONFIG, "--no-lock", "--allow-all", code]
        .concat([listener.addr.port, number, startAt, `${folder}/state`].map(String)),
      stdout: "null",
      stderr: "inherit",
    }).spawn();
  const slots = [0, 1, 2, 3].map(start);
  if (what.killEveryMs !== undefined) {
    await new Promise((done) => setTimeout(done, startAt - Date.now()));
    while (Date.now() < end) {
      await new Promise((done) => setTimeout(done, what.killEveryMs! * 2 * Math.random()));
      const number = Math.floor(Math.random() * slots.length);
      const victim = slots[number]!;
      kill(victim);
      await victim.status;
      slots[number] = start(number);
    }
    slots.forEach(kill);
  }
  if (what.stopEveryMs !== undefined) {
    await new Promise((done) => setTimeout(done, startAt - Date.now()));
    while (Date.now() < end - what.windowMs) {
      const victim = slots[Math.floor(Math.random() * slots.length)]!;
      victim.kill("SIGSTOP");
      await new Promise((done) => setTimeout(done, Math.random() * 0.9 * what.windowMs));
      victim.kill("SIGCONT");
      await new Promise((done) => setTimeout(done, what.stopEveryMs! * 2 * Math.random()));
    }
  }
  await Promise.all(slots.map(({ status }) => status));
  await new Promise((done) => setTimeout(done, 50));
  listener.close();
  await serving;
  await Deno.remove(folder, { recursive: true });
  return { arrivals: arrivals.sort((a, b) => a - b), from };
}

/** The most arrivals in any closed window of that length. */
export function mostIn(arrivals: readonly number[], windowMs: number): number {
  let most = 0;
  for (let first = 0, last = 0; last < arrivals.length; last++) {
    while (arrivals[last]! - arrivals[first]! > windowMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch { /* it ended by itself a moment ago */ }
}
