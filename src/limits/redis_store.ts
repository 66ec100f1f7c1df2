/**
 * The connection to Redis or Valkey: answers within a quarter of a second or fails, and comes back
 * by itself. The client, npm `ioredis`, is loaded only here.
 *
 * @module
 */

import type { Redis } from "ioredis";
import { RateLimitError } from "../errors.ts";
import { REDIS_SCRIPT } from "./redis_script.ts";

/** Longest time to connect, and longest time for an answer, in milliseconds. */
const ANSWER_MS = 250;

/** Longest time between two tries to connect, in milliseconds. */
const RECONNECT_MS = 500;

/** What the server says when it is there but does not let us in: waiting would not help. */
const REFUSED =
  /^(?:NOAUTH|WRONGPASS|NOPERM|ERR (?:AUTH|invalid password|unknown command|DB index))/;

/** One answer of the script, times in microseconds. */
export interface Answer {
  /** Slots taken. */
  readonly granted: number;
  /** Until it is worth asking again. */
  readonly waitUs: number;
  /** What the next slot waits for. */
  readonly reason: string;
  /** The server's clock. */
  readonly nowUs: number;
  /** What is left of the pause. */
  readonly pauseUs: number;
  /** The rhythm, 0 where there is none. */
  readonly gapUs: number;
  /** Other processes that wait. */
  readonly others: number;
  /** Calls in each window; only in answers to `view`. */
  readonly used: readonly number[];
  /** The newest stamps, newest first: as the server wrote them. */
  readonly stamps: readonly string[];
}

/** The client's class. */
export type RedisClient = typeof Redis;

/** Loads the client. Needs `--allow-env`, which the client reads at import. */
export async function loadRedisClient(): Promise<RedisClient> {
  const { Redis } = await import("ioredis");
  return Redis;
}

type ScriptedRedis = Redis & {
  hushbook(...args: (string | number)[]): Promise<(string | number)[]>;
};

/** One limit in a Redis or Valkey server. */
export class RedisStore {
  readonly #redis: ScriptedRedis;
  readonly #keys: readonly string[];
  readonly #spans: string;
  #refused: string | undefined;

  /**
   * Prepares the connection; nothing is connected yet.
   *
   * @param client The loaded client.
   * @param url `redis://` or `rediss://`, with user and password where needed.
   * @param name The limit's name.
   * @param spans The windows with their guards, as `limit,microseconds;…`.
   * @param onReady Is told whenever the server has become ready.
   */
  constructor(
    client: RedisClient,
    url: string,
    name: string,
    spans: string,
    onReady: () => void,
  ) {
    // The braces keep the keys in one slot of a cluster.
    this.#keys = ["stamps", "brake", "waiting"].map((part) => `hushbook:{${name}}:${part}`);
    this.#spans = spans;
    this.#redis = new client(url, {
      lazyConnect: true,
      connectTimeout: ANSWER_MS,
      commandTimeout: ANSWER_MS,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      // A command that may have been run must not be run twice.
      autoResendUnfulfilledCommands: false,
      retryStrategy: (tries) => Math.min(25 * 2 ** tries, RECONNECT_MS),
      scripts: { hushbook: { lua: REDIS_SCRIPT, numberOfKeys: 3 } },
    }) as ScriptedRedis;
    // An idle connection keeps no program running.
    this.#redis.on("connect", () => unref((this.#redis as { stream?: unknown }).stream));
    this.#redis.on("error", (error: Error) => this.#notice(error));
    this.#redis.on("ready", () => {
      this.#refused = undefined;
      onReady();
    });
  }

  /** Whether the server is there. */
  get ready(): boolean {
    return this.#redis.status === "ready";
  }

  /**
   * Runs the script.
   *
   * @param operation What to do.
   * @param args What it needs.
   * @returns The answer.
   * @throws {RateLimitError} `rate-limit-store` when the server refuses to serve us at all.
   * @throws {Error} When it does not answer in time.
   */
  async run(operation: string, ...args: (string | number)[]): Promise<Answer> {
    try {
      if (!this.ready) await this.#connect();
      return answerOf(await this.#redis.hushbook(...this.#keys, operation, this.#spans, ...args));
    } catch (error) {
      if (error instanceof Error) this.#notice(error);
      if (this.#refused === undefined) throw error;
      throw new RateLimitError(
        "rate-limit-store",
        `Cannot use the shared limit: the server answers ${this.#refused}; check user, password, ` +
          `database and rights in the address of the store`,
        0,
      );
    }
  }

  /** Ends the connection. */
  close(): void {
    this.#redis.disconnect();
  }

  #notice(error: Error): void {
    // Only the code: the rest may repeat a name or a command.
    if (REFUSED.test(error.message)) this.#refused = error.message.split(" ")[0]!;
  }

  /** Waits until the server is ready, for {@link ANSWER_MS} at the longest. */
  async #connect(): Promise<void> {
    const redis = this.#redis;
    if (redis.status === "wait") redis.connect().catch((error: Error) => this.#notice(error));
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        clearTimeout(timer);
        redis.off("ready", ready);
        redis.off("close", closed);
        if (error === undefined) resolve();
        else reject(error);
      };
      const ready = () => settle();
      const closed = () => settle(new Error("no connection"));
      const timer = setTimeout(closed, ANSWER_MS);
      redis.once("ready", ready);
      redis.once("close", closed);
      if (redis.status === "ready") settle();
    });
  }
}

function unref(socket: unknown): void {
  (socket as { unref?: () => void } | undefined)?.unref?.();
}

function answerOf(reply: readonly (string | number)[]): Answer {
  const [granted, wait, reason, now, pause, gap, others, used, ...stamps] = reply;
  return {
    granted: Number(granted),
    waitUs: Number(wait),
    reason: String(reason),
    nowUs: Number(now),
    pauseUs: Number(pause),
    gapUs: Number(gap),
    others: Number(others),
    used: used === "" ? [] : String(used).split(",").map(Number),
    stamps: stamps.map(String),
  };
}
