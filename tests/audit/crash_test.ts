// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl, startDeno } from "../kit/child.ts";

/** Appends as fast as it can, and tells each acknowledged record's number in one unbuffered write. */
function writer(folder: string, report: string, maxBytes: number): Deno.ChildProcess {
  return startDeno(
    `import { AuditLog } from "${sourceUrl("src/audit/log.ts")}";
     const log = new AuditLog({ folder: ${JSON.stringify(folder)}, maxBytes: ${maxBytes} });
     const report = Deno.openSync(${JSON.stringify(report)}, { append: true, create: true });
     const encoder = new TextEncoder();
     while (true) {
       const { seq } = await log.append({ event: "inference.start", outcome: "started" });
       report.writeSync(encoder.encode(seq + "\\n"));
     }`,
    { piped: false },
  );
}

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a writer has told of so many bytes of numbers, however busy the machine is. */
async function reported(report: string, bytes: number): Promise<void> {
  for (let size = 0; size < bytes; await soon(2)) {
    try {
      size = Deno.statSync(report).size;
    } catch { /* it has not begun */ }
  }
}

Deno.test("append loses no acknowledged record and breaks no chain when writers are killed at random", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  let kills = 0;
  const life = async (name: string, lives: number) => {
    for (let i = 0; i < lives; i++) {
      const report = `${temporary.path}/${name}.${i}`;
      const child = writer(folder, report, 20_000);
      await reported(report, 60);
      await soon(Math.random() * 30);
      child.kill("SIGKILL");
      await child.status;
      kills++;
    }
  };
  await Promise.all([life("a", 5), life("b", 5), life("c", 5)]);
  using log = new AuditLog({ folder });
  const { ok, problems, records, segments } = await log.verify();
  assert.equal(ok, true, JSON.stringify(problems.slice(0, 5)));
  const acknowledged: number[] = [];
  for (const { name } of Deno.readDirSync(temporary.path)) {
    if (name === "hushbook") continue;
    acknowledged.push(
      ...Deno.readTextFileSync(`${temporary.path}/${name}`).split("\n").slice(0, -1).map(Number),
    );
  }
  assert.equal(kills, 15);
  assert.ok(acknowledged.length >= 15 * 10);
  assert.equal(new Set(acknowledged).size, acknowledged.length, "a number was given twice");
  const written = new Set<number>();
  for (const { name } of segments) {
    for (const line of Deno.readTextFileSync(`${folder}/${name}`).split("\n")) {
      if (line !== "") written.add(JSON.parse(line).seq); // the last segment may still be empty
    }
  }
  assert.equal(written.size, records);
  assert.ok(segments.length > 3, "no rotation happened under the kills");
  assert.deepEqual(acknowledged.filter((seq) => !written.has(seq)), []);
});

Deno.test("append is not held up for long by a process that was stopped, and goes on after it", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const report = `${temporary.path}/a`;
  const child = writer(folder, report, 10_000_000);
  try {
    await reported(report, 1000);
    child.kill("SIGSTOP"); // most likely in the middle of its work, holding the lock
    using log = new AuditLog({ folder });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    const append = log.append({ event: "token.load", outcome: "ok" });
    await soon(200);
    child.kill("SIGKILL");
    await append;
    clearInterval(timer);
    assert.ok(ticks >= 5, `the event loop stood still: ${ticks} ticks`);
    assert.equal((await log.verify()).ok, true);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch { /* it has gone */ }
    await child.status;
  }
});

Deno.test({
  ...needs("append repairs the line in the middle of which a writer really died", "prlimit"),
  async fn() {
    using temporary = temporaryFolder();
    const folder = `${temporary.path}/hushbook`;
    // At the limit the system writes a part of the line; the rest of it kills the process (SIGXFSZ).
    const { signal } = await runDeno(
      `import { AuditLog } from "${sourceUrl("src/audit/log.ts")}";
       const log = new AuditLog({ folder: ${JSON.stringify(folder)} });
       const load = { event: "token.load", outcome: "ok" };
       await log.append(load);
       new Deno.Command("prlimit", { args: ["--pid", String(Deno.pid), "--fsize=8192"] }).outputSync();
       while (true) await log.append(load);`,
    );
    assert.notEqual(signal, null);
    const path = `${folder}/audit.jsonl`;
    const left = Deno.readFileSync(path);
    assert.equal(left.length, 8192);
    assert.notEqual(left.at(-1), 10, "the line is whole");
    const torn = left.subarray(left.lastIndexOf(10) + 1);
    using log = new AuditLog({ folder });
    const record = await log.append({ event: "token.load", outcome: "ok" });
    const { ok, problems, notices, records } = await log.verify();
    assert.equal(ok, true, JSON.stringify(problems));
    assert.equal(records, record.seq);
    const [, aside] = /kept in (audit\.torn\.\d+)/.exec(notices.join())!;
    assert.deepEqual(Deno.readFileSync(`${folder}/${aside}`), torn);
  },
});

Deno.test("append works for processes that all start at once on a machine without a folder", async () => {
  using temporary = temporaryFolder();
  for (let round = 0; round < 3; round++) {
    const folder = `${temporary.path}/${round}/state/hushbook`;
    const results = await Promise.all(
      Array.from({ length: 6 }, () =>
        runDeno(
          `import { AuditLog } from "${sourceUrl("src/audit/log.ts")}";
           import { Lockout } from "${sourceUrl("src/token/lockout.ts")}";
           const folder = ${JSON.stringify(folder)};
           const log = new AuditLog({ folder });
           for (let i = 0; i < 5; i++) await log.append({ event: "token.load", outcome: "ok" });
           await new Lockout({ folder }).fail("store");`,
        )),
    );
    assert.deepEqual(results.map(({ stderr }) => stderr), ["", "", "", "", "", ""]);
    using log = new AuditLog({ folder });
    const { ok, problems, records } = await log.verify();
    assert.equal(ok, true, JSON.stringify(problems));
    assert.equal(records, 1 + 30 + 1); // the opening, the loads, and the lock after five failures
  }
});
