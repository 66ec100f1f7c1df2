/** What random deaths of callers cost the others. */
import { hushbook, mostIn, race } from "../limits_children.ts";
import type { Table } from "../table.ts";

export const name = "limits-kills";

const WINDOW = { limit: 10, windowMs: 2000 };

/** Runs it once: 60 s, about 120 deaths. */
export async function run(): Promise<Table> {
  const what = { ...WINDOW, contender: hushbook(""), lastsMs: 60_000, pattern: "hammer" } as const;
  const { arrivals } = await race({ ...what, killEveryMs: 500 });
  const took = arrivals.at(-1)! - arrivals[0]!;
  const ideal = WINDOW.limit * (took / WINDOW.windowMs + 1);
  const share = 100 * arrivals.length / ideal;
  const most = mostIn(arrivals, WINDOW.windowMs);
  const row = { range: [0, 0] as const, runs: 1 };
  return {
    title: "Random SIGKILL of callers, four processes, 10 calls per 2 s, 60 s",
    rows: [
      {
        ...row,
        work: `calls that arrived, of ${Math.round(ideal)} at the ideal rate`,
        median: share,
        range: [share, share],
        unit: "%",
        reach: { text: "at least 90 %", met: share >= 90 },
      },
      {
        ...row,
        work: "calls in the fullest window",
        median: most,
        range: [most, most],
        unit: "calls",
        against: { what: "the limit", ratio: most / WINDOW.limit },
        reach: { text: "at most 10", met: most <= WINDOW.limit },
      },
    ],
    notes: ["The ideal rate has no guard; the guard of 50 ms alone costs 2.4 %."],
  };
}
