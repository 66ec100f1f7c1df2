// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import type { AuditRecord } from "../../src/audit/event.ts";
import type { AuditPage, AuditQuery } from "../../src/audit/read.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const DAY = 86_400_000;

/** 60 records over 60 days, in several segments. */
async function filled(folder: string): Promise<AuditLog> {
  let now = 0;
  const log = new AuditLog({ folder, maxBytes: 4096, now: () => now });
  for (let day = 1; day <= 60; day++) {
    now = day * DAY;
    await log.append(
      day % 3 === 0
        ? { event: "inference.end", outcome: day % 2 ? "failed" : "ok", attempts: day }
        : { event: day % 2 ? "token.load" : "token.reveal", outcome: "ok", attempts: day },
    );
  }
  return log;
}

async function all(log: AuditLog, query: AuditQuery): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  let cursor: string | undefined;
  do {
    const page: AuditPage = await log.read({ ...query, ...(cursor && { cursor }) });
    assert.ok(page.records.length <= (query.limit ?? 50));
    records.push(...page.records);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return records;
}

Deno.test("read gives every record once, newest first, whatever the page's size", async () => {
  using temporary = temporaryFolder();
  using log = await filled(`${temporary.path}/hushbook`);
  const whole = await all(log, { limit: 1000 });
  const { segments, records: count } = await log.verify();
  assert.ok(segments.length > 3);
  assert.equal(whole.length, count);
  assert.deepEqual(whole.map(({ seq }) => seq), whole.map((_, i) => count - i));
  for (const limit of [1, 7, 50, whole.length, whole.length - 1]) {
    assert.deepEqual(await all(log, { limit }), whole, `limit ${limit}`);
  }
});

Deno.test("read filters by event, kind of event, outcome and time", async () => {
  using temporary = temporaryFolder();
  using log = await filled(`${temporary.path}/hushbook`);
  const days = async (query: AuditQuery) =>
    (await all(log, { limit: 3, events: ["token.", "inference."], ...query })).map(({ attempts }) =>
      attempts
    );
  assert.equal((await days({ events: ["token."] })).length, 40);
  assert.equal((await days({ events: ["token.load"] })).length, 20);
  assert.equal((await days({ events: ["token.load", "inference.end"] })).length, 40);
  assert.equal((await days({ outcomes: ["failed"] })).length, 10);
  assert.deepEqual(await days({ since: 58 * DAY }), [60, 59, 58]);
  assert.deepEqual(await days({ until: 3 * DAY }), [2, 1]);
  assert.deepEqual(await days({ since: 10 * DAY, until: 12 * DAY, outcomes: ["ok"] }), [11, 10]);
  assert.deepEqual(await days({ events: ["budget.deny"] }), []);
});

Deno.test("read pages stay where they were while records are added and a segment is closed", async () => {
  using temporary = temporaryFolder();
  using log = await filled(`${temporary.path}/hushbook`);
  const first = await log.read({ limit: 10 });
  for (let i = 0; i < 30; i++) await log.append({ event: "token.load", outcome: "ok" });
  const second = await log.read({ limit: 10, cursor: first.next! });
  assert.equal(second.records[0]?.seq, first.records.at(-1)!.seq - 1);
});

Deno.test("read passes over lines that are no records and counts them", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder });
  await log.append({ event: "token.load", outcome: "ok" });
  const path = `${folder}/audit.jsonl`;
  const [open, load] = Deno.readTextFileSync(path).split("\n");
  const junk = [
    "junk",
    "",
    "null",
    "{}",
    load!.replace('"time":"', '"time":"x'),
    "\0".repeat(9000),
  ];
  Deno.writeTextFileSync(path, [...junk, open, ...junk, load, ...junk, "torn"].join("\n"));
  const { records, damaged, next } = await log.read();
  assert.deepEqual(records.map(({ seq }) => seq), [2, 1]);
  assert.deepEqual([damaged, next], [3 * junk.length, null]);
});

Deno.test("read refuses a limit or cursor that makes no sense", async () => {
  using temporary = temporaryFolder();
  using log = new AuditLog({ folder: `${temporary.path}/hushbook` });
  for (
    const query of [{ limit: 0 }, { limit: 1001 }, { limit: 1.5 }, { cursor: "x" }, { cursor: "" }]
  ) {
    await assert.rejects(log.read(query), RangeError);
  }
  assert.deepEqual(await log.read(), { records: [], next: null, damaged: 0 });
});

Deno.test("follow gives what others write, over a rotation, until it is aborted", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder, maxBytes: 4096 });
  using reader = new AuditLog({ folder });
  await log.append({ event: "token.load", outcome: "ok", attempts: 0 });
  const controller = new AbortController();
  const seen: (number | undefined)[] = [];
  const following = (async () => {
    const options = { signal: controller.signal, pollMs: 2, after: 0 };
    for await (const record of reader.follow({ events: ["token."] }, options)) {
      seen.push(record.attempts);
      if (seen.length === 40) controller.abort();
    }
  })();
  for (let i = 1; i < 40; i++) {
    await log.append({ event: "token.load", outcome: "ok", attempts: i });
    await log.append({ event: "limit.wait", outcome: "waiting" });
    if (i % 8 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await following;
  assert.deepEqual(seen, Array.from({ length: 40 }, (_, i) => i));
  assert.ok((await log.verify()).segments.length > 2);
});

Deno.test("newest goes through all segments once, and reads no further than it is asked", async () => {
  using temporary = temporaryFolder();
  using log = await filled(temporary.path);
  const days: unknown[] = [];
  for await (const { attempts } of log.newest({ events: ["inference."] })) days.push(attempts);
  assert.deepEqual(days, Array.from({ length: 20 }, (_, i) => 60 - 3 * i));
  for await (const { attempts } of log.newest()) {
    assert.equal(attempts, 60);
    break;
  }
});
