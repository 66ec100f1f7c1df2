/** What a slot costs when it is free, and how soon an aborted call stops waiting. */
import { createLimiter } from "../../../src/limits/limiter.ts";
import { sourceUrl, startDeno } from "../../kit/child.ts";
import { type BenchOptions, type Row, spread, type Table } from "../table.ts";

export const name = "limits-speed";

const SECONDS = 3;

interface Sample {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

function saturating(folder: string, startAt: number): string {
  return `
    import { createLimiter } from ${JSON.stringify(sourceUrl("src/limits/limiter.ts"))};
    const windows = [{ limit: 500_000, windowMs: 1000 }];
    const limiter = createLimiter({ folder: ${JSON.stringify(folder)}, windows });
    await limiter.status();
    await new Promise((done) => setTimeout(done, ${startAt} - Date.now()));
    const times = new Float64Array(2_000_000);
    let count = 0;
    const end = performance.now() + ${SECONDS * 1000};
    for (let before = performance.now(); before < end && count < times.length;) {
      await limiter.acquire();
      const now = performance.now();
      times[count++] = now - before;
      before = now;
    }
    const sorted = times.subarray(0, count).sort();
    const at = (share) => sorted[Math.min(count - 1, Math.floor(count * share))];
    console.log(JSON.stringify({ count, p50: at(0.5), p99: at(0.99), worst: at(1) }));
    limiter.close();
  `;
}

async function saturate(processes: number): Promise<Sample> {
  const folder = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  const code = saturating(`${folder}/state`, Date.now() + 1500 + 500 * processes);
  const samples = await Promise.all(
    Array.from({ length: processes }, async (): Promise<Sample> => {
      const { stdout } = await startDeno(code).output();
      return JSON.parse(new TextDecoder().decode(stdout));
    }),
  );
  await Deno.remove(folder, { recursive: true });
  return {
    count: samples.reduce((sum, { count }) => sum + count, 0),
    p50: Math.max(...samples.map(({ p50 }) => p50)),
    p99: Math.max(...samples.map(({ p99 }) => p99)),
    worst: Math.max(...samples.map(({ worst }) => worst)),
  };
}

/** The longest time that four processes which only loop are not run at all, in milliseconds. */
async function stall(): Promise<number> {
  const code = `
    let worst = 0;
    const end = performance.now() + ${SECONDS * 1000};
    for (let before = performance.now(); before < end;) {
      const now = performance.now();
      worst = Math.max(worst, now - before);
      before = now;
    }
    console.log(worst);
  `;
  const worst = await Promise.all([1, 2, 3, 4].map(async () => {
    const { stdout } = await startDeno(code).output();
    return Number(new TextDecoder().decode(stdout));
  }));
  return Math.max(...worst);
}

/** Milliseconds from `abort()` to the rejection, for calls that wait. */
async function aborts(count: number): Promise<number[]> {
  const folder = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  const times: number[] = [];
  {
    using limiter = createLimiter({
      folder: `${folder}/state`,
      windows: [{ limit: 1, windowMs: 60_000 }],
    });
    await limiter.acquire();
    for (let i = 0; i < count; i++) {
      const controller = new AbortController();
      const call = limiter.acquire({ signal: controller.signal });
      await new Promise((done) => setTimeout(done, i % 3));
      const before = performance.now();
      controller.abort();
      await call.catch(() => times.push(performance.now() - before));
    }
  }
  await Deno.remove(folder, { recursive: true });
  return times;
}

/** Runs it. */
export async function run({ runs }: BenchOptions): Promise<Table> {
  const rows: Row[] = [];
  const stalls: number[] = [];
  for (let i = 0; i < Math.min(runs, 3); i++) stalls.push(await stall());
  const control = spread(stalls);
  for (const processes of [1, 2, 4]) {
    const samples: Sample[] = [];
    for (let i = 0; i < Math.min(runs, 3); i++) samples.push(await saturate(processes));
    const figure = (
      title: string,
      unit: string,
      of: (sample: Sample) => number,
      most?: number,
    ) => ({
      work: `${title}, ${processes} ${processes === 1 ? "process" : "processes"} saturated`,
      ...spread(samples.map(of)),
      unit,
      runs: samples.length,
      ...(processes < 4 || !title.startsWith("worst") ? {} : {
        against: {
          what: "the machine's own stalls",
          ratio: spread(samples.map(of)).median / control.median,
        },
      }),
      ...(most === undefined || processes < 4 ? {} : {
        reach: {
          text: unit === "per second" ? `over ${most}` : `under ${most} ms`,
          met: unit === "per second"
            ? spread(samples.map(of)).median > most
            : spread(samples.map(of)).median < most,
        },
      }),
    });
    rows.push(
      figure("slots", "per second", ({ count }) => count / SECONDS, 80_000),
      figure("p99 of one slot", "ms", ({ p99 }) => p99, 0.1),
      figure("worst slot, awaited", "ms", ({ worst }) => worst, 100),
    );
  }
  const times = await aborts(1000);
  rows.push({
    work: "worst stall of 4 processes that only loop: the machine's own",
    ...control,
    unit: "ms",
    runs: stalls.length,
  }, {
    work: "abort of a waiting call until it rejects, worst of 1,000",
    ...spread(times),
    median: Math.max(...times),
    unit: "ms",
    runs: times.length,
    reach: { text: "under 10 ms", met: Math.max(...times) < 10 },
  });
  return {
    title: "Slots of a ring file",
    rows,
    notes: [
      "Each process asks for one slot after the other; the limit is never reached.",
      "Where processes that only loop stall for long, the worst slot says more about the machine.",
    ],
  };
}
