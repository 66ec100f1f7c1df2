// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { AuditLog } from "../../src/audit/log.ts";
import type { AuditRecord } from "../../src/audit/event.ts";
import { needsMount } from "../kit/mount.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";

const posix = Deno.build.os !== "windows";
const LOAD = { event: "token.load", outcome: "ok" } as const;
const module = sourceUrl("src/audit/log.ts");

function records(folder: string, name = "audit.jsonl"): AuditRecord[] {
  const lines = Deno.readTextFileSync(`${folder}/${name}`).split("\n");
  assert.equal(lines.pop(), "");
  return lines.map((line) => JSON.parse(line));
}

Deno.test("append writes one JSON line a record, chained by HMAC-SHA-256 from the first", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder, now: () => Date.UTC(2026, 1, 2, 3, 4, 5, 6) });
  const record = await log.append({
    ...LOAD,
    source: "env:HF_TOKEN",
    fingerprint: "0123456789ab",
    notebook: "a.ipynb",
  });
  assert.deepEqual({ ...record, prev: "", mac: "" }, {
    v: 1,
    time: "2026-02-02T03:04:05.006Z",
    event: "token.load",
    outcome: "ok",
    source: "env:HF_TOKEN",
    fingerprint: "0123456789ab",
    notebook: "a.ipynb",
    pid: Deno.pid,
    seq: 2,
    prev: "",
    mac: "",
  });
  // An independent reader of the documented format.
  const key = Uint8Array.fromHex(Deno.readTextFileSync(`${folder}/audit.key`).trim());
  let prev = "0".repeat(64);
  for (const line of Deno.readTextFileSync(`${folder}/audit.jsonl`).trimEnd().split("\n")) {
    const { mac, ...rest } = JSON.parse(line);
    assert.equal(rest.prev, prev);
    const body = line.slice(0, line.lastIndexOf(',"mac":'));
    assert.equal(createHmac("sha256", key).update(body).digest("hex"), mac);
    prev = mac;
  }
  assert.equal(prev, record.mac);
  if (posix) {
    for (const { name } of Deno.readDirSync(folder)) {
      assert.equal((Deno.statSync(`${folder}/${name}`).mode ?? 0) & 0o777, 0o600, name);
    }
  }
});

Deno.test("append records the notebook the log was told about, unless the event names another", async () => {
  using temporary = temporaryFolder();
  const about = { notebook: "/home/ada/a.ipynb", command: "run" };
  using log = new AuditLog({ folder: `${temporary.path}/hushbook`, about });
  const { notebook, command } = await log.append(LOAD);
  assert.deepEqual([notebook, command], ["a.ipynb", "run"]);
  assert.equal((await log.append({ ...LOAD, notebook: "b.ipynb" })).notebook, "b.ipynb");
});

Deno.test("append is in the file before it returns when the lock is free", () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder });
  log.append(LOAD);
  assert.equal(records(folder).at(-1)?.event, "token.load");
});

Deno.test("append keeps the order of calls that do not wait for each other, and all logs share one chain", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using one = new AuditLog({ folder });
  using two = new AuditLog({ folder });
  const appended = await Promise.all(
    Array.from({ length: 300 }, (_, i) => (i % 3 ? one : two).append({ ...LOAD, attempts: i })),
  );
  assert.equal(new Set(appended.map(({ seq }) => seq)).size, 300);
  for (const modulus of [[0], [1, 2]]) {
    const seqs = appended.filter((_, i) => modulus.includes(i % 3)).map(({ seq }) => seq);
    assert.deepEqual(seqs, seqs.toSorted((a, b) => a - b));
  }
  const verification = await one.verify();
  assert.equal(verification.ok, true, JSON.stringify(verification.problems));
  assert.equal(verification.records, 301);
});

Deno.test("append closes a segment by size and begins the next with its digest", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder, maxBytes: 4096 });
  for (let i = 0; i < 60; i++) await log.append(LOAD);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".jsonl")
  ).sort();
  assert.ok(names.length > 3, names.join());
  assert.equal(names[0], "audit.000000000001.jsonl");
  const [first] = records(folder, names[1]!);
  const bytes = Deno.readFileSync(`${folder}/${names[0]}`);
  const last = records(folder, names[0]).at(-1)!;
  assert.deepEqual(
    [
      first?.event,
      first?.segment,
      first?.first,
      first?.last,
      first?.bytes,
      first?.sha256,
      first?.head,
    ],
    [
      "audit.rotate",
      names[0],
      1,
      last.seq,
      bytes.length,
      createHash("sha256").update(bytes).digest("hex"),
      last.mac,
    ],
  );
  assert.ok(bytes.length >= 4096 && bytes.length < 4096 + 1000);
  const { ok, problems, segments, records: count } = await log.verify();
  assert.equal(ok, true, JSON.stringify(problems));
  assert.equal(segments.length, names.length);
  assert.equal(count, 60 + names.length);
});

