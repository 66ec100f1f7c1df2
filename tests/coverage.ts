/**
 * `deno task coverage [paths]`: how many lines of src/ the tests run, every file counted, also one that
 * no test loads. Kernels, hooks and other processes that tests start count too, unless they are killed.
 * Takes about twice as long as the tests. Ends with 1 below 95 %.
 */
// deno-lint-ignore-file no-console -- a program

const ROOT = new URL("..", import.meta.url).pathname;
const ENOUGH = 95;

const folder = await Deno.makeTempDir();
const env = { DENO_COVERAGE_DIR: folder };
let failed = false;

/** Runs tests; only their sum, and those that failed, are worth a line here. */
async function test(...args: string[]): Promise<void> {
  const options = ["--allow-all", "--parallel", "--frozen", "--coverage-raw-data-only"];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", ...options, `--coverage=${folder}`, ...args],
    cwd: ROOT,
    env,
    stdin: "null",
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  failed ||= !success;
  for (const line of new TextDecoder().decode(stdout).split("\n")) {
    // deno-lint-ignore no-control-regex
    const plain = line.replace(/\x1b\[[0-9;]*m/g, "");
    if (/ \.\.\. FAILED| \| \d+ passed/.test(plain)) console.error(plain);
  }
}

/** Takes away what processes had not written to its end when they were killed. */
async function dropTorn(): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    try {
      JSON.parse(await Deno.readTextFile(path));
    } catch {
      await Deno.remove(path);
    }
  }
}

async function report(): Promise<string> {
  await dropTorn();
  const command = new Deno.Command(Deno.execPath(), {
    args: ["coverage", "--lcov", `--include=^file://${ROOT}src/`, folder],
    cwd: ROOT,
    stderr: "inherit",
  });
  const { success, stdout } = await command.output();
  if (!success) Deno.exit(1);
  return new TextDecoder().decode(stdout);
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

const LOCK = "--lock=tests/deno.lock";
if (Deno.args.length > 0) await test(LOCK, ...Deno.args);
else {
  await test(LOCK, "--doc", "--ignore=tests/optional", "tests", "src", "mod.ts");
  await test("--lock=tests/optional/deno.lock", "tests/optional");
}
const files = readReport(await report());
await Deno.remove(folder, { recursive: true });

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
// Counting is slow, and some tests have deadlines: whether all pass is for `deno task test` to say.
if (failed) console.error("Tests failed; what they ran is counted");
Deno.exit(share >= ENOUGH ? 0 : 1);
