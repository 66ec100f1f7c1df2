/**
 * What recording an event costs, and whether the log survives what it promises to.
 * `deno run -A tests/bench/audit_bench.ts` runs this table alone.
 */

import { AuditLog } from "../../src/audit/log.ts";
import { FileLock } from "../../src/state/lock.ts";
import { startDeno } from "../kit/child.ts";

/** One measured row. */
export interface AuditBenchRow {
  /** What is done. */
  readonly work: string;
  /** What is to be reached. */
  readonly reach: string;
  /** What was measured. */
  readonly measured: string;
  /** Whether it was reached. */
  readonly reached: boolean;
  /** The numbers behind it. */
  readonly numbers: Readonly<Record<string, number>>;
}

export const name = "audit";

const LOG = new URL("../../src/audit/log.ts", import.meta.url).href;

/** The fields of an ordinary inference call: a line of some 480 bytes. */
const CALL = `{ event: "inference.start", outcome: "started", id: crypto.randomUUID(),
  "gen_ai.operation.name": "chat", "gen_ai.provider.name": "groq",
  "gen_ai.request.model": "meta-llama/Llama-3.1-8B", "server.address": "router.huggingface.co",
  "url.path": "/v1/chat/completions", fingerprint: "0123456789ab" }`;

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Four processes write without pause; 90 times one of them is killed at a random moment. */
async function underKills(): Promise<AuditBenchRow> {
  const top = await Deno.makeTempDir();
  const folder = `${top}/hushbook`;
  const code = (report: string) =>
    `import { AuditLog } from "${LOG}";
     const log = new AuditLog({ folder: "${folder}" });
     const report = Deno.openSync("${report}", { append: true, create: true });
     const word = new Float64Array(1);
     const bytes = new Uint8Array(word.buffer);
     while (true) {
       word[0] = (await log.append(${CALL})).seq; // acknowledged: now it may not be lost
       report.writeSync(bytes);
     }`;
  let kills = 0;
  const began = performance.now();
  await Promise.all([0, 1, 2, 3].map(async (slot) => {
    while (kills < 90) {
      kills++;
      const child = startDeno(code(`${top}/${slot}.${kills}`), { piped: false });
      await soon(300 + Math.random() * 1200);
      child.kill("SIGKILL");
      await child.status;
    }
  }));
  const seconds = (performance.now() - began) / 1000;
  using log = new AuditLog({ folder });
  const verifying = performance.now();
  const { problems, records, notices, head } = await log.verify();
  const verified = (performance.now() - verifying) / 1000;
  const acknowledged = new Set<number>();
  for await (const { name } of Deno.readDir(top)) {
    if (name === "hushbook") continue;
    const bytes = await Deno.readFile(`${top}/${name}`);
    for (const seq of new Float64Array(bytes.buffer, 0, bytes.length >> 3)) acknowledged.add(seq);
  }
  // The chain verifies without gaps, so what is up to its head is there.
  const lost = [...acknowledged].filter((seq) => seq > head.seq).length;
  const torn = notices.filter((notice) => notice.startsWith("A torn line")).length;
  await Deno.remove(top, { recursive: true });
  const rate = records / seconds;
  return {
    work: "audit appends, 4 processes, one chain, 90 random kill -9",
    reach: "over 20,000 per second, no record lost, no chain break",
    measured: `${Math.round(rate)} per second, ${lost} of ${acknowledged.size} lost, ` +
      `${problems.length} chain breaks, ${torn} torn lines repaired; ` +
      `verified at ${Math.round(records / verified)} per second`,
    reached: rate > 20_000 && lost === 0 && problems.length === 0 && kills === 90,
    numbers: {
      rate,
      records,
      acknowledged: acknowledged.size,
      lost,
      breaks: problems.length,
      torn,
      kills,
      verifyRate: records / verified,
    },
  };
}

