import { makeCorpus } from "../corpus.ts";
import { installIn } from "../../kit/hook.ts";
import { type TestRepository, testRepository } from "../../kit/repository.ts";
import {
  type BenchOptions,
  type ProcessRun,
  type Row,
  runProcess,
  spread,
  type Table,
} from "../table.ts";

export const name = "git";

/** How many notebooks are added at once. */
const MANY = 300;

/** Measures the hook and the filter as git starts them. */
export async function run({ corpus, runs }: BenchOptions): Promise<Table> {
  const work = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  try {
    const source = corpus ?? `${work}/corpus`;
    if (corpus === undefined) makeCorpus(source);
    const notebooks = await notebooksOf(source);
    return {
      title: "Committing and adding notebooks, whole processes",
      rows: [...await hookRows(notebooks, runs), ...await filterRows(notebooks, runs)],
      notes: [
        "The hook is the installed file, started as git does; its git processes are included.",
        "Git lists what is staged, and prints the blobs, beside the start of Deno.",
        "Both times of git add start from an empty object store.",
      ],
    };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

interface Notebook {
  readonly path: string;
  readonly size: number;
}

async function notebooksOf(folder: string): Promise<Notebook[]> {
  const found: Notebook[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await notebooksOf(path));
    else if (name.endsWith(".ipynb")) found.push({ path, size: (await Deno.stat(path)).size });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** The notebook with outputs whose size is nearest. */
async function nearest(notebooks: readonly Notebook[], size: number): Promise<string> {
  const sorted = [...notebooks].sort((a, b) => Math.abs(a.size - size) - Math.abs(b.size - size));
  for (const { path } of sorted) {
    const text = await Deno.readTextFile(path);
    if (text.includes('"output_type"')) return text;
  }
  throw new Error("No notebook of the corpus holds outputs");
}

async function hookRows(notebooks: readonly Notebook[], runs: number): Promise<Row[]> {
  using repository = await testRepository();
  await installIn(repository);
  const empty = `${repository.outside}/empty.ts`;
  await Deno.writeTextFile(empty, "");
  repository.write("first.txt", "first");
  await repository.git("add", ".");
  await repository.git("commit", "-qm", "first", "--no-verify");
  const one = await nearest(notebooks, 15_000);
  const hook = () => runHook(repository);
  const times = { empty: [] as ProcessRun[], idle: [] as ProcessRun[], one: [] as ProcessRun[] };
  for (let round = -1; round < runs; round++) {
    const deno = await runProcess([Deno.execPath(), "run", "--no-config", empty]);
    const idle = await hook();
    repository.write("one.ipynb", one);
    await repository.git("add", ".");
    const cleared = await hook();
    await repository.git("reset", "-q", "--hard");
    if (round < 0) continue; // The first round fills the caches.
    times.empty.push(deno);
    times.idle.push(idle);
    times.one.push(cleared);
  }
  const what = "deno run of an empty file";
  return [
    row("hook run, one staged 15 kB notebook cleared", times.one, what, times.empty, (ratio) => ({
      text: "under 60 ms where an empty program takes 15 to 20 (at most 3.4 times)",
      met: ratio <= 3.4,
    })),
    row("hook run, nothing staged", times.idle, what, times.empty),
  ];
}

async function runHook(repository: TestRepository): Promise<ProcessRun> {
  const run = await runProcess([`${repository.path}/.git/hooks/pre-commit`], {
    cwd: repository.path,
    env: { ...repository.env, GIT_INDEX_FILE: ".git/index" },
  });
  if (run.code !== 0) throw new Error(`The hook ended with ${run.code}`);
  return run;
}

async function filterRows(notebooks: readonly Notebook[], runs: number): Promise<Row[]> {
  using repository = await testRepository();
  await installIn(repository, { filter: true });
  const step = Math.max(1, Math.floor(notebooks.length / MANY));
  const chosen = notebooks.filter((_, at) => at % step === 0).slice(0, MANY);
  for (const [at, { path }] of chosen.entries()) {
    await Deno.copyFile(path, `${repository.path}/${at}.ipynb`);
  }
  const bytes = chosen.reduce((sum, { size }) => sum + size, 0);
  const off = ["-c", "filter.hushbook.process=", "-c", "filter.hushbook.clean="];
  const times = { filter: [] as ProcessRun[], plain: [] as ProcessRun[] };
  for (let round = -1; round < runs; round++) {
    const filter = await addAll(repository, []);
    const plain = await addAll(repository, off);
    if (round < 0) continue;
    times.filter.push(filter);
    times.plain.push(plain);
  }
  const work = `git add of ${chosen.length} notebooks, ${(bytes / 1e6).toFixed(1)} MB, filter`;
  return [
    row(work, times.filter, "git add without a filter", times.plain, (ratio) => ({
      text: "no slower than without a filter",
      met: ratio <= 1,
    })),
  ];
}

async function addAll(repository: TestRepository, flags: readonly string[]): Promise<ProcessRun> {
  await repository.run("sh", ["-c", "rm -rf .git/index .git/objects/??"]);
  const run = await runProcess(["git", ...flags, "add", "."], {
    cwd: repository.path,
    env: repository.env,
  });
  if (run.code !== 0) throw new Error(`git add ended with ${run.code}`);
  return run;
}

function row(
  work: string,
  ours: readonly ProcessRun[],
  what: string,
  other: readonly ProcessRun[],
  reach?: (ratio: number) => NonNullable<Row["reach"]>,
): Row {
  const figures = spread(ours.map(({ ms }) => ms));
  const ratio = figures.median / spread(other.map(({ ms }) => ms)).median;
  return {
    work,
    ...figures,
    unit: "ms",
    runs: ours.length,
    against: { what, ratio },
    ...(reach === undefined ? {} : { reach: reach(ratio) }),
  };
}
