import { looksRandom } from "../../../src/secret/plausible.ts";
import { score } from "../../kit/planted/score.ts";
import { randomText } from "../../kit/tokens.ts";
import type { BenchOptions, Row, Table } from "../table.ts";

export const name = "find-quality";

/** Seeds of the generated set; none is used by a test. */
const SEEDS = [401, 402, 403];
/** What the best published scanner finds in the research's set: everything but the hard classes. */
const BEST_RIVAL = 79.7;
const ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

function percent(part: number, whole: number): number {
  return 100 * part / whole;
}

function row(work: string, value: number, runs: number, reach: Row["reach"], rival?: number): Row {
  return {
    work,
    median: value,
    range: [value, value],
    unit: "%",
    runs,
    ...(rival === undefined ? {} : { against: { what: "best rival", ratio: value / rival } }),
    ...(reach === undefined ? {} : { reach }),
  };
}

/** Measures how many planted tokens are found, and how many harmless files are flagged. */
export function run({ runs }: BenchOptions): Promise<Table> {
  const scores = SEEDS.map((seed) => score(seed, Math.max(6, runs)));
  const rows: Row[] = scores[0]!.tiers.map(({ tier }, i) => {
    const files = scores.reduce((sum, { tiers }) => sum + tiers[i]!.files, 0);
    const found = scores.reduce((sum, { tiers }) => sum + tiers[i]!.found, 0);
    const wanted = 100;
    const value = percent(found, files);
    const reach = { text: `${wanted} %`, met: value >= wanted };
    return row(`found: ${tier}`, value, files, reach, tier === "hard" ? undefined : BEST_RIVAL);
  });
  const harmless = scores.reduce((sum, one) => sum + one.harmless, 0);
  const flagged = percent(scores.reduce((sum, one) => sum + one.flagged.length, 0), harmless);
  rows.push(row("harmless files flagged", flagged, harmless, { text: "≤ 1 %", met: flagged <= 1 }));
  const echoed = scores.reduce((sum, one) => sum + one.echoed.length, 0);
  rows.push(
    row("findings that show part of a token", echoed, harmless, { text: "0", met: echoed === 0 }),
  );
  const drawn = 200_000;
  for (
    const [what, alphabet] of [["letters", ALNUM.slice(0, 52)], [
      "letters and digits",
      ALNUM,
    ]] as const
  ) {
    let refused = 0;
    for (let seed = 0; seed < drawn; seed++) {
      if (!looksRandom(randomText(34, seed, alphabet))) refused++;
    }
    const value = percent(refused, drawn);
    rows.push(
      row(`random bodies of ${what} refused`, value, drawn, {
        text: "≤ 0.02 %",
        met: value <= 0.02,
      }),
    );
  }
  return Promise.resolve({
    title: "Finding tokens: quality",
    rows,
    notes: [
      "A generated set of places, spellings and look-alikes from seeds no test uses; n is the number of files.",
      "The set was written by the authors of the search: it shows what is read, not a fair contest. The rival " +
      `(${BEST_RIVAL} %: Hugging Face's own log redaction; the best scanner 74.8 %) was measured on another such set.`,
    ],
  });
}