Deno.test("append goes on when a rotation was interrupted after the rename", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder });
  await log.append(LOAD);
  Deno.renameSync(`${folder}/audit.jsonl`, `${folder}/audit.000000000001.jsonl`);
  assert.equal((await log.append(LOAD)).seq, 4);
  assert.deepEqual(records(folder).map(({ event }) => event), ["audit.rotate", "token.load"]);
  assert.equal((await log.verify()).ok, true);
  // … or before the first line of the new segment was written.
  Deno.renameSync(`${folder}/audit.jsonl`, `${folder}/audit.000000000003.jsonl`);
  Deno.writeTextFileSync(`${folder}/audit.jsonl`, "");
  assert.equal((await log.append(LOAD)).seq, 6);
  assert.equal((await log.verify()).ok, true);
});

Deno.test("append keeps a torn line aside, says so, and the chain holds, wherever it was torn", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const path = `${folder}/audit.jsonl`;
  {
    using log = new AuditLog({ folder });
    await log.append(LOAD);
  }
  const whole = Deno.readFileSync(path);
  const first = whole.indexOf(10) + 1;
  const torn = whole.subarray(first, whole.length - 1);
  for (let cut = 1; cut <= torn.length; cut += cut < 4 ? 1 : 23) {
    Deno.writeFileSync(path, whole.subarray(0, first + cut));
    const notices: string[] = [];
    using log = new AuditLog({ folder, onNotice: (notice) => notices.push(notice) });
    const before = await log.verify();
    assert.equal(before.ok, true);
    assert.match(before.notices.join(), new RegExp(`torn \\(${cut} bytes\\)`));
    const record = await log.append({ ...LOAD, method: "again" });
    assert.equal(record.seq, 3);
    assert.deepEqual(records(folder).map(({ event }) => event), [
      "audit.open",
      "audit.repair",
      "token.load",
    ]);
    assert.deepEqual(
      Deno.readFileSync(`${folder}/audit.torn.000000000002`),
      torn.subarray(0, cut),
    );
    assert.match(notices.join(), /torn \(\d+ bytes\).*audit\.torn\.000000000002/);
    const after = await log.verify();
    assert.equal(after.ok, true, JSON.stringify(after.problems));
    assert.match(after.notices.join(), /kept in audit\.torn\.000000000002/);
    Deno.removeSync(`${folder}/audit.torn.000000000002`);
  }
});

Deno.test("append repairs again when the repair itself was interrupted", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const path = `${folder}/audit.jsonl`;
  using log = new AuditLog({ folder });
  await log.append(LOAD);
  const whole = Deno.readFileSync(path);
  // The torn line was longer than the record over it, and the process died before cutting it off.
  Deno.writeFileSync(path, new Uint8Array([...whole, ...new Uint8Array(3000).fill(120)]));
  await log.append(LOAD);
  const repaired = Deno.readFileSync(path);
  Deno.writeFileSync(path, new Uint8Array([...repaired, ...new Uint8Array(500).fill(120)]));
  await log.append(LOAD);
  const { ok, problems, notices } = await log.verify();
  assert.equal(ok, true, JSON.stringify(problems));
  assert.equal(notices.filter((notice) => notice.startsWith("A torn line")).length, 2);
});

Deno.test("append repairs a torn first line, and a file of zeros as a power cut leaves it", async () => {
  for (const content of ['{"v":1,"ti', "\0".repeat(20_000)]) {
    using temporary = temporaryFolder();
    const folder = `${temporary.path}/hushbook`;
    using log = new AuditLog({ folder });
    await log.append(LOAD);
    log.close();
    Deno.writeTextFileSync(`${folder}/audit.jsonl`, content);
    using later = new AuditLog({ folder });
    await later.append(LOAD);
    assert.deepEqual(records(folder).map(({ event }) => event), [
      "audit.open",
      "audit.repair",
      "token.load",
    ]);
    assert.equal((await later.verify()).ok, true);
  }
});

Deno.test("append notices that records of its own were cut off", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder });
  const kept = await log.append(LOAD);
  const { size } = Deno.statSync(`${folder}/audit.jsonl`);
  await log.append({ event: "token.reveal", outcome: "ok" });
  Deno.truncateSync(`${folder}/audit.jsonl`, size);
  await log.append(LOAD);
  const { ok, problems } = await log.verify();
  assert.equal(ok, false);
  assert.deepEqual(problems.map(({ kind, first, last }) => [kind, first, last]), [
    ["cut", kept.seq + 1, kept.seq + 1],
  ]);
});

