// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { sourceUrl, startDeno } from "../kit/child.ts";

const DAY = 86_400_000;
const LOAD = { event: "token.load", outcome: "ok" } as const;

/** A log with a record a day, and its clock. */
async function daily(folder: string, days: number, maxBytes: number) {
  const clock = { now: 0 };
  const log = new AuditLog({ folder, maxBytes, now: () => clock.now });
  for (let day = 1; day <= days; day++) {
    clock.now = day * DAY;
    await log.append({ ...LOAD, attempts: day });
  }
  return { log, clock };
}

const attempts = async (log: AuditLog) =>
  (await log.read({ events: ["token."], limit: 1000 })).records.map(({ attempts }) => attempts)
    .reverse();

const closedSegments = (folder: string) =>
  [...Deno.readDirSync(folder)].filter(({ name }) => /^audit\.\d+\.jsonl$/.test(name)).length;

for (const maxBytes of [4096, 10_000_000]) {
  for (const age of [0, 1, 10, 30, 59, 60, 90]) {
    Deno.test(`purge leaves what is no older than ${age} days, and it verifies, with segments of ${maxBytes}`, async () => {
      using temporary = temporaryFolder();
      const folder = `${temporary.path}/hushbook`;
      const { log, clock } = await daily(folder, 60, maxBytes);
      clock.now += 1;
      const anchor = await log.anchor();
      const { removed, through } = await log.purge({ olderThanDays: age });
      const left = Array.from({ length: 60 }, (_, i) => i + 1).filter((day) =>
        day * DAY >= clock.now - age * DAY
      );
      assert.deepEqual(await attempts(log), left);
      assert.equal(removed === 0, left.length === 60);
      const found = await log.verify();
      assert.equal(found.ok, true, JSON.stringify(found.problems));
      assert.equal(found.expiredThrough, through);
      if (removed > 0) {
        assert.match(found.notices.join(), new RegExp(`Records up to ${through} expired`));
      }
      // An anchor of before still says whether the end was cut.
      assert.equal((await log.verify({ anchor })).ok, true);
      // Everything goes on: for this log, which had the file open, and for another one.
      await log.append({ ...LOAD, attempts: 61 });
      {
        using other = new AuditLog({ folder, now: () => clock.now });
        await other.append({ ...LOAD, attempts: 62 });
      }
      clock.now += 20 * DAY;
      await log.purge({ olderThanDays: 10 });
      assert.deepEqual(await attempts(log), []);
      assert.equal((await log.verify()).ok, true);
      log.close();
    });
  }
}

Deno.test("purge leaves a verifiable log when it is killed at any moment, and finishes later", async () => {
  using temporary = temporaryFolder();
  let interrupted = 0;
  for (let round = 0; round < 6; round++) {
    const folder = `${temporary.path}/hushbook${round}`;
    const { log } = await daily(folder, 200, 4096);
    const before = (await attempts(log)).length;
    const segments = closedSegments(folder);
    assert.ok(segments > 8);
    const child = startDeno(
      `import { AuditLog } from "${sourceUrl("src/audit/log.ts")}";
       const log = new AuditLog({ folder: ${JSON.stringify(folder)}, now: () => 200 * ${DAY} });
       await log.anchor();
       Deno.stdout.writeSync(new Uint8Array([10]));
       await log.purge({ olderThanDays: 20 });
       log.close();`,
    );
    const reader = child.stdout.getReader();
    await reader.read();
    // Killed when the record is written, or when so many segments are gone.
    const { size } = Deno.statSync(`${folder}/audit.jsonl`);
    const end = Date.now() + 5000;
    while (Date.now() < end) {
      const gone = segments - closedSegments(folder);
      if (round === 0 ? Deno.statSync(`${folder}/audit.jsonl`).size !== size : gone >= round) break;
    }
    try {
      child.kill("SIGKILL");
    } catch { /* it was faster */ }
    await child.status;
    await reader.cancel();
    await child.stderr.cancel();
    const found = await log.verify();
    assert.equal(found.ok, true, JSON.stringify(found.problems));
    const left = (await attempts(log)).length;
    if (found.expiredThrough > 0 && left > 21 && left <= before) interrupted++;
    await log.purge({ olderThanDays: 20 });
    assert.equal((await attempts(log)).length, 21);
    assert.equal((await log.verify()).ok, true);
    log.close();
  }
  assert.ok(interrupted > 0, "no purge was killed in the middle");
});

Deno.test("purge refuses to remove evidence of tampering unless it is told to", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const { log } = await daily(folder, 60, 4096);
  const path = `${folder}/audit.000000000001.jsonl`;
  Deno.writeTextFileSync(path, Deno.readTextFileSync(path).replace('"ok"', '"failed"'));
  await assert.rejects(log.purge({ olderThanDays: 10 }), {
    code: "audit-broken",
    message: /1 problems.*copy.*--force/,
  });
  assert.equal((await attempts(log)).length, 60);
  await log.purge({ olderThanDays: 10, force: true });
  const found = await log.verify();
  assert.equal(found.ok, true);
  assert.match(found.notices.join(), /though 1 problems were known/);
  log.close();
});

Deno.test("purge removes whole segments that were deleted by hand from what is missing, not more", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const { log } = await daily(folder, 100, 4096);
  await log.purge({ olderThanDays: 70 });
  // Somebody deletes one more segment than was purged: no record vouches for that.
  const first = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    /^audit\.\d+\.jsonl$/.test(name)
  ).sort()[0]!;
  Deno.removeSync(`${folder}/${first}`);
  const { problems } = await log.verify();
  assert.deepEqual(problems.map(({ kind }) => kind), ["deleted"]);
  log.close();
});

Deno.test("purge keeps a record whose time is not older, even when the clock was wrong around it", async () => {
  using temporary = temporaryFolder();
  const clock = { now: 100 * DAY };
  using log = new AuditLog({ folder: `${temporary.path}/hushbook`, now: () => clock.now });
  for (const day of [1, 2, 5000, 3, 95, 4, 98]) {
    clock.now = day * DAY;
    await log.append({ ...LOAD, attempts: day });
  }
  clock.now = 100 * DAY;
  await log.purge({ olderThanDays: 50 });
  // 5000 is of the future and goes with its neighbours; 4 stays, for 95 before it is not older.
  assert.deepEqual((await attempts(log)).slice(-3), [95, 4, 98]);
  assert.equal((await log.verify()).ok, true);
});

Deno.test("purge refuses an age that is none", async () => {
  using temporary = temporaryFolder();
  using log = new AuditLog({ folder: `${temporary.path}/hushbook` });
  for (const olderThanDays of [-1, NaN]) {
    await assert.rejects(log.purge({ olderThanDays }), RangeError);
  }
});
