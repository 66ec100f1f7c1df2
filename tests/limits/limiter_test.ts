import assert from "node:assert/strict";
import { HushbookError, RateLimitError, StateError } from "../../src/errors.ts";
import { createLimiter, type Limiter, type LimiterOptions } from "../../src/limits/limiter.ts";
import type { LimitWait } from "../../src/limits/permit.ts";
import { FileLock } from "../../src/state/lock.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";
import { FakeClock, settle } from "./fake_clock.ts";

const SPAN = 1000 + 25;

/** A limiter of 2 calls in 1 s on a clock of its own, in memory or in a file. */
function bench(store: "file" | "memory", options: LimiterOptions = {}) {
  const folder = temporaryFolder();
  const clock = new FakeClock();
  const { now, sleep } = clock;
  const limiters: Limiter[] = [];
  const create = () => {
    const limiter = createLimiter({
      windows: [{ limit: 2, windowMs: 1000 }],
      store,
      folder: folder.path,
      now,
      sleep,
      ...options,
    });
    limiters.push(limiter);
    return limiter;
  };
  return {
    clock,
    folder: folder.path,
    create,
    limiter: create(),
    [Symbol.dispose]() {
      for (const limiter of limiters) limiter.close();
      folder[Symbol.dispose]();
    },
  };
}

for (const store of ["file", "memory"] as const) {
  Deno.test(`createLimiter() (${store}) lets waiting calls go in turn, highest priority first`, async () => {
    using b = bench(store);
    const order: string[] = [];
    const call = (name: string, priority?: number) =>
      b.limiter.acquire({ priority }).then(() => void order.push(name));
    const all = [call("1"), call("2"), call("3"), call("4"), call("urgent", 5), call("5")];
    await b.limiter.status(); // opened meanwhile
    await b.clock.advance(SPAN * 2);
    await Promise.all(all);
    // All six were queued before the first slot was taken.
    assert.deepEqual(order, ["urgent", "1", "2", "3", "4", "5"]);
  });

  Deno.test(`createLimiter() (${store}) aborts a waiting call at once and uses no slot for it`, async () => {
    using b = bench(store);
    await b.limiter.acquire();
    await b.limiter.acquire();
    const controller = new AbortController();
    const aborted = b.limiter.acquire({ signal: controller.signal });
    const next = b.limiter.acquire();
    await b.clock.advance(100);
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(aborted, (error) => error === reason);
    await b.clock.advance(SPAN - 100);
    assert.equal((await next).waitedMs, SPAN);
    assert.equal((await b.limiter.status()).windows[0]!.used, 1);
    await b.limiter.acquire();
  });

  Deno.test(`createLimiter() (${store}) rejects with the reason when the signal is aborted already`, async () => {
    using b = bench(store);
    await assert.rejects(b.limiter.acquire({ signal: AbortSignal.abort("no") }), (e) => e === "no");
    assert.equal((await b.limiter.status()).windows[0]!.used, 0);
  });

  Deno.test(`createLimiter() (${store}) fails at once when the wait is known to be too long`, async () => {
    using b = bench(store);
    await b.limiter.acquire();
    await b.limiter.acquire();
    const fits = b.limiter.acquire({ maxWaitMs: 1100 });
    const alsoFits = b.limiter.acquire({ maxWaitMs: 1100 });
    await assert.rejects(b.limiter.acquire({ maxWaitMs: 1100 }), (error: unknown) => {
      assert.ok(error instanceof RateLimitError);
      assert.equal(error.code, "rate-limit-wait");
      assert.equal(error.waitMs, SPAN * 2);
      assert.match(error.message, /^Cannot make the call now: the limit of 2 calls in 1 s .* 2\.0/);
      return true;
    });
    await b.clock.advance(SPAN);
    await Promise.all([fits, alsoFits]);
  });

  Deno.test(`createLimiter() (${store}) fails a waiting call when a pause makes it too late`, async () => {
    using b = bench(store);
    await b.limiter.acquire();
    await b.limiter.acquire();
    const late = assert.rejects(b.limiter.acquire({ maxWaitMs: 5000 }), {
      code: "rate-limit-wait",
      message: /the server asked to wait/,
    });
    await b.clock.advance(100);
    await b.limiter.pause(60_000);
    await late;
    const patient = b.limiter.acquire();
    await b.clock.advance(1000);
    await b.limiter.pause(0);
    await b.clock.advance(1);
    await patient;
  });

  Deno.test(`createLimiter() (${store}) tells a wait once, counts down, and tells its end`, async () => {
    const words: LimitWait[] = [];
    using b = bench(store, { onWait: (wait) => void words.push(wait) });
    await b.limiter.acquire();
    await b.limiter.acquire();
    assert.equal(words.length, 0);
    const own: LimitWait[] = [];
    const throwing = () => {
      throw new Error("a broken display");
    };
    const waiting = [
      b.limiter.acquire({ onWait: (wait) => void own.push(wait) }),
      b.limiter.acquire({ onWait: throwing }),
    ];
    await b.clock.advance(SPAN + 10);
    await Promise.all(waiting);
    assert.deepEqual(words.map(({ remainingMs }) => remainingMs), [
      1025,
      825,
      625,
      425,
      225,
      25,
      0,
    ]);
    assert.deepEqual(words.map(({ done }) => done).indexOf(true), 6);
    assert.deepEqual(words[0], {
      remainingMs: SPAN,
      waitedMs: 0,
      reason: "window",
      waiting: words[0]!.waiting,
      done: false,
    });
    assert.deepEqual(own.map(({ remainingMs }) => remainingMs), [1025, 825, 625, 425, 225, 25, 0]);
    assert.equal(own.at(-1)!.waitedMs, SPAN);
  });

  Deno.test(`createLimiter() (${store}) keeps to its concurrency, without losing a place`, async () => {
    using b = bench(store, { windows: [{ limit: 100, windowMs: 1000 }], concurrency: 2 });
    const first = await b.limiter.acquire(), second = await b.limiter.acquire();
    let third = false, fourth = false;
    const controller = new AbortController();
    const aborted = b.limiter.acquire({ signal: controller.signal, priority: 9 });
    const waiting = [
      b.limiter.acquire().then(() => third = true),
      b.limiter.acquire().then(() => fourth = true),
    ];
    await b.clock.advance(5000);
    assert.deepEqual([third, fourth], [false, false]);
    controller.abort();
    await assert.rejects(aborted);
    first.release();
    first.release(); // releasing twice frees one place
    await settle();
    assert.deepEqual([third, fourth], [true, false]);
    second[Symbol.dispose]();
    await Promise.all(waiting);
    assert.equal((await b.limiter.status()).running, 2);
  });

  Deno.test(`createLimiter() (${store}) rejects whoever waits when it is closed`, async () => {
    using b = bench(store);
    await b.limiter.acquire();
    await b.limiter.acquire();
    const waiting = assert.rejects(b.limiter.acquire(), TypeError);
    await settle();
    b.limiter.close();
    b.limiter.close();
    await waiting;
    await assert.rejects(b.limiter.acquire(), TypeError);
  });

  Deno.test(`createLimiter() (${store}) reports how full it is`, async () => {
    using b = bench(store, {
      windows: [{ limit: 2, windowMs: 1000 }, { limit: 5, windowMs: 9000 }],
    });
    await b.limiter.acquire();
    await b.limiter.acquire();
    const waiting = b.limiter.acquire();
    await b.limiter.pace(10, 5000);
    await b.clock.advance(25);
    assert.deepEqual(await b.limiter.status(), {
      name: "default",
      store,
      windows: [
        { limit: 2, windowMs: 1000, used: 2, left: 0 },
        { limit: 5, windowMs: 9000, used: 2, left: 3 },
      ],
      nextFreeMs: 1000,
      reason: "window",
      pausedMs: 0,
      gapMs: 10,
      waitingElsewhere: 0,
      running: 2,
      waiting: 1,
    });
    await b.clock.advance(1000);
    await waiting;
  });
}