Deno.test("append begins a new chain of trust when the key is gone, and verify says so", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  {
    using log = new AuditLog({ folder });
    await log.append(LOAD);
  }
  Deno.removeSync(`${folder}/audit.key`);
  const notices: string[] = [];
  using log = new AuditLog({ folder, onNotice: (notice) => notices.push(notice) });
  assert.equal((await log.verify()).problems[0]?.kind, "key-lost");
  await log.append(LOAD);
  assert.match(notices.join(), /key of the audit log was gone/);
  const { problems, records: count } = await log.verify();
  assert.deepEqual(problems.map(({ kind, line }) => [kind, line]), [["key-lost", 1]]);
  assert.equal(count, 2);
  // What cannot be checked any more can be purged, but not by accident.
  await assert.rejects(log.purge({ olderThanDays: 0 }), { code: "audit-broken" });
  await log.purge({ olderThanDays: 0, force: true });
  assert.equal((await log.verify()).ok, true);
});

Deno.test("append refuses a damaged key instead of writing another one over it", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  {
    using log = new AuditLog({ folder });
    await log.append(LOAD);
  }
  Deno.writeTextFileSync(`${folder}/audit.key`, "short");
  using log = new AuditLog({ folder });
  await assert.rejects(log.append(LOAD), { code: "audit-key", message: /damaged.*backup/ });
  await assert.rejects(log.verify(), { code: "audit-key" });
  assert.equal(Deno.readTextFileSync(`${folder}/audit.key`), "short");
});

Deno.test("append says when the disk takes no more, leaves no half line, and tells of the gap later", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  // The limit on a file's size (16 blocks of 512 bytes or 1 KiB, by shell) stands for a full disk.
  const result = await runDeno(
    `import { AuditLog } from "${module}";
     const log = new AuditLog({ folder: ${JSON.stringify(folder)} });
     let code, count = 0;
     while (code === undefined) {
       try { await log.append({ event: "token.load", outcome: "ok" }); count++; }
       catch (error) { code = error.code; console.error(error.message); }
     }
     await log.append({ event: "token.load", outcome: "ok" }).catch(() => {});
     const { size } = Deno.statSync(${JSON.stringify(`${folder}/audit.jsonl`)});
     console.log(JSON.stringify({ code, count, lost: log.lost, size }));`,
    { before: "trap '' XFSZ; ulimit -f 16" },
  );
  assert.equal(result.code, 0, result.stderr);
  const { code, count, lost, size } = JSON.parse(result.stdout);
  assert.equal(code, "audit-unwritable");
  assert.match(result.stderr, /^Cannot record the event: .*(?:disk|folder)/);
  assert.equal(lost, 2);
  assert.ok(count > 10);
  const text = Deno.readTextFileSync(`${folder}/audit.jsonl`);
  assert.equal(text.length, size);
  assert.ok(text.endsWith("}\n"), "half a line was left");
  using log = new AuditLog({ folder });
  await log.append(LOAD);
  assert.equal((await log.verify()).ok, true);
});

Deno.test({
  ...needsMount("append says that the disk is full, and goes on when it is not any more"),
  async fn() {
    using temporary = temporaryFolder();
    const mount = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", temporary.path],
    }).output();
    assert.ok(mount.success);
    try {
      const folder = `${temporary.path}/hushbook`;
      using log = new AuditLog({ folder });
      await log.append(LOAD);
      Deno.writeFileSync(`${temporary.path}/ballast`, new Uint8Array(40_000));
      const refusal = { code: "audit-unwritable", message: /the disk is full; free some space/ };
      await assert.rejects(async () => {
        for (let i = 0; i < 100; i++) await log.append(LOAD);
      }, refusal);
      await assert.rejects(log.append(LOAD), refusal);
      assert.equal(log.lost, 2);
      Deno.removeSync(`${temporary.path}/ballast`);
      await log.append(LOAD);
      assert.equal(log.lost, 0);
      const [newest, gap] = (await log.read({ limit: 2 })).records;
      assert.deepEqual([newest?.event, gap?.event, gap?.records], ["token.load", "audit.gap", 2]);
      const { ok, notices } = await log.verify();
      assert.equal(ok, true);
      assert.match(notices.join(), /2 events .* could not be recorded/);
      log.close();
    } finally {
      await new Deno.Command("umount", { args: ["-l", temporary.path] }).output();
    }
  },
});

