/**
 * Measures hushbook and prints a report:
 * `deno task bench [--only NAME] [--runs N] [--windows N] [--json FILE] [FOLDER]`.
 *
 * Each file in `tables/` is one table. FOLDER is a corpus of notebooks to use instead of the generated
 * one. Ratios come first: they carry over to other machines, milliseconds do not.
 */
import type { Row, Table, TableModule } from "./table.ts";

const TABLES = new URL("./tables/", import.meta.url);

async function tables(): Promise<TableModule[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(TABLES)) if (name.endsWith(".ts")) names.push(name);
  return await Promise.all(
    names.sort().map((name) => import(new URL(name, TABLES).href) as Promise<TableModule>),
  );
}

function machine(): Record<string, string> {
  const cpu = (() => {
    try {
      return /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ??
        "unknown";
    } catch {
      return "unknown";
    }
  })();
  return {
    processor: `${cpu}, ${navigator.hardwareConcurrency} cores`,
    memory: `${Math.round(Deno.systemMemoryInfo().total / 2 ** 30)} GiB`,
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    deno: Deno.version.deno,
    load: Deno.loadavg().map((load) => load.toFixed(1)).join(" "),
    date: new Date().toISOString().slice(0, 10),
  };
}

const figure = (value: number) => value >= 100 ? value.toFixed(0) : value.toPrecision(3);

function rowText({ work, median, range, unit, runs, against, reach }: Row): string {
  const ratio = against === undefined ? "" : `${figure(against.ratio)} × ${against.what}`;
  const met = reach === undefined ? "" : `${reach.text}: ${reach.met ? "met" : "NOT met"}`;
  const measured = `${figure(median)} ${unit} (${figure(range[0])} to ${
    figure(range[1])
  }, n=${runs})`;
  return `| ${work} | ${ratio} | ${measured} | ${met} |`;
}

function markdown({ title, rows, notes }: Table): string {
  return [
    `## ${title}`,
    "",
    "| work | ratio | median | reach |",
    "|---|---|---|---|",
    ...rows.map(rowText),
    "",
    ...notes.map((note) => `- ${note}`),
    "",
  ].join("\n");
}

if (import.meta.main) {
  const args = [...Deno.args];
  const take = (option: string) => {
    const at = args.indexOf(option);
    return at < 0 ? undefined : args.splice(at, 2)[1];
  };
  const only = take("--only");
  const json = take("--json");
  const runs = Number(take("--runs") ?? 7);
  const windows = Number(take("--windows") ?? 10);
  const [corpus] = args;
  const options = {
    runs,
    windows,
    ...(corpus === undefined ? {} : { corpus: Deno.realPathSync(corpus) }),
  };
  const all = await tables();
  const chosen = all.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) {
    const names = all.map(({ name }) => name).join(", ");
    Deno.stderr.writeSync(new TextEncoder().encode(`There is no such table; there are ${names}\n`));
    Deno.exit(2);
  }
  const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  const where = machine();
  print(
    `# Benchmarks\n\n${
      Object.entries(where).map(([key, text]) => `- ${key}: ${text}`).join("\n")
    }\n`,
  );
  const results: (Table & { name: string })[] = [];
  for (const { name, run } of chosen) {
    const table = await run(options);
    results.push({ name, ...table });
    print(markdown(table));
  }
  if (json !== undefined) {
    Deno.writeTextFileSync(
      json,
      `${JSON.stringify({ machine: where, tables: results }, null, 1)}\n`,
    );
  }
}
