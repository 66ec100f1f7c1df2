import { findTokens } from "../../../src/notebook/find.ts";
import { fakeToken } from "../../kit/tokens.ts";
import { makeCorpus } from "../corpus.ts";
import { type BenchOptions, type Row, spread, type Table } from "../table.ts";

export const name = "find-speed";

function notebooksOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? notebooksOf(path) : name.endsWith(".ipynb") ? [path] : [];
  });
}

function time(work: () => void): number {
  const begin = performance.now();
  work();
  return performance.now() - begin;
}

/** How much longer twice the text takes. */
function growth(unit: string, runs: number): Row {
  const encoder = new TextEncoder();
  const [once, twice] = [1_000_000, 2_000_000].map((length) =>
    encoder.encode(unit.repeat(Math.ceil(length / unit.length)))
  );
  const ratios: number[] = [];
  const short: number[] = [];
  for (let i = 0; i < runs; i++) {
    const first = time(() => findTokens(once!));
    short.push(first);
    ratios.push(time(() => findTokens(twice!)) / first);
  }
  const ratio = spread(ratios).median;
  const { median, range } = spread(short);
  return {
    work: `hostile: 1 MB of ${JSON.stringify(unit.length > 20 ? `${unit.slice(0, 3)}…` : unit)}`,
    median,
    range,
    unit: "ms",
    runs,
    against: { what: "itself with 2 MB (2 is linear)", ratio },
    reach: { text: "no more than 3 times", met: ratio <= 3 },
  };
}

/** Measures what searching costs beside reading, in one process and on one thread. */
export function run({ corpus, runs }: BenchOptions): Promise<Table> {
  const work = Deno.makeTempDirSync({ prefix: "hushbook-bench-" });
  try {
    const folder = corpus ?? `${work}/corpus`;
    if (corpus === undefined) makeCorpus(folder);
    const files = notebooksOf(folder);
    const read: number[] = [];
    const search: number[] = [];
    let bytes = 0;
    for (let i = 0; i < runs + 1; i++) {
      let contents: Uint8Array[] = [];
      const reading = time(() => contents = files.map((file) => Deno.readFileSync(file)));
      const searching = time(() =>
        contents.forEach((content) => findTokens(content, { path: "x.ipynb" }))
      );
      bytes = contents.reduce((sum, { length }) => sum + length, 0);
      if (i > 0) read.push(reading), search.push(searching);
    }
    const { median, range } = spread(search);
    const megabytes = `${(bytes / 1e6).toFixed(0)} MB`;
    const rows: Row[] = [{
      work: `search ${files.length} notebooks, ${megabytes}, no token in them`,
      median,
      range,
      unit: "ms",
      runs,
      against: { what: "reading them", ratio: median / spread(read).median },
    }];
    for (
      const unit of [
        "hf_",
        'hf_a" + "',
        "<b hf_\n>",
        "aGZf",
        "\\u005f",
        "%25",
        "&amp;#95;",
        "hf_jwt_a.",
      ]
    ) {
      rows.push(growth(unit, runs));
    }
    rows.push(growth(`${fakeToken(1)} `, runs));
    return Promise.resolve({
      title: "Finding tokens: speed",
      rows,
      notes: [
        "One thread, files in memory, code warm. What a whole command costs is in the table of scrubbing.",
      ],
    });
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}
