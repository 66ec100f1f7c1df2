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

export const name = "scrub";

const file = (path: string) => new URL(path, import.meta.url).pathname;
const DENO = [Deno.execPath(), "run", "--no-config", "--no-prompt", "--allow-all"];
const HUSHBOOK = [...DENO, file("../../../scripts/hushbook.ts")];
const JSON_STRIP = "JSON.parse and stringify in Deno";
/** nbstripout 0.9.1 against two Rust programs, on 1,519 notebooks: the goal of issue 2. */
const RUST = {
  faster: 4.94 / 0.508,
  text: "faster than the Rust strippers, 9.7 to 11 times nbstripout",
};

async function notebooksOf(folder: string): Promise<{ files: string[]; bytes: number }> {
  const files: string[] = [];
  let bytes = 0;
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      const below = await notebooksOf(path);
      files.push(...below.files);
      bytes += below.bytes;
    } else if (isFile && name.endsWith(".ipynb")) {
      files.push(path);
      bytes += (await Deno.stat(path)).size;
    }
  }
  return { files: files.sort(), bytes };
}

/**
 * The old copy is moved away, and deleted at the end: for seconds after many files were deleted, ext4
 * without a journal is slow to create any, which only those would feel who create files.
 */
async function freshCopy(from: string, to: string): Promise<void> {
  await Deno.rename(to, `${to}-${crypto.randomUUID()}`).catch(() => {});
  await new Deno.Command("cp", { args: ["-r", from, to] }).output();
  await new Deno.Command("sync").output();
}

/** One way to work through the corpus. */
interface Contender {
  readonly command: readonly string[];
  readonly fresh: boolean;
  readonly runs: ProcessRun[];
}

/** Measures how long `hushbook scrub` takes, in turns with what it is compared with. */
export async function run({ corpus, runs }: BenchOptions): Promise<Table> {
  const work = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  try {
    const source = corpus ?? `${work}/corpus`;
    if (corpus === undefined) makeCorpus(source);
    return await measure(source, `${work}/copy`, runs);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

async function measure(source: string, copy: string, runs: number): Promise<Table> {
  const { files, bytes } = await notebooksOf(source);
  const copies = files.map((path) => copy + path.slice(source.length));
  const contend = (command: readonly string[], fresh = false): Contender => ({
    command,
    fresh,
    runs: [],
  });
  const contenders = {
    read: contend([...DENO, file("../read_only.ts"), source]),
    check: contend([...HUSHBOOK, "scrub", "--check", "--quiet", source]),
    json: contend([...DENO, file("../json_strip.ts"), copy], true),
    scrub: contend([...HUSHBOOK, "scrub", "--quiet", copy], true),
  };
  const nbstripout = await canRun("nbstripout");
  const rust = await canRun("nbstripout-fast")
    ? contend(["nbstripout-fast", ...copies], true)
    : undefined;
  const peers = nbstripout
    ? {
      strip: contend(["nbstripout", "--keep-id", ...copies], true),
      verify: contend(["nbstripout", "--keep-id", "--verify", ...files]),
    }
    : undefined;
  const everyone = [
    ...Object.values(contenders),
    ...rust === undefined ? [] : [rust],
    ...Object.values(peers ?? {}),
  ];
  for (let round = 0; round < runs; round++) { // in turns, so that a busy moment hits all alike
    for (const { command, fresh, runs: done } of everyone) {
      if (fresh) await freshCopy(source, copy);
      done.push(await runProcess(command));
    }
  }
  // Watched separately: reading /proc costs time.
  const watched = [
    await runProcess(contenders.check.command, { memory: true }),
    await freshCopy(source, copy).then(() =>
      runProcess(contenders.scrub.command, { memory: true })
    ),
  ];
  const size = `${files.length} notebooks, ${Math.round(bytes / 1e6)} MB`;
  const { read, check, json, scrub } = contenders;
  const rows = [
    row(`scrub --check, ${size}`, check, "only reading in Deno", read, (ratio) => ({
      text: "at most 2.5 × reading",
      met: ratio <= 2.5,
    })),
    ...rust === undefined
      ? [
        row(`scrub in place, ${size}`, scrub, JSON_STRIP, json, (ratio) => ({
          text: "faster than the Rust strippers, 0.65 and 0.75 × the same",
          met: ratio < 0.65,
        })),
      ]
      : [
        row(`scrub in place, ${size}`, scrub, JSON_STRIP, json),
        row("the same", scrub, "nbstripout-fast", rust, (ratio) => ({
          text: "faster than the Rust strippers",
          met: ratio < 1,
        })),
      ],
    ...peers === undefined ? [] : [
      rust === undefined
        ? row("the same", scrub, "nbstripout", peers.strip, (ratio) => ({
          text: RUST.text,
          met: 1 / ratio > RUST.faster,
        }))
        : row("the same", scrub, "nbstripout", peers.strip),
      row("scrub --check", check, "nbstripout --verify", peers.verify, (ratio) => ({
        text: "10 times faster",
        met: ratio <= 0.1,
      })),
    ],
    memoryRow("scrub --check", watched[0]!),
    memoryRow("scrub in place", watched[1]!),
  ];
  return {
    title: "Scrubbing a corpus, tokens searched, whole process",
    rows,
    notes: notes(nbstripout, rust !== undefined),
  };
}

function row(
  work: string,
  ours: Contender,
  what: string,
  other: Contender,
  reach?: (ratio: number) => NonNullable<Row["reach"]>,
): Row {
  const figures = spread(ours.runs.map(({ ms }) => ms));
  const ratio = figures.median / spread(other.runs.map(({ ms }) => ms)).median;
  return {
    work,
    ...figures,
    unit: "ms",
    runs: ours.runs.length,
    against: { what, ratio },
    ...(reach === undefined ? {} : { reach: reach(ratio) }),
  };
}

function memoryRow(work: string, { mib }: ProcessRun): Row {
  const { median, range } = spread([mib]);
  return {
    work: `peak memory, ${work}`,
    median,
    range,
    unit: "MiB",
    runs: 1,
    reach: { text: "under 150 MiB", met: mib < 150 },
  };
}

function notes(nbstripout: boolean, rust: boolean): string[] {
  return [
    "Medians of whole processes, contenders in turns, on fresh copies with a sync before each. Ours " +
    "searches all of it for tokens, writes each notebook beside the old one, brings it to the disk and " +
    "renames it; the others search nothing, overwrite in place and do not wait for the disk.",
    rust
      ? "nbstripout-fast lays out anew what it writes; nbwipers was not run."
      : "The Rust strippers were not run: put nbstripout-fast on the PATH. On one machine and 1,519 " +
        "notebooks nbwipers' core took 0.444 s and nbstripout-fast 0.508 s where nbstripout took 4.94 s: " +
        "11 and 9.7 times as fast, and 0.65 and 0.75 × JSON.parse and stringify in Deno (0.680 s). Both " +
        "ratios stand in for them here.",
    ...nbstripout ? [] : ["nbstripout is not on the PATH: its rows are left out."],
  ];
}
