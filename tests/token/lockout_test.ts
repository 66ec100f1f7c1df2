// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { LockoutError } from "../../src/errors.ts";
import { clearLockout, Lockout } from "../../src/token/lockout.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";

const MINUTE = 60_000;
const TOKEN = "0123456789ab";

/** A lockout with a clock to turn. */
function clocked(folder: string, start = Date.UTC(2026, 5, 1)) {
  const clock = { now: start };
  const events: string[] = [];
  const audit = { append: (event: { event: string }) => Promise.resolve(events.push(event.event)) };
  const make = () => new Lockout({ folder, now: () => clock.now, audit });
  return { clock, events, make, lockout: make() };
}

async function failTimes(lockout: Lockout, times: number, subject = "store"): Promise<void> {
  for (let i = 0; i < times; i++) await lockout.fail(subject);
}

async function locked(lockout: Lockout, subject = "store"): Promise<number> {
  try {
    await lockout.check(subject);
    return 0;
  } catch (error) {
    assert.ok(error instanceof LockoutError, String(error));
    return error.remainingMs;
  }
}

Deno.test("Lockout locks for five minutes after five failures in a row, and says how long", async () => {
  using temporary = temporaryFolder();
  const { clock, events, make, lockout } = clocked(`${temporary.path}/hushbook`);
  await failTimes(lockout, 4);
  assert.equal(await locked(lockout), 0);
  const status = await lockout.fail("store");
  assert.equal(status.until?.getTime(), clock.now + 5 * MINUTE);
  clock.now += 48_001;
  await assert.rejects(make().check("store"), (error) => {
    assert.ok(error instanceof LockoutError);
    assert.equal(error.code, "lockout");
    assert.equal(error.remainingMs, 5 * MINUTE - 48_001);
    assert.equal(error.until.getTime(), clock.now + error.remainingMs);
    assert.match(
      error.message,
      /locked for another 4 min 12 s after 5 wrong passphrases.*clearLockout/,
    );
    return true;
  });
  clock.now += 5 * MINUTE - 48_001;
  assert.equal(await locked(lockout), 0);
  assert.deepEqual(events, ["lockout.set"]);
  // The count starts over.
  await failTimes(lockout, 4);
  assert.equal(await locked(lockout), 0);
});

Deno.test("Lockout starts over after a success", async () => {
  using temporary = temporaryFolder();
  const { lockout } = clocked(`${temporary.path}/hushbook`);
  for (let i = 0; i < 3; i++) {
    await failTimes(lockout, 4);
    await lockout.succeed("store");
  }
  assert.equal(await locked(lockout), 0);
});

Deno.test("Lockout counts each subject apart, so a new token is never locked by an old one", async () => {
  using temporary = temporaryFolder();
  const { lockout } = clocked(`${temporary.path}/hushbook`);
  await failTimes(lockout, 5, TOKEN);
  assert.equal(await locked(lockout, TOKEN), 5 * MINUTE);
  assert.equal(await locked(lockout, "ba9876543210"), 0);
  assert.equal(await locked(lockout), 0);
  await assert.rejects(lockout.check(TOKEN), /the token 0123456789ab: .*refusals by Hugging Face/);
});

Deno.test("Lockout neither counts nor grows by failures that arrive while it is locked", async () => {
  using temporary = temporaryFolder();
  const { clock, lockout, events } = clocked(`${temporary.path}/hushbook`);
  await failTimes(lockout, 5);
  clock.now += MINUTE;
  await failTimes(lockout, 7);
  assert.equal(await locked(lockout), 4 * MINUTE);
  assert.equal(events.length, 1);
});

Deno.test("Lockout is not ended by turning the clock back, and lasts five minutes from then at most", async () => {
  for (const back of [1000, 2 * MINUTE, 60 * MINUTE, 400 * 86_400_000]) {
    using temporary = temporaryFolder();
    const { clock, make, lockout } = clocked(`${temporary.path}/hushbook`);
    await failTimes(lockout, 5);
    clock.now += MINUTE;
    clock.now -= back;
    const left = await locked(make());
    assert.ok(left >= 4 * MINUTE && left <= 5 * MINUTE, `${back} ms back: ${left} ms left`);
    clock.now += left;
    assert.equal(await locked(make()), 0);
  }
});

