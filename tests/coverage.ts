/**
 * `deno task coverage`: how many lines of src/ the tests run, every file counted, also one that no
 * test loads. Real kernels and hooks in processes of their own do not count. Ends with 1 below 95 %.
 */
// deno-lint-ignore-file no-console -- a program

const ROOT = new URL("..", import.meta.url).pathname;
const ENOUGH = 95;

async function deno(args: string[], stdout: "inherit" | "piped"): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdout });
  const output = await command.spawn().output();
  if (!output.success) console.error(`deno ${args[0]} failed; what it did is counted`);
  return stdout === "piped" ? new TextDecoder().decode(output.stdout) : "";
}

async function sources(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await sources(path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found;
}

interface Lines {
  run: number;
  all: number;
  missing: number[];
}

/** Reads a report in the format of lcov: SF a file, DA a line and how often it ran. */
function readReport(report: string): Map<string, Lines> {
  const files = new Map<string, Lines>();
  for (const section of report.split("end_of_record")) {
    const path = /^SF:(.*)$/m.exec(section)?.[1];
    if (path === undefined) continue;
    const lines: Lines = { run: 0, all: 0, missing: [] };
    for (const [, line, times] of section.matchAll(/^DA:(\d+),(\d+)/gm)) {
      lines.all += 1;
      if (times === "0") lines.missing.push(Number(line));
      else lines.run += 1;
    }
    files.set(path, lines);
  }
  return files;
}

/** Numbers in short: `3-5 9`. */
function ranges(numbers: readonly number[]): string {
  const parts: [number, number][] = [];
  for (const number of numbers) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([from, to]) => from === to ? `${from}` : `${from}-${to}`).join(" ");
}

const folder = await Deno.makeTempDir();
const run = ["test", "--allow-all", "--parallel", "--quiet", `--coverage=${folder}`];
const optional = ["--lock=tests/optional/deno.lock", "tests/optional"];
await deno([...run, "--lock=tests/deno.lock", "--ignore=tests/optional", "tests"], "piped");
await deno([...run, ...optional], "piped");
const report = await deno(["coverage", "--lcov", `--include=^file://${ROOT}src/`, folder], "piped");
await Deno.remove(folder, { recursive: true });

const files = readReport(report);
const total = { run: 0, all: 0 };
for (const path of (await sources(`${ROOT}src`)).sort()) {
  const name = path.slice(ROOT.length).replace(/^\//, "");
  const text = await Deno.readTextFile(path);
  // A file of types alone has nothing to run, and is in no report.
  const code = /^(?:export )?(?:async )?(?:function|class|const|let)\b/m.test(text);
  const counted = files.get(path) ??
    { run: 0, all: code ? text.split("\n").length : 0, missing: [] };
  total.run += counted.run;
  total.all += counted.all;
  const share = counted.all === 0 ? 100 : 100 * counted.run / counted.all;
  if (share >= ENOUGH) continue;
  console.log(
    `${share.toFixed(1).padStart(5)} %  ${name}  ${ranges(counted.missing) || "not loaded"}`,
  );
}
const share = 100 * total.run / total.all;
console.log(`${share.toFixed(2)} % of ${total.all} lines of src/`);
Deno.exit(share >= ENOUGH ? 0 : 1);