Deno.test({
  name: "append says when the folder cannot be written",
  ignore: !posix,
  async fn() {
    using temporary = temporaryFolder();
    Deno.writeTextFileSync(`${temporary.path}/file`, "");
    using inFile = new AuditLog({ folder: `${temporary.path}/file/hushbook` });
    await assert.rejects(inFile.append(LOAD), {
      code: "audit-unwritable",
      message: /^Cannot record the event: .*HUSHBOOK_HOME/,
    });
    const folder = `${temporary.path}/hushbook`;
    Deno.mkdirSync(folder);
    Deno.symlinkSync(`${temporary.path}/elsewhere`, `${folder}/audit.jsonl`);
    using linked = new AuditLog({ folder });
    await assert.rejects(linked.append(LOAD), {
      code: "audit-unwritable",
      message: /a symbolic link/,
    });
    assert.throws(() => Deno.lstatSync(`${temporary.path}/elsewhere`), Deno.errors.NotFound);
  },
});

Deno.test({
  ...needsMount("append and verify say what is wrong on a disk mounted read-only"),
  async fn() {
    using temporary = temporaryFolder();
    const mounted = await new Deno.Command("mount", {
      args: ["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", temporary.path],
    }).output();
    assert.ok(mounted.success);
    try {
      const folder = `${temporary.path}/hushbook`;
      {
        using log = new AuditLog({ folder });
        await log.append(LOAD);
      }
      await new Deno.Command("mount", { args: ["-o", "remount,ro", temporary.path] }).output();
      using log = new AuditLog({ folder });
      await assert.rejects(log.append(LOAD), { code: "audit-unwritable", message: /read-only/ });
      assert.equal((await log.verify()).ok, true);
      assert.equal((await log.read()).records.length, 2);
    } finally {
      await new Deno.Command("umount", { args: ["-l", temporary.path] }).output();
    }
  },
});

Deno.test("append makes folder and chain again when the folder was deleted meanwhile", async () => {
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  using log = new AuditLog({ folder });
  await log.append(LOAD);
  Deno.removeSync(folder, { recursive: true });
  await log.append(LOAD).catch(() => {});
  await log.append(LOAD);
  const { problems } = await log.verify();
  assert.deepEqual(problems.map(({ kind }) => kind), ["cut"]); // it remembers, and says so
});

Deno.test("append syncs at once what a power cut must not take, and else once a second", async () => {
  using temporary = temporaryFolder();
  let syncs = 0;
  const { syncData } = Deno.FsFile.prototype;
  using log = new AuditLog({ folder: `${temporary.path}/hushbook` });
  try {
    Deno.FsFile.prototype.syncData = function () {
      syncs++;
      return syncData.call(this);
    };
    await log.append(LOAD); // the first: it tells that the log was opened
    assert.equal(syncs, 1);
    for (let i = 0; i < 200; i++) await log.append(LOAD);
    const few = syncs;
    assert.ok(few <= 5, `${few} syncs for 200 records`);
    await log.append({ event: "lockout.set", outcome: "ok", subject: "store" });
    await log.append({ event: "lockout.clear", outcome: "ok", subject: "store" });
    await log.append({ event: "budget.deny", outcome: "refused" });
    assert.ok(syncs >= few + 3);
    const before = syncs;
    await log.append(LOAD);
    for (let waited = 0; syncs === before && waited < 3000; waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(syncs > before, "the last record never reached the disk");
  } finally {
    Deno.FsFile.prototype.syncData = syncData;
  }
});

Deno.test("append rejects when what a power cut must not take could not be synced", async () => {
  using temporary = temporaryFolder();
  const { syncData } = Deno.FsFile.prototype;
  using log = new AuditLog({ folder: `${temporary.path}/hushbook` });
  await log.append(LOAD);
  try {
    Deno.FsFile.prototype.syncData = () => Promise.reject(new Error("EIO"));
    await assert.rejects(log.append({ event: "token.save", outcome: "ok" }), {
      code: "audit-unwritable",
    });
  } finally {
    Deno.FsFile.prototype.syncData = syncData;
  }
  await log.append(LOAD);
  assert.equal((await log.verify()).ok, true);
});

Deno.test("append goes on while the same log purges and others read", async () => {
  using temporary = temporaryFolder();
  const clock = { now: 0 };
  using log = new AuditLog({
    folder: `${temporary.path}/hushbook`,
    maxBytes: 8192,
    now: () => clock.now,
  });
  const work: Promise<unknown>[] = [];
  for (let i = 0; i < 300; i++) {
    clock.now += 3_600_000;
    work.push(log.append({ ...LOAD, attempts: i }));
    if (i % 50 === 49) work.push(log.purge({ olderThanDays: 3 }), log.verify(), log.read());
    if (i % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(work);
  const found = await log.verify();
  assert.equal(found.ok, true, JSON.stringify(found.problems));
  assert.ok(found.expiredThrough > 100);
  const [newest] = (await log.read({ events: ["token."] })).records;
  assert.equal(newest?.attempts, 299);
});
