// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { FileLock, withLock } from "../../src/state/lock.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl, startDeno } from "../kit/child.ts";

const module = sourceUrl("src/state/lock.ts");
const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("FileLock is held by one at a time, within a process too", () => {
  using folder = temporaryFolder();
  using first = FileLock.open(`${folder.path}/a.lock`);
  using second = FileLock.open(`${folder.path}/a.lock`);
  assert.equal(first.tryAcquire(), true);
  assert.equal(first.tryAcquire(), false);
  assert.equal(second.tryAcquire(), false);
  first.release();
  first.release();
  assert.equal(second.tryAcquire(), true);
  assert.equal(first.held, false);
  second.close();
  assert.equal(first.tryAcquire(), true);
});

Deno.test("withLock gives the result, and frees the lock when the function throws", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.lock`;
  assert.equal(await withLock(path, () => 7), 7);
  await assert.rejects(withLock(path, () => Promise.reject(new Error("mine"))), /mine/);
  assert.equal(await withLock(path, () => Promise.resolve("free")), "free");
});

Deno.test("withLock never lets two processes in at once, and none is shut out", async () => {
  using folder = temporaryFolder();
  Deno.writeTextFileSync(`${folder.path}/count`, "0");
  const code = `
    import { withLock } from "${module}";
    for (let i = 0; i < 100; i++) {
      await withLock("${folder.path}/a.lock", async () => {
        const count = Number(await Deno.readTextFile("${folder.path}/count"));
        await Deno.writeTextFile("${folder.path}/count", String(count + 1));
      });
    }`;
  const results = await Promise.all([0, 1, 2].map(() => runDeno(code)));
  assert.deepEqual(results.map((result) => result.stderr), ["", "", ""]);
  assert.equal(Deno.readTextFileSync(`${folder.path}/count`), "300");
});

Deno.test("acquire waits without blocking, and gets the lock when its holder is killed", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.lock`;
  const holder = startDeno(
    `import { FileLock } from "${module}";
     FileLock.open("${path}").tryAcquire();
     console.log("held");
     setInterval(() => {}, 1000);`,
  );
  const reader = holder.stdout.getReader();
  await reader.read();
  holder.kill("SIGSTOP");
  using lock = FileLock.open(path);
  let ticks = 0;
  const timer = setInterval(() => ticks++, 10);
  const got = lock.acquire();
  await soon(300);
  assert.equal(lock.held, false);
  assert.ok(ticks >= 5, `the event loop stood still: ${ticks} ticks`);
  holder.kill("SIGKILL");
  await got;
  assert.equal(lock.held, true);
  clearInterval(timer);
  await reader.cancel();
  await holder.stderr.cancel();
  await holder.status;
});

Deno.test("acquire says what to do when the lock is not free in time", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.lock`;
  using holder = FileLock.open(path);
  holder.tryAcquire();
  const pauses: number[] = [];
  const sleep = (ms: number) => Promise.resolve(void pauses.push(ms));
  await assert.rejects(withLock(path, () => assert.fail("entered"), { sleep }), {
    code: "state-busy",
    message: /held it for 10 s.*restart that notebook kernel.*lsof/,
  });
  const sum = pauses.reduce((a, b) => a + b);
  assert.ok(sum >= 10_000 && sum < 10_020);
  assert.ok(pauses[0]! <= 2 && Math.max(...pauses) <= 16, "short pauses");
  assert.ok(new Set(pauses).size > 100, "jitter");
});

Deno.test("acquire rejects with the signal's reason, at once, and takes nothing", async () => {
  using folder = temporaryFolder();
  using holder = FileLock.open(`${folder.path}/a.lock`);
  using lock = FileLock.open(`${folder.path}/a.lock`);
  holder.tryAcquire();
  const controller = new AbortController();
  const waiting = lock.acquire({
    signal: controller.signal,
    sleep: (_, signal) =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
  });
  controller.abort("enough");
  await assert.rejects(waiting, (reason) => reason === "enough");
  await assert.rejects(
    lock.acquire({ signal: AbortSignal.abort("before") }),
    (reason) => reason === "before",
  );
  holder.release();
  assert.equal(lock.held, false);
});

Deno.test("FileLock takes the new file when the old one was deleted", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/a.lock`;
  using old = FileLock.open(path);
  assert.equal(old.isCurrent(), true);
  Deno.removeSync(path);
  using rival = FileLock.open(path);
  assert.equal(rival.tryAcquire(), true);
  await soon(510);
  assert.equal(old.tryAcquire(), false, "both hold it");
  rival.release();
  assert.equal(old.tryAcquire(), true);
});
