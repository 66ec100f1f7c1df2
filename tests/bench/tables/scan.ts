import { makeCorpus } from "../corpus.ts";
import {
  type BenchOptions,
  canRun,
  type ProcessRun,
  type Row,
  runProcess,
  spread,
  type Table,
} from "../table.ts";

export const name = "scan";

const file = (path: string) => new URL(path, import.meta.url).pathname;
const DENO = [Deno.execPath(), "run", "--no-config", "--no-lock", "--no-prompt", "--allow-all"];
const SECRETLINT_RULES = JSON.stringify({
  rules: [{ id: "@secretlint/secretlint-rule-preset-recommend" }],
});

/** One way to look through the corpus, and how it may end. */
interface Contender {
  readonly command: readonly string[];
  readonly codes: readonly number[];
  readonly runs: ProcessRun[];
}

function contend(command: readonly string[], codes: readonly number[] = [0]): Contender {
  return { command, codes, runs: [] };
}

/** Measures `hushbook scan` of a corpus, in turns with other programs that look through it. */
export async function run({ corpus, runs }: BenchOptions): Promise<Table> {
  const work = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  try {
    const source = corpus ?? `${work}/corpus`;
    if (corpus === undefined) makeCorpus(source);
    return await measure(source, work, runs);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function measure(source: string, work: string, runs: number): Promise<Table> {
  const read = contend([...DENO, file("../read_only.ts"), source]);
  const scan = contend([...DENO, file("../../../scripts/hushbook.ts"), "scan", source], [0, 1]);
  const ripgrep = await canRun("rg")
    ? contend(["rg", "-uuu", "-c", "hf_[A-Za-z0-9]{34}", source], [0, 1])
    : undefined;
  const secretlint = await canRun("secretlint")
    ? contend(["secretlint", "--secretlintrcJSON", SECRETLINT_RULES, "**/*.ipynb"], [0, 1])
    : undefined;
  const env = { HUSHBOOK_HOME: `${work}/state` };
  const turn = async ({ command, codes, runs }: Contender) => {
    const ended = await runProcess(command, { cwd: source, env });
    if (!codes.includes(ended.code)) throw new Error(`${command[0]} ended with ${ended.code}`);
    runs.push(ended);
  };
  for (let round = -1; round < runs; round++) { // in turns; the first fills the caches
    for (const contender of [read, scan, ripgrep]) {
      if (contender === undefined) continue;
      await turn(contender);
      if (round < 0) contender.runs.pop();
    }
  }
  if (secretlint !== undefined) await turn(secretlint); // one takes as long as all others together
  const row = (work: string, what: string, other: Contender): Row => {
    const ours = spread(scan.runs.map(({ ms }) => ms));
    const ratio = ours.median / spread(other.runs.map(({ ms }) => ms)).median;
    return { work, ...ours, unit: "ms", runs: scan.runs.length, against: { what, ratio } };
  };
  return {
    title: "Scanning a corpus for tokens, whole process",
    rows: [
      row("scan of all notebooks", "only reading in Deno", read),
      ...ripgrep === undefined ? [] : [row("the same", "ripgrep for hf_ and 34 more", ripgrep)],
      ...secretlint === undefined
        ? []
        : [row("the same", "secretlint, its usual rules", secretlint)],
    ],
    notes: [
      "ripgrep looks for one spelling and decodes nothing; it shows what searching bytes alone costs. " +
      "secretlint looks for many kinds of secrets; it was run once, without warming up.",
      ...ripgrep === undefined ? ["ripgrep is not on the PATH: its row is left out."] : [],
      ...secretlint === undefined ? ["secretlint is not on the PATH: its row is left out."] : [],
    ],
  };
}
