/** How many calls arrive in a window when four processes do their worst. */
import { RedisServer } from "../../kit/redis.ts";
import { hasProgram } from "../../kit/programs.ts";
import {
  bottleneck,
  hushbook,
  mostIn,
  type Race,
  race,
  rateLimiterFlexible,
} from "../limits_children.ts";
import type { BenchOptions, Row, Table } from "../table.ts";

export const name = "limits-windows";

const LIMIT = 10;

async function measured(what: Race, reach = false): Promise<Row> {
  const { arrivals, from } = await race(what);
  const most = mostIn(arrivals, what.windowMs);
  const windows = Math.round(what.lastsMs / what.windowMs);
  return {
    work: `${what.contender.title}: ${LIMIT} per ${what.windowMs / 1000} s, ${what.pattern}, ` +
      `${windows} windows, ${arrivals.length} calls (${from.join(", ")})`,
    median: most,
    range: [most, most],
    unit: "calls in the fullest window",
    runs: windows,
    against: { what: "the limit", ratio: most / LIMIT },
    ...(reach ? { reach: { text: `at most ${LIMIT}`, met: most <= LIMIT } } : {}),
  };
}

/** Runs the races, one after the other. */
export async function run({ windows = 10 }: BenchOptions): Promise<Table> {
  const lastsMs = windows * 2000;
  const worst = { limit: LIMIT, windowMs: 2000, lastsMs, pattern: "adversarial" } as const;
  const file = hushbook("hushbook (ring file)");
  const rows = [
    await measured({ ...worst, contender: file }, true),
    await measured({ ...worst, contender: file, pattern: "hammer" }, true),
    await measured(
      {
        contender: hushbook("hushbook (ring file, guard 50 ms)", "guardMs: 50"),
        ...{ limit: LIMIT, windowMs: 200, lastsMs: 200_000, pattern: "adversarial" },
      },
      true,
    ),
    await measured(
      {
        contender: hushbook("hushbook (ring file, guard 50 ms), stopped at random", "guardMs: 50"),
        ...{ limit: LIMIT, windowMs: 300, lastsMs: 60_000, pattern: "hammer", stopEveryMs: 10 },
      },
      true,
    ),
  ];
  const notes = [
    "A call that goes out late, because its process stood still after getting the slot, is counted " +
    "from when it went out. Left are journeys that differ by more than the guard, and the server " +
    "here, which notes a call late when it is not run itself.",
    "The server notes when each call arrives; a window is laid wherever it is fullest.",
    "In brackets, how many calls each process got; in the adversarial pattern the first starts alone.",
    "Adversarial: one call, silence until 93 % of the window, then as many as they can get.",
    "Stopped at random: SIGSTOP to one process after the other, each for up to 0.27 s.",
  ];
  if (!hasProgram("redis-server")) {
    return { title: "Calls in any window", rows, notes: [...notes, "redis-server is missing"] };
  }
  await using server = await RedisServer.start();
  const redis = hushbook("hushbook (Redis)", `store: ${JSON.stringify(server.url)}`);
  rows.push(
    await measured({ ...worst, contender: redis }, true),
    await measured({ ...worst, contender: rateLimiterFlexible(server.url) }),
    // Its clustered reservoir is refilled every 5 s at the soonest.
    await measured({
      ...worst,
      windowMs: 5000,
      lastsMs: Math.max(lastsMs, 25_000),
      contender: bottleneck(server.url),
    }),
  );
  return { title: "Calls in any window, four processes", rows, notes };
}