Deno.test("createLimiter() tries before it gives up when a call does not want to wait", async () => {
  using b = bench("file");
  await b.limiter.acquire({ maxWaitMs: 0 }); // opens the file first
  await b.limiter.acquire({ maxWaitMs: 0 });
  await assert.rejects(b.limiter.acquire({ maxWaitMs: 0 }), { code: "rate-limit-wait" });
});

Deno.test("createLimiter() says that a process holds the file when a call cannot wait for it", async () => {
  using b = bench("file");
  await b.limiter.acquire();
  using holder = FileLock.open(`${b.folder}/limits/default.ring`);
  assert.ok(holder.tryAcquire());
  const late = assert.rejects(b.limiter.acquire({ maxWaitMs: 3000 }), {
    code: "rate-limit-wait",
    message: /another process holds the file of the limit/,
  });
  await b.clock.advance(3100);
  await late;
  holder.release();
  await b.limiter.acquire();
});

Deno.test("createLimiter() waits for concurrency however far the deadline is", async () => {
  using limiter = createLimiter({ store: "memory", concurrency: 1, maxWaitMs: 1e13 });
  const first = await limiter.acquire();
  const second = limiter.acquire();
  await settle();
  first.release();
  (await second).release();
});

Deno.test("createLimiter() shares its limit and its pause when the key is the same", async () => {
  using b = bench("file");
  const other = b.create();
  await b.limiter.acquire();
  await other.acquire();
  const waiting = b.limiter.acquire();
  await b.clock.advance(500);
  await other.pause(2000);
  await b.clock.advance(1999);
  assert.equal((await b.limiter.status()).waiting, 1);
  await b.clock.advance(1);
  await waiting;
  using stranger = createLimiter({ key: "other", folder: b.folder, store: "file" });
  assert.equal((await stranger.acquire()).waitedMs < 1000, true);
});

