/**
 * Rate limits that hold over all kernels, commands and, with Redis, machines of a user.
 *
 * @module
 */

import { openPrivateFolder, openStateFolder } from "../state/folder.ts";
import { sleepMs } from "../state/lock.ts";
import { CallQueue } from "./call_queue.ts";
import type { Home } from "./home.ts";
import { type LimitKey, limitName } from "./key.ts";
import type { AcquireOptions, LimitStatus, LimitWait, Permit } from "./permit.ts";
import type { OnStoreDown } from "./redis_home.ts";
import { DEFAULT_WINDOWS, lateAfter, spansOf, type Window } from "./window.ts";

/** How to limit calls. */
export interface LimiterOptions {
  /**
   * Which calls share the limit: limiters with the same key share it in every process. Default
   * `"default"`.
   */
  readonly key?: LimitKey | string;
  /** At most so many calls in any window; several hold at once. Default 10 calls in 60 s. */
  readonly windows?: readonly Window[];
  /**
   * Calls of this limiter under way at a time; needs {@link Permit.release}. Default: any number.
   */
  readonly concurrency?: number;
  /** Fails a call whose wait is known to exceed this, in milliseconds. Default: waits for ever. */
  readonly maxWaitMs?: number;
  /**
   * How much longer than its window a call counts, in milliseconds: it covers the different
   * journeys of calls, so make it longer where connections take long to be made. Default a fortieth
   * of the window, at least 20 and at most 50.
   */
  readonly guardMs?: number;
  /**
   * Where the times of calls live: `"file"` shares them with every process of this user,
   * `"memory"` with nobody, and a `redis://` or `rediss://` address (Redis 5 or later, or Valkey)
   * with every machine that gives the same address. Default `"file"`.
   */
  readonly store?: "file" | "memory" | (string & Record<never, never>);
  /**
   * What calls do while Redis does not answer, which is decided within 0.3 s: `"local-share"` uses
   * one part in `instances` of the limit, `"block"` waits until it is back. Default
   * `"local-share"` where `instances` is given, else `"block"`.
   */
  readonly onStoreDown?: OnStoreDown;
  /** Among how many processes the limit is divided while Redis does not answer. Default 2. */
  readonly instances?: number;
  /** The private folder. Default: the state folder (`$HUSHBOOK_HOME`, …). */
  readonly folder?: string;
  /**
   * Is told when a call has to wait, five times a second meanwhile, and when nobody waits any more.
   * Waits below 0.1 s are not told. Default: nobody is told.
   */
  readonly onWait?: (wait: LimitWait) => void;
  /** Is told, in one sentence, about something that was repaired. Default: nobody is told. */
  readonly onNotice?: (notice: string) => void;
  /** Wall clock in milliseconds since 1970; tests put their own in. Default `Date.now`. */
  readonly now?: () => number;
  /** Monotonic clock in milliseconds. Default `performance.now`, or `now` where that is given. */
  readonly steady?: () => number;
  /** Waits; tests put their own in. Default: a timer. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Hands out the right to send calls. */
export interface Limiter extends Disposable {
  /** The limit's name, made of its key. */
  readonly name: string;
  /**
   * Waits for a slot.
   *
   * @param options Signal, priority, longest wait.
   * @returns The permit; release it when the call has ended.
   * @throws {RateLimitError} When the wait is known to exceed `maxWaitMs`.
   * @throws {StateError} When the place where the times live cannot be used: nothing may be sent.
   */
  acquire(options?: AcquireOptions): Promise<Permit>;
  /**
   * Lets every process that shares the limit pause: the server asked for it. A longer pause stays.
   *
   * @param ms Milliseconds from now, at most an hour; 0 ends a pause.
   */
  pause(ms: number): Promise<void>;
  /**
   * Slows down every process that shares the limit, in addition to the windows.
   *
   * @param gapMs Milliseconds between two calls.
   * @param forMs How long that holds, in milliseconds from now, at most an hour.
   */
  pace(gapMs: number, forMs: number): Promise<void>;
  /** How full the limit is, for showing. */
  status(): Promise<LimitStatus>;
  /** Rejects the calls that wait and closes the file or connection. */
  close(): void;
}

/**
 * Creates a limiter: a true sliding window, so no window of the given length, wherever it is laid,
 * ever holds more calls than the limit, whichever kernels and commands make them.
 *
 * Calls wait in turn (first come first served within a priority) without blocking the kernel. A
 * call that is aborted uses no slot; a process that is killed keeps none. Between processes the one
 * that has gone longest without a slot comes first. Clock steps shorten no wait of a running
 * process and lengthen none by more than one window.
 *
 * Tell {@link Permit.sent} right after sending, as `connect()` does: a call that goes out more than
 * a quarter of the guard after its slot was taken is then counted from when it went out. What is
 * left outside: a process that is stopped for longer than a whole window, or killed, in the very
 * moment between getting a slot and telling that it sent; and journeys of calls that differ by more
 * than three quarters of the guard, as that of the first call over a new connection can.
 *
 * Needs `--allow-read` and `--allow-write` for the private folder and `--allow-sys=uid`; with Redis
 * `--allow-net` for its address and `--allow-env`, which its client reads; in memory nothing.
 * Nothing is opened or connected before the first call. The private folder must be on a local disk:
 * network disks do not keep locks reliably.
 *
 * @param options Key, windows, concurrency, where the times live.
 * @returns The limiter. Close it, or declare it with `using`, when it is no longer needed.
 * @throws {RangeError} When a number is out of range.
 * @throws {TypeError} When the key is empty or looks like a token.
 *
 * @example Three calls, two of them at once
 * ```ts
 * import { createLimiter } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * using limiter = createLimiter({ windows: [{ limit: 2, windowMs: 200 }], store: "memory" });
 * const waited: number[] = [];
 * for (let call = 0; call < 3; call++) {
 *   using permit = await limiter.acquire();
 *   waited.push(permit.waitedMs);
 * }
 * assert.ok(waited[1]! < 50);
 * assert.ok(waited[2]! >= 150);
 * ```
 */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const {
    key = "default",
    windows = DEFAULT_WINDOWS,
    concurrency = Infinity,
    maxWaitMs = Infinity,
    guardMs,
    store = "file",
    instances = 2,
    onStoreDown = options.instances === undefined ? "block" : "local-share",
    onNotice,
    now = Date.now,
    steady = options.now ?? (() => performance.now()),
    sleep = sleepMs,
  } = options;
  const name = limitName(key);
  spansOf(windows, guardMs);
  if (!(concurrency >= 1)) {
    throw new RangeError("Cannot create a limiter: concurrency must be a number of 1 or more");
  }
  if (!(maxWaitMs >= 0)) {
    throw new RangeError("Cannot create a limiter: maxWaitMs must be a number of 0 or more");
  }
  if (!(Number.isInteger(instances) && instances >= 1)) {
    throw new RangeError("Cannot create a limiter: instances must be a whole number of 1 or more");
  }
  if (!/^(?:file|memory|rediss?:\/\/.+)$/.test(store)) {
    throw new TypeError(
      'Cannot create a limiter: store must be "file", "memory" or an address that begins with ' +
        "redis:// or rediss://",
    );
  }
  const open = async (): Promise<Home> => {
    if (store.startsWith("redis")) return await openRedis();
    if (store === "memory") {
      const { MemoryHome } = await import("./memory_home.ts");
      return new MemoryHome(windows, steady, guardMs);
    }
    const { FileHome } = await import("./file_home.ts");
    const folder = await openStateFolder({
      ...(options.folder === undefined ? {} : { folder: options.folder }),
      ...(onNotice === undefined ? {} : { onNotice }),
    });
    await openPrivateFolder(`${folder}/limits`, onNotice);
    const path = `${folder}/limits/${name}.ring`;
    return new FileHome({ path, windows, guardMs, clocks: { wall: now, steady }, sleep, onNotice });
  };
  const openRedis = async (): Promise<Home> => {
    const { loadRedisClient } = await import("./redis_store.ts");
    const { RedisHome } = await import("./redis_home.ts");
    const onBack = () => queue.refresh();
    const client = await loadRedisClient();
    const shared = { onStoreDown, instances, steady, onNotice, onBack };
    return new RedisHome({ client, url: store, name, windows, guardMs, ...shared });
  };
  if (store.startsWith("redis")) {
    // The client takes its time to load; what goes wrong is said at the first call.
    import("./redis_store.ts").then(({ loadRedisClient }) => loadRedisClient()).catch(() => {});
  }
  const words = windows.map(({ limit, windowMs }) => `${limit} calls in ${windowMs / 1000} s`)
    .join(" and ");
  const { onWait } = options;
  const queue: CallQueue = new CallQueue({
    open,
    words,
    concurrency,
    maxWaitMs,
    lateMs: lateAfter(windows, guardMs),
    lapsedMs: Math.min(...windows.map(({ windowMs }) => windowMs)),
    steady,
    sleep,
    onWait,
  });
  return {
    name,
    acquire: (asked = {}) => queue.acquire(asked),
    async pause(ms) {
      await (await queue.home()).pause(ms);
      queue.refresh();
    },
    async pace(gapMs, forMs) {
      await (await queue.home()).pace(gapMs, forMs);
      queue.refresh();
    },
    async status() {
      const home = await queue.home();
      const { used, ...view } = await home.view();
      return {
        name,
        store: home.kind,
        windows: windows.map(({ limit, windowMs }, i) => ({
          limit,
          windowMs,
          used: used[i]!,
          left: Math.max(0, limit - used[i]!),
        })),
        ...view,
        running: queue.running,
        waiting: queue.waiting,
      };
    },
    close: () => queue.close(),
    [Symbol.dispose]: () => queue.close(),
  };
}
