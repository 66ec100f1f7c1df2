import { AuditLog } from "../../../src/audit/log.ts";
import { FileLock } from "../../../src/state/lock.ts";
import { startDeno } from "../../kit/child.ts";
import { type BenchOptions, type Row, spread, type Table } from "../table.ts";

export const name = "audit";

const LOG = new URL("../../../src/audit/log.ts", import.meta.url).href;

/** The fields of an ordinary inference call: a line of some 480 bytes. */
const CALL = `{ event: "inference.start", outcome: "started", id: crypto.randomUUID(),
  "gen_ai.operation.name": "chat", "gen_ai.provider.name": "groq",
  "gen_ai.request.model": "meta-llama/Llama-3.1-8B", "server.address": "router.huggingface.co",
  "url.path": "/v1/chat/completions", fingerprint: "0123456789ab" }`;

const soon = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A process that appends without pause and writes down the number of each acknowledged record. */
const writer = (folder: string, report: string) =>
  `import { AuditLog } from "${LOG}";
   const log = new AuditLog({ folder: "${folder}" });
   const report = Deno.openSync("${report}", { append: true, create: true });
   const word = new Float64Array(1);
   const bytes = new Uint8Array(word.buffer);
   while (true) {
     word[0] = (await log.append(${CALL})).seq;
     report.writeSync(bytes);
   }`;

/** Four processes write without pause; 90 times one of them is killed at a random moment. */
function underKills(notes: string[]): Promise<Row[]> {
  return inFolder(async (top) => {
    const folder = `${top}/hushbook`;
    let kills = 0;
    const began = performance.now();
    await Promise.all([0, 1, 2, 3].map(async () => {
      while (kills < 90) {
        const child = startDeno(writer(folder, `${top}/${kills++}`), { piped: false });
        await soon(300 + Math.random() * 2000);
        child.kill("SIGKILL");
        await child.status;
      }
    }));
    const seconds = (performance.now() - began) / 1000;
    using log = new AuditLog({ folder });
    const verifying = performance.now();
    const { problems, records, notices, head } = await log.verify();
    const verified = records / (performance.now() - verifying) * 1000;
    const acknowledged = new Set<number>();
    for (let i = 0; i < kills; i++) {
      const bytes = await Deno.readFile(`${top}/${i}`).catch(() => new Uint8Array());
      for (const seq of new Float64Array(bytes.buffer, 0, bytes.length >> 3)) acknowledged.add(seq);
    }
    // The chain verifies without gaps, so what is up to its head is there.
    const lost = [...acknowledged].filter((seq) => seq > head.seq).length;
    const torn = notices.filter((notice) => notice.startsWith("A torn line")).length;
    notes.push(
      `${kills} kills: ${lost} of ${acknowledged.size} acknowledged records lost, ` +
        `${problems.length} chain breaks in ${records} records, ${torn} torn lines repaired.`,
    );
    const rate = records / seconds;
    return [{
      work: "audit appends, 4 processes, one chain, 90 random kill -9, starts included",
      median: rate,
      range: [rate, rate],
      unit: "records/s",
      runs: 1,
      reach: {
        text: "over 20,000 per second, no record lost, no chain break",
        met: rate > 20_000 && lost === 0 && problems.length === 0 && kills === 90,
      },
    }, {
      work: "audit verify",
      median: verified,
      range: [verified, verified],
      unit: "records/s",
      runs: 1,
    }];
  });
}

/** The same records into SQLite: WAL, synchronous NORMAL, one insert each, signed in a chain too. */
const sqlite = (file: string) =>
  `import { DatabaseSync } from "node:sqlite";
   import { createHmac } from "node:crypto";
   const db = new DatabaseSync("${file}");
   db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; " +
     "CREATE TABLE log(seq INTEGER PRIMARY KEY, line TEXT, mac TEXT)");
   const insert = db.prepare("INSERT INTO log(line, mac) VALUES (?, ?)");
   let prev = "";
   const append = () => {
     const line = JSON.stringify({ time: new Date().toISOString(), prev, ...${CALL} });
     prev = createHmac("sha256", "k".repeat(32)).update(line).digest("hex");
     insert.run(line, prev);
   };`;

function againstSqlite(runs: number): Promise<Row> {
  return inFolder(async (top) => {
    const rate = async (code: string) => {
      const { stdout } = await startDeno(`${code}
        for (let i = 0; i < 2000; i++) await append();
        const began = performance.now();
        for (let i = 0; i < 20000; i++) await append();
        console.log(20000 / (performance.now() - began) * 1000);`).output();
      return Number(new TextDecoder().decode(stdout));
    };
    const ours: number[] = [];
    const theirs: number[] = [];
    for (let i = 0; i < runs; i++) {
      ours.push(
        await rate(`import { AuditLog } from "${LOG}";
          const log = new AuditLog({ folder: "${top}/${i}" });
          const append = () => log.append(${CALL});`),
      );
      theirs.push(await rate(sqlite(`${top}/${i}.db`)));
    }
    const ratio = spread(ours).median / spread(theirs).median;
    return {
      work: "audit appends, 1 process",
      ...spread(ours),
      unit: "records/s",
      runs,
      against: { what: "SQLite (WAL, NORMAL), the same records", ratio },
    };
  });
}

/** What one record costs a command that starts, records and ends, as the git hook does. */
function oneRecord(runs: number): Promise<Row> {
  return inFolder(async (top) => {
    const works = [
      "",
      `import { AuditLog } from "${LOG}";
       const log = new AuditLog({ folder: "${top}/hushbook" });
       await log.append({ event: "hook.refuse", outcome: "refused" });`,
    ];
    const times: [number[], number[]] = [[], []];
    for (let i = -1; i < runs; i++) { // the first one warms up
      for (const [index, code] of works.entries()) {
        const began = performance.now();
        await startDeno(code, { piped: false }).status;
        if (i >= 0) times[index]!.push(performance.now() - began);
      }
    }
    const empty = spread(times[0]).median;
    const over = times[1].map((ms) => ms - empty);
    return {
      work: "one record from a command that starts and ends, over an empty Deno script",
      ...spread(over),
      unit: "ms",
      runs,
      against: { what: "the empty script", ratio: spread(over).median / empty },
    };
  });
}

/** Taking and giving back a lock that is kept open, as the limiter does. */
function locks(runs: number): Promise<Row> {
  return inFolder(async (top) => {
    using lock = FileLock.open(`${top}/a.lock`);
    const times = 100_000;
    const rates: number[] = [];
    for (let run = 0; run < runs; run++) {
      const began = performance.now();
      for (let i = 0; i < times; i++) {
        if (!lock.tryAcquire()) await lock.acquire();
        lock.release();
      }
      rates.push(times / (performance.now() - began) * 1000);
    }
    return {
      work: "a lock between processes, kept open: take it and give it back",
      ...spread(rates),
      unit: "times/s",
      runs,
      reach: { text: "over 80,000 per second", met: spread(rates).median > 80_000 },
    };
  });
}

/** Measures what recording an event costs, and whether the log survives what it promises to. */
export async function run({ runs }: BenchOptions): Promise<Table> {
  const notes: string[] = [];
  const rows = [
    ...await underKills(notes),
    await againstSqlite(Math.min(runs, 5)),
    await oneRecord(Math.max(runs, 9)),
    await locks(runs),
  ];
  return { title: "Audit log and locks", rows, notes };
}