Deno.test("createLimiter() takes turns between processes that wait", async () => {
  using b = bench("file", { windows: [{ limit: 2, windowMs: 100 }] });
  const limiters = [b.limiter, b.create(), b.create()];
  const got = [0, 0, 0];
  const controller = new AbortController();
  for (const limiter of limiters) await limiter.status(); // opens the file
  for (const [who, limiter] of limiters.entries()) {
    for (let call = 0; call < 60; call++) {
      limiter.acquire({ signal: controller.signal }).then(() => got[who]!++, () => {});
    }
  }
  await b.clock.advance(120 * 22);
  const [least, highest] = [Math.min(...got), Math.max(...got)];
  assert.ok(highest - least <= 3, `grants ${got}`);
  assert.ok(highest + least + got.toSorted()[1]! >= 40, `grants ${got}`);
  controller.abort();
  await settle();
});

Deno.test("createLimiter() sends nothing and says why when its folder cannot be used", async () => {
  using folder = temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/limits`, "in the way");
  using limiter = createLimiter({ folder: folder.path });
  await assert.rejects(limiter.acquire(), (error) => error instanceof StateError);
  await Deno.remove(`${folder.path}/limits`);
  using _permit = await limiter.acquire();
});

Deno.test("createLimiter() names its file after the key and refuses a token as key", async () => {
  using folder = temporaryFolder();
  const key = { fingerprint: "0123456789ab", host: "router.huggingface.co", provider: "groq" };
  using limiter = createLimiter({ folder: folder.path, key });
  await limiter.acquire();
  const names = (await Array.fromAsync(Deno.readDir(`${folder.path}/limits`))).map(({ name }) =>
    name
  );
  assert.deepEqual(names, ["0123456789ab-router.huggingface.co-groq.ring"]);
  for (const key of [fakeToken(), { fingerprint: fakeToken() }, ""]) {
    assert.throws(() => createLimiter({ key }), (error: unknown) => {
      assert.ok(error instanceof TypeError && !(error instanceof HushbookError));
      assert.ok(!error.message.includes(fakeToken()));
      return true;
    });
  }
  using odd = createLimiter({ folder: folder.path, key: "../../Étrange key" });
  await odd.acquire();
  assert.match(odd.name, /^trange-key-[0-9a-f]{12}$|^-trange-key-[0-9a-f]{12}$/);
});

Deno.test("createLimiter() refuses numbers that make no sense", () => {
  assert.throws(() => createLimiter({ concurrency: 0 }), RangeError);
  assert.throws(() => createLimiter({ maxWaitMs: NaN }), RangeError);
  assert.throws(() => createLimiter({ windows: [] }), RangeError);
});

for (const store of ["file", "memory"] as const) {
  Deno.test(`createLimiter() (${store}) counts a call from when it is sent when that is late`, async () => {
    using b = bench(store);
    const quick = await b.limiter.acquire();
    const late = await b.limiter.acquire();
    await b.clock.advance(6); // less than a quarter of the guard of 25 ms
    quick.sent();
    await b.clock.advance(494);
    late.sent();
    late.sent(); // once is enough
    quick.sent();
    const third = b.limiter.acquire(), fourth = b.limiter.acquire();
    await b.clock.advance(SPAN);
    assert.equal((await third).waitedMs, SPAN - 500);
    await b.clock.advance(500);
    assert.equal((await fourth).waitedMs, SPAN);
  });
}

Deno.test("createLimiter() asks for another slot when the process stood still for a whole window", async () => {
  using folder = temporaryFolder();
  const clock = new FakeClock();
  let stall = 0;
  using limiter = createLimiter({
    windows: [{ limit: 2, windowMs: 1000 }],
    folder: folder.path,
    sleep: clock.sleep,
    now: clock.now,
    steady: () => clock.steady() + stall,
  });
  await limiter.status();
  // Time passes between the claim, which reads the clock first, and the grant.
  const steady = clock.steady;
  let reads = 0;
  Object.assign(clock, { steady: () => steady() + (++reads > 3 ? 1001 : 0) });
  const permit = await limiter.acquire();
  stall = 0;
  permit.release();
  assert.equal((await limiter.status()).windows[0]!.used, 2, "the first slot was not used");
});
