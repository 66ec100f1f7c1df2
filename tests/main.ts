/**
 * `deno task test [paths]`: every test, in two runs that pin their packages apart, and at the end what
 * was left out and why. Passes on the exit code; prints as its last line `N passed, N failed`.
 */
// deno-lint-ignore-file no-console -- a program

const ROOT = new URL("..", import.meta.url).pathname;
const ALWAYS = ["test", "--allow-all", "--frozen"];

/** The suite; with paths, only these. */
function runs(paths: readonly string[]): string[][] {
  const main = [...ALWAYS, "--doc", "--parallel", "--lock=tests/deno.lock"];
  if (paths.length > 0) return [[...main, ...paths]];
  // The clouds' own packages are large: who tests one file should not have to fetch them.
  const optional = [...ALWAYS, "--lock=tests/optional/deno.lock", "tests/optional"];
  return [[...main, "--ignore=tests/optional"], optional];
}

const passed: number[] = [], failed: number[] = [];
const leftOut = new Map<string, string>();

/** Reads a line of a run for what the end tells. */
function note(line: string): void {
  // deno-lint-ignore no-control-regex
  const plain = line.replace(/\x1b\[[0-9;]*m/g, "");
  const ended = /^(?:ok|FAILED) \| (\d+) passed.* \| (\d+) failed/.exec(plain);
  if (ended !== null) passed.push(Number(ended[1])), failed.push(Number(ended[2]));
  const ignored = /^(?:\S+ => )?(.*?)(?: \[left out: (.*)\])? \.\.\. ignored/.exec(plain);
  if (ignored !== null) leftOut.set(ignored[1]!, ignored[2] ?? "not for this system or user");
}

async function run(args: readonly string[]): Promise<boolean> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: Deno.stdout.isTerminal() && !Deno.env.get("NO_COLOR") ? { FORCE_COLOR: "1" } : {},
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of child.stdout) {
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    lines.forEach(note);
  }
  return (await child.status).success;
}

let success = true;
for (const args of runs(Deno.args)) success = await run(args) && success;

if (leftOut.size > 0) {
  console.log(`${leftOut.size} tests were left out:`);
  for (const [name, why] of leftOut) console.log(`  ${why}: ${name}`);
  console.log();
}
const sum = (numbers: number[]) => numbers.reduce((all, each) => all + each, 0);
console.log(`${sum(passed)} passed, ${sum(failed)} failed`);
// In CI everything is installed, so whatever is left out for want of a program is a mistake.
const incomplete = Deno.env.get("CI") === "true" &&
  [...leftOut.values()].some((why) => why.startsWith("no "));
Deno.exit(success && !incomplete ? 0 : 1);