/** The same record into SQLite, as others would keep it: WAL, synchronous NORMAL, one insert each. */
async function againstSqlite(): Promise<AuditBenchRow> {
  const top = await Deno.makeTempDir();
  const ours = `import { AuditLog } from "${LOG}";
    const log = new AuditLog({ folder: "${top}/hushbook" });
    const append = () => log.append(${CALL});`;
  const sqlite = `import { DatabaseSync } from "node:sqlite";
    import { createHmac } from "node:crypto";
    const db = new DatabaseSync("${top}/log.db");
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE log(seq INTEGER PRIMARY KEY, line TEXT, mac TEXT)");
    const insert = db.prepare("INSERT INTO log(line, mac) VALUES (?, ?)");
    let prev = "";
    const append = () => {
      const line = JSON.stringify({ time: new Date().toISOString(), prev, ...${CALL} });
      prev = createHmac("sha256", "k".repeat(32)).update(line).digest("hex");
      insert.run(line, prev);
    };`;
  const rate = async (code: string) => {
    const loop = `${code}
      for (let i = 0; i < 2000; i++) await append();
      const began = performance.now();
      for (let i = 0; i < 20000; i++) await append();
      console.log(20000 / (performance.now() - began) * 1000);`;
    const { stdout } = await startDeno(loop).output();
    return Number(new TextDecoder().decode(stdout));
  };
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 3; round++) {
    mine.push(await rate(ours));
    theirs.push(await rate(sqlite.replace("log.db", `log${round}.db`)));
  }
  await Deno.remove(top, { recursive: true });
  const [a, b] = [mine, theirs].map((rates) => rates.sort((x, y) => x - y)[1]!) as [number, number];
  return {
    work: "audit appends, 1 process, against the same records in SQLite (WAL, NORMAL)",
    reach: "faster",
    measured: `${Math.round(a)} per second, SQLite ${Math.round(b)}: ${(a / b).toFixed(2)} times`,
    reached: a > b,
    numbers: { ours: a, sqlite: b, ratio: a / b },
  };
}

/** What one record costs a command that starts, records and ends, as the git hook does. */
async function oneRecord(): Promise<AuditBenchRow> {
  const top = await Deno.makeTempDir();
  const record = (lean: boolean) =>
    `import { AuditLog } from "${LOG}";
     const log = new AuditLog({ folder: "${top}/hushbook", lean: ${lean} });
     await log.append({ event: "hook.refuse", outcome: "refused" });`;
  const works = ["", record(true), record(false)];
  const times: number[][] = [[], [], []];
  for (let round = 0; round < 16; round++) {
    for (const [index, code] of works.entries()) {
      const began = performance.now();
      const { success } = await startDeno(code).output();
      if (!success) throw new Error("a run failed");
      if (round > 0) times[index]!.push(performance.now() - began);
    }
  }
  await Deno.remove(top, { recursive: true });
  const [empty, lean, full] = times.map((all) => all.sort((a, b) => a - b)[all.length >> 1]!) as [
    number,
    number,
    number,
  ];
  return {
    work: "one record from a command that starts and ends (lean), over an empty Deno script",
    reach: "under 20 ms, and less than with node:crypto",
    measured: `${(lean - empty).toFixed(1)} ms over ${empty.toFixed(1)} ms; with node:crypto ` +
      `${(full - empty).toFixed(1)} ms`,
    reached: lean - empty < 20 && lean < full,
    numbers: { empty, lean: lean - empty, nodeCrypto: full - empty },
  };
}

/** Taking and giving back a lock that is kept open, as the limiter does. */
async function locks(): Promise<AuditBenchRow> {
  const top = await Deno.makeTempDir();
  using lock = FileLock.open(`${top}/a.lock`);
  const times = 300_000;
  const began = performance.now();
  for (let i = 0; i < times; i++) {
    if (!lock.tryAcquire()) await lock.acquire();
    lock.release();
  }
  const rate = times / (performance.now() - began) * 1000;
  await Deno.remove(top, { recursive: true });
  return {
    work: "a lock between processes, kept open: take and give back",
    reach: "over 80,000 per second",
    measured: `${Math.round(rate)} per second`,
    reached: rate > 80_000,
    numbers: { rate },
  };
}

/**
 * Measures every row.
 *
 * @returns The rows.
 */
export async function run(): Promise<AuditBenchRow[]> {
  return [await locks(), await oneRecord(), await againstSqlite(), await underKills()];
}

if (import.meta.main) {
  for (const { work, reach, measured, reached } of await run()) {
    // deno-lint-ignore no-console -- this is a program when it is run by itself
    console.log(
      `${reached ? "reached" : "MISSED "}  ${work}\n         ${measured} (reach: ${reach})`,
    );
  }
}
