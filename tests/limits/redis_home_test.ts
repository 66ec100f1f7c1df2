import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { RateLimitError } from "../../src/errors.ts";
import { createLimiter, type Limiter, type LimiterOptions } from "../../src/limits/limiter.ts";
import { hasProgram, needs } from "../kit/programs.ts";
import { RedisServer } from "../kit/redis.ts";

const WINDOW = { limit: 4, windowMs: 600 };

let shared: RedisServer;
let tests = 0;

Deno.test.beforeAll(async () => {
  if (!hasProgram("redis-server")) return;
  shared = await RedisServer.start();
  await sleep(1100); // a young server first asks everybody what they know
});

Deno.test.afterAll(async () => {
  await shared?.[Symbol.asyncDispose]();
});

/** A server, and limiters on it that are closed at the end. */
function bench(own?: RedisServer) {
  const redis = own ?? shared;
  const key = `test-${++tests}`;
  const notices: string[] = [];
  const limiters: Limiter[] = [];
  return {
    server: redis,
    key,
    notices,
    limiter(options: LimiterOptions = {}): Limiter {
      const onNotice = (notice: string) => void notices.push(notice);
      const limiter = createLimiter({
        ...{ key, store: redis.url, windows: [WINDOW], onNotice },
        ...options,
      });
      limiters.push(limiter);
      return limiter;
    },
    async [Symbol.asyncDispose]() {
      for (const limiter of limiters) limiter.close();
      await own?.[Symbol.asyncDispose]();
    },
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test({
  ...needs("createLimiter() (redis) shares window and pause between processes", "redis-server"),
  async fn() {
    await using b = bench();
    const windows = [{ ...WINDOW, windowMs: 2000 }]; // longer than a busy machine takes for four calls
    const one = b.limiter({ windows }), other = b.limiter({ windows });
    const began = performance.now();
    await Promise.all([one, other, one, other].map((limiter) => limiter.acquire()));
    const status = await other.status();
    assert.equal(status.store, "redis");
    assert.deepEqual(status.windows, [{ ...windows[0], used: 4, left: 0 }]);
    assert.ok((await other.acquire()).waitedMs > 0);
    assert.ok(performance.now() - began >= 2000);
    await one.pause(700);
    assert.ok((await other.acquire()).waitedMs >= 690);
    await one.pause(60_000);
    const waiting = other.acquire();
    await sleep(50);
    await other.pause(0);
    await waiting;
  },
});

Deno.test({
  ...needs(
    "createLimiter() (redis) counts a call from when it is sent when that is late",
    "redis-server",
  ),
  async fn() {
    await using b = bench();
    const one = b.limiter(), other = b.limiter();
    const late = await one.acquire();
    await sleep(200);
    const began = performance.now();
    late.sent();
    for (let call = 0; call < 3; call++) await other.acquire();
    assert.equal((await other.status()).windows[0]!.used, 4, "it takes no second slot");
    await other.acquire();
    assert.ok(performance.now() - began >= WINDOW.windowMs);
  },
});

Deno.test({
  ...needs(
    "createLimiter() (redis) keeps the window between processes that compete",
    "redis-server",
  ),
  async fn() {
    await using b = bench();
    const began = performance.now();
    const signal = AbortSignal.timeout(2000);
    const got = [0, 0, 0];
    await Promise.all(got.map(async (_, who) => {
      const limiter = b.limiter();
      try {
        while (true) {
          await limiter.acquire({ signal });
          got[who]!++;
        }
      } catch (error) {
        assert.equal(error, signal.reason);
      }
    }));
    const took = performance.now() - began;
    const client = new Redis(b.server.url);
    const stamps = (await client.lrange(`hushbook:{${b.key}}:stamps`, 0, -1)).map(Number);
    for (const key of await client.keys(`hushbook:{${b.key}}:*`)) {
      assert.ok(await client.pttl(key) > 0, key);
    }
    client.disconnect();
    // What was granted while the signal ended the wait was given back.
    const kept = stamps.length;
    assert.ok(kept > 0 && kept <= WINDOW.limit, `no more is kept than the window needs: ${kept}`);
    assert.ok(got.every((count) => count > 0), `everybody gets some: ${got}`);
    const most = WINDOW.limit * (1 + Math.floor(took / WINDOW.windowMs));
    assert.ok(got.reduce((a, c) => a + c) <= most, `${got} of ${most}`);
  },
});

Deno.test({
  ...needs(
    "createLimiter() (redis) gives the slot back when the call is aborted under way",
    "redis-server",
  ),
  async fn() {
    await using b = bench();
    const limiter = b.limiter();
    const controllers = [1, 2, 3].map(() => new AbortController());
    const calls = controllers.map(({ signal }) => limiter.acquire({ signal }));
    for (const controller of controllers) controller.abort();
    for (const call of calls) await assert.rejects(call, { name: "AbortError" });
    for (let tries = 0; tries < 50; tries++) {
      if ((await limiter.status()).windows[0]!.used === 0) break;
      await sleep(10);
    }
    const permits = await Promise.all([1, 2, 3, 4].map(() => limiter.acquire()));
    assert.ok(permits.every(({ waitedMs }) => waitedMs < WINDOW.windowMs));
  },
});

Deno.test({
  ...needs(
    "createLimiter() (redis) waits one window at most when the server's clock was put back",
    "redis-server",
  ),
  async fn() {
    await using b = bench();
    const limiter = b.limiter();
    const client = new Redis(b.server.url);
    const future = (Date.now() + 3_600_000) * 1000;
    for (let i = 0; i < 4; i++) await client.lpush(`hushbook:{${b.key}}:stamps`, future + i);
    client.disconnect();
    const { waitedMs } = await limiter.acquire();
    assert.ok(waitedMs >= WINDOW.windowMs - 100 && waitedMs < 30_000, `${waitedMs}`);
  },
});

Deno.test({
  ...needs("createLimiter() (redis) decides at once when the server is not there", "redis-server"),
  async fn() {
    await using b = bench(RedisServer.absent());
    const sharing = b.limiter({ instances: 2 });
    await sharing.acquire();
    await sharing.acquire();
    assert.equal((await sharing.status()).store, "local-share");
    assert.equal((await sharing.status()).windows[0]!.used, 2);
    await assert.rejects(sharing.acquire({ signal: AbortSignal.timeout(100) }), {
      name: "TimeoutError",
    });
    assert.deepEqual(b.notices, [
      "The store of the shared limit does not answer: this process uses one part in 2 of the limit " +
      "until it is back",
    ]);
    const blocking = b.limiter();
    await assert.rejects(blocking.acquire({ maxWaitMs: 400 }), (error: unknown) => {
      assert.ok(error instanceof RateLimitError);
      assert.equal(error.code, "rate-limit-store");
      return true;
    });
    const waiting = blocking.acquire();
    await b.server.restart();
    await waiting;
    assert.equal((await blocking.status()).store, "redis");
    assert.ok(b.notices.includes("The store of the shared limit is back"));
  },
});

Deno.test({
  ...needs("createLimiter() (redis) decides at once when the server hangs", "redis-server"),
  async fn() {
    await using b = bench(await RedisServer.start());
    const limiter = b.limiter({ instances: 2 });
    await limiter.acquire();
    b.server.signal("SIGSTOP");
    await limiter.acquire();
    assert.equal((await limiter.status()).store, "local-share");
    b.server.signal("SIGCONT");
    for (let tries = 0; tries < 600 && (await limiter.status()).store !== "redis"; tries++) {
      await sleep(50);
    }
    // The call made meanwhile has been told; so has the one that the hanging server did late.
    const { store, windows } = await limiter.status();
    assert.equal(store, "redis");
    assert.ok(windows[0]!.used <= 3);
  },
});

/** Two limiters under load whose server is killed and comes back. */
async function outage(attempt = 1): Promise<void> {
  await using b = bench(await RedisServer.start());
  const guardMs = 300; // grants are measured here, not where they are given
  const times: number[] = [];
  const began = performance.now();
  const end = new AbortController();
  const { signal } = end;
  const load = [1, 2].map(async () => {
    const limiter = b.limiter({ guardMs, instances: 2 });
    try {
      while (true) {
        await limiter.acquire({ signal });
        times.push(performance.now() - began);
      }
    } catch (error) {
      assert.equal(error, signal.reason);
    }
  });
  await sleep(1300);
  await b.server.kill();
  const goneAt = performance.now() - began;
  await sleep(1100);
  const backFrom = performance.now() - began;
  await b.server.restart();
  const backAt = performance.now() - began;
  const areAway = () => b.notices.filter((notice) => /does not answer/.test(notice)).length;
  const areBack = () => b.notices.filter((notice) => notice.endsWith("is back")).length;
  for (let tries = 0; tries < 600 && areBack() < 2; tries++) await sleep(50);
  await sleep(3000);
  end.abort();
  await Promise.all(load);
  // One limiter that a busy machine has cut off alone uses its part beside the other's whole: that is no
  // outage of the server, and nothing that this test is about.
  if (areAway() > 2 && attempt < 5) return await outage(attempt + 1);
  times.sort((a, c) => a - c);
  for (let i = WINDOW.limit; i < times.length; i++) {
    const apart = times[i]! - times[i - WINDOW.limit]!;
    assert.ok(apart > WINDOW.windowMs, `calls ${i - WINDOW.limit} and ${i}: ${apart} ms apart`);
  }
  const during = times.filter((time) => time > goneAt + 100 && time < backFrom).length;
  assert.ok(during >= 2, "calls go on while the server is away");
  assert.ok(times.some((time) => time > backAt + 1000), "and when it is back");
  assert.ok(areBack() >= 2);
}

Deno.test({
  ...needs(
    "createLimiter() (redis) keeps the window when the server is killed and restarted under load",
    "redis-server",
  ),
  fn: () => outage(),
});

Deno.test({
  ...needs(
    "createLimiter() (redis) says that the server refuses the password, and not the password",
    "redis-server",
  ),
  async fn() {
    await using b = bench(await RedisServer.start("--requirepass", "right"));
    for (const user of ["", "someone:wrong@", ":wrong@"]) {
      const store = b.server.url.replace("redis://", `redis://${user}`);
      const limiter = b.limiter({ store, instances: 2 });
      // On a busy machine the server's answer may come after some calls of this process's part.
      const calls = async () => {
        for (let call = 0; call < 50; call++) await limiter.acquire();
      };
      await assert.rejects(calls(), (error: unknown) => {
        assert.ok(error instanceof RateLimitError);
        assert.equal(error.code, "rate-limit-store");
        assert.match(error.message, /the server answers (NOAUTH|WRONGPASS);/);
        assert.ok(!Deno.inspect(error).includes("wrong@"));
        return true;
      });
    }
    const right = b.limiter({ store: b.server.url.replace("redis://", "redis://:right@") });
    await right.acquire();
  },
});

Deno.test({
  ...needs("createLimiter() (redis) keeps a pause when the server forgets it", "redis-server"),
  async fn() {
    await using b = bench(await RedisServer.start());
    const limiter = b.limiter({ instances: 2 });
    await limiter.pause(30_000);
    await b.server.restart();
    const other = b.limiter();
    let pausedMs = 0;
    for (let tries = 0; tries < 100 && pausedMs < 20_000; tries++) {
      await limiter.status(); // notices the break, if the connection has not yet
      await sleep(20);
      pausedMs = (await other.status()).pausedMs;
    }
    assert.ok(pausedMs > 20_000 && pausedMs <= 30_000, `${pausedMs}`);
  },
});

Deno.test("createLimiter() refuses a store that it does not know, without repeating it", () => {
  for (const store of ["http://example.org/secret", "redis:", "sqlite"]) {
    assert.throws(() => createLimiter({ store }), (error: unknown) => {
      assert.ok(error instanceof TypeError && !error.message.includes("secret"));
      return true;
    });
  }
  assert.throws(() => createLimiter({ instances: 0 }), RangeError);
});
