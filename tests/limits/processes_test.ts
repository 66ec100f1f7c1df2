/** The ring file between real processes that compete, are stopped and are killed. */
import assert from "node:assert/strict";
import { createLimiter } from "../../src/limits/limiter.ts";
import { HEAD_BYTES, RingHead } from "../../src/limits/ring_head.ts";
import { FileLock } from "../../src/state/lock.ts";
import { runDeno, sourceUrl, startDeno } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const WINDOW = { limit: 10, windowMs: 400 };

/** Waits in a process until `all` of them have come so far: how long one takes to start says nothing. */
function together(folder: string, all: number): string {
  return `
    Deno.writeTextFileSync(${JSON.stringify(folder)} + "/begun-" + Deno.pid, "");
    const begun = () => [...Deno.readDirSync(${JSON.stringify(folder)})]
      .filter(({ name }) => name.startsWith("begun-")).length;
    while (begun() < ${all}) await new Promise((done) => setTimeout(done, 5));`;
}

/** A process that makes as many calls as it may for `ms` milliseconds, once there are `all` of them. */
function caller(folder: string, ms: number, all = 1): string {
  return `
    import { createLimiter } from ${JSON.stringify(sourceUrl("src/limits/limiter.ts"))};
    ${together(folder, all)}
    const limiter = createLimiter({
      folder: ${JSON.stringify(folder)}, windows: [${JSON.stringify(WINDOW)}],
    });
    const signal = AbortSignal.timeout(${ms});
    let calls = 0;
    const worker = async () => {
      while (true) {
        await limiter.acquire({ signal });
        calls++;
      }
    };
    await Promise.allSettled([worker(), worker(), worker()]);
    console.log(calls);
    limiter.close();
  `;
}

/** The recorded times of calls, oldest first. */
function recorded(folder: string): number[] {
  const bytes = Deno.readFileSync(`${folder}/limits/default.ring`);
  const head = new RingHead();
  head.bytes.set(bytes.subarray(0, HEAD_BYTES));
  assert.ok(head.isValid() && head.total <= head.capacity);
  const ring = new Float64Array(bytes.slice(head.base).buffer);
  return [...ring.subarray(0, head.inRing), ...head.recent.subarray(0, head.total - head.inRing)];
}

function assertWindows(times: readonly number[], windowMs = WINDOW.windowMs): void {
  for (let i = WINDOW.limit; i < times.length; i++) {
    const apart = times[i]! - times[i - WINDOW.limit]!;
    assert.ok(apart > windowMs, `call ${i} came ${apart} ms after the tenth before it`);
  }
}

Deno.test("createLimiter() keeps the window between four processes", async () => {
  using folder = temporaryFolder();
  const code = caller(folder.path, 2500, 4);
  const results = await Promise.all([1, 2, 3, 4].map(() => runDeno(code)));
  const calls = results.map(({ stdout, stderr }) => (assert.equal(stderr, ""), Number(stdout)));
  const times = recorded(folder.path);
  assertWindows(times);
  assert.equal(calls.reduce((a, b) => a + b), times.length);
  assert.ok(calls.every((count) => count > 0), `everybody gets some: ${calls}`);
});

Deno.test("createLimiter() keeps window and rate when processes are killed at random", async () => {
  using folder = temporaryFolder();
  using limiter = createLimiter({ folder: folder.path, windows: [WINDOW] });
  await limiter.status();
  const start = Date.now(), until = start + 3500;
  const killed: Promise<Deno.CommandStatus>[] = [];
  for (let victim = 0; victim < 8; victim++) {
    const child = startDeno(caller(folder.path, 60_000), { piped: false });
    killed.push(child.status);
    setTimeout(() => child.kill("SIGKILL"), 300 + Math.random() * 2500);
  }
  const signal = AbortSignal.timeout(until - start);
  try {
    while (true) await limiter.acquire({ signal });
  } catch (error) {
    assert.equal(error, signal.reason);
  }
  await Promise.all(killed);
  const times = recorded(folder.path);
  assertWindows(times);
  const ideal = WINDOW.limit * (1 + Math.floor((Date.now() - times[0]!) / (WINDOW.windowMs + 20)));
  // A slot or a turn that a killed process took with it for good would leave next to nothing; a machine
  // with much else to do is late for some windows.
  assert.ok(times.length >= ideal * 0.5, `${times.length} of ${ideal}`);
});

Deno.test("createLimiter() stays awake and can be aborted when the holder of the lock is stopped", async () => {
  using folder = temporaryFolder();
  using limiter = createLimiter({ folder: folder.path, windows: [WINDOW] });
  await limiter.acquire();
  const holder = startDeno(
    `
    import { FileLock } from ${JSON.stringify(sourceUrl("src/state/lock.ts"))};
    const lock = FileLock.open(${JSON.stringify(`${folder.path}/limits/default.ring`)});
    await lock.acquire();
    Deno.kill(Deno.pid, "SIGSTOP");
  `,
    { piped: false },
  );
  using probe = FileLock.open(`${folder.path}/limits/default.ring`);
  while (probe.tryAcquire()) {
    probe.release();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  let ticks = 0;
  const ticking = setInterval(() => ticks++, 10);
  const started = performance.now();
  await assert.rejects(limiter.acquire({ signal: AbortSignal.timeout(300) }), {
    name: "TimeoutError",
  });
  const took = performance.now() - started;
  // A thread that waits for the lock would not tick once.
  assert.ok(ticks >= 3, `${ticks} ticks in ${took} ms`);
  const waiting = limiter.acquire();
  holder.kill("SIGKILL");
  await holder.status;
  await waiting;
  clearInterval(ticking);
});

Deno.test("createLimiter() keeps the window for what is sent when processes stand still before sending", async () => {
  using folder = temporaryFolder();
  // Every third call stands still for up to 200 ms, many times the guard, between getting its slot and
  // sending. A busy machine adds to that; what stands still for a whole window cannot be made good.
  const windowMs = 1200;
  const options = { folder: folder.path, windows: [{ ...WINDOW, windowMs }] };
  const code = `
    import { createLimiter } from ${JSON.stringify(sourceUrl("src/limits/limiter.ts"))};
    ${together(folder.path, 4)}
    const limiter = createLimiter(${JSON.stringify(options)});
    const signal = AbortSignal.timeout(4500);
    const sent = [];
    try {
      for (let call = 0;; call++) {
        const permit = await limiter.acquire({ signal });
        const go = Date.now() + (call % 3 === 0 ? Math.random() * 200 : 0);
        while (Date.now() < go);
        sent.push(Date.now());
        permit.sent();
      }
    } catch (error) {
      if (error !== signal.reason) throw error;
    }
    console.log(JSON.stringify(sent));
    limiter.close();
  `;
  const results = await Promise.all([1, 2, 3, 4].map(() => runDeno(code)));
  const sent = results.flatMap(({ stdout, stderr }): number[] => {
    assert.equal(stderr, "");
    return JSON.parse(stdout);
  });
  sent.sort((a, b) => a - b);
  assert.ok(sent.length > 2 * WINDOW.limit, `${sent.length} calls`);
  assertWindows(sent, windowMs);
  assert.equal(recorded(folder.path).length, sent.length, "no slot is lost");
});