for (
  const [name, content] of [
    ["empty", ""],
    ["no JSON", "{"],
    ["another version", '{"v":2,"subjects":{}}'],
    ["a list", "[]"],
    ["null", "null"],
    ["not UTF-8", new Uint8Array([0xff, 0xfe, 0xfd])],
    ["zeros, as after a power cut", new Uint8Array(200)],
    ["a wrong count", '{"v":1,"subjects":{"store":{"failures":-1,"until":0}}}'],
    ["a wrong time", '{"v":1,"subjects":{"store":{"failures":1,"until":"never"}}}'],
    ["a strange subject", '{"v":1,"subjects":{"__proto__":{"failures":1,"until":0}}}'],
    ["a time far ahead", '{"v":1,"subjects":{"store":{"failures":5,"until":9e15}}}'],
  ] as const
) {
  Deno.test(`Lockout is locked for five minutes from now when its file is ${name}`, async () => {
    using temporary = temporaryFolder();
    const folder = `${temporary.path}/hushbook`;
    const { clock, make, lockout } = clocked(folder);
    await lockout.fail("store");
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    Deno.writeFileSync(`${folder}/lockout.json`, bytes);
    assert.equal(await locked(lockout), 5 * MINUTE);
    clock.now += MINUTE;
    assert.equal(await locked(make()), 4 * MINUTE, "it began anew with each look");
    clock.now += 4 * MINUTE;
    assert.equal(await locked(make()), 0);
  });
}

Deno.test("Lockout lets nothing through when its file is not safe to read", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const { lockout } = clocked(folder);
  await failTimes(lockout, 5);
  Deno.renameSync(`${folder}/lockout.json`, `${folder}/x`);
  Deno.symlinkSync(`${folder}/nothing`, `${folder}/lockout.json`);
  await assert.rejects(lockout.check("store"), { code: "state-not-a-file" });
});

Deno.test("clearLockout ends the lock and is recorded in the audit log", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const lockout = new Lockout({ folder });
  await failTimes(lockout, 5);
  await failTimes(lockout, 5, TOKEN);
  await clearLockout("store", { folder });
  assert.equal(await locked(lockout), 0);
  assert.ok(await locked(lockout, TOKEN) > 0);
  await clearLockout(undefined, { folder });
  assert.equal(await locked(lockout, TOKEN), 0);
  using log = new AuditLog({ folder });
  const { records } = await log.read({ events: ["lockout."] });
  assert.deepEqual(records.map(({ event, subject, failures }) => [event, subject, failures]), [
    ["lockout.clear", "all", undefined],
    ["lockout.clear", "store", undefined],
    ["lockout.set", TOKEN, 5],
    ["lockout.set", "store", 5],
  ]);
  assert.equal((await log.verify()).ok, true);
});

Deno.test("clear leaves the lock when it cannot be recorded", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const audit = { append: () => Promise.reject(new Error("no")) };
  const lockout = new Lockout({ folder, audit });
  await failTimes(lockout, 5); // locks although that cannot be recorded either
  await assert.rejects(lockout.clear(), /no/);
  assert.ok(await locked(lockout) > 0);
});

Deno.test("Lockout counts every failure of two processes, and locks both", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const code = (times: number) =>
    `import { Lockout } from "${sourceUrl("src/token/lockout.ts")}";
     const lockout = new Lockout({ folder: ${JSON.stringify(folder)}, failures: 60 });
     for (let i = 0; i < ${times}; i++) await lockout.fail("store");
     console.log(JSON.stringify(await lockout.status()));`;
  const results = await Promise.all([runDeno(code(30)), runDeno(code(29))]);
  assert.deepEqual(results.map(({ stderr }) => stderr), ["", ""]);
  const lockout = new Lockout({ folder, failures: 60 });
  assert.equal((await lockout.status())[0]?.failures, 59);
  assert.equal(await locked(lockout), 0);
  await lockout.fail("store");
  const check = `import { Lockout } from "${sourceUrl("src/token/lockout.ts")}";
    await new Lockout({ folder: ${JSON.stringify(folder)} }).check("store")
      .catch((error) => console.log(error.code));`;
  const checks = await Promise.all([runDeno(check), runDeno(check)]);
  assert.deepEqual(checks.map(({ stdout }) => stdout), ["lockout\n", "lockout\n"]);
});

Deno.test("Lockout refuses a subject that is neither store nor a fingerprint, without repeating it", async () => {
  using temporary = temporaryFolder();
  const lockout = new Lockout({ folder: `${temporary.path}/hushbook` });
  for (const subject of ["", "*", "ada@example.com", "constructor"]) {
    await assert.rejects(
      lockout.fail(subject),
      (error: Error) =>
        error instanceof RangeError && (subject.length < 2 || !error.message.includes(subject)),
    );
  }
});

Deno.test("a Lockout that is only asked makes no folder, and refuses one that is not safe", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const { lockout } = clocked(folder);
  await lockout.check("store");
  await lockout.succeed("store");
  assert.deepEqual([...Deno.readDirSync(temporary.path)], []);
  Deno.mkdirSync(`${temporary.path}/real`, { mode: 0o700 });
  Deno.symlinkSync(`${temporary.path}/real`, folder);
  await assert.rejects(lockout.check("store"), { code: "state-not-a-file" });
});
