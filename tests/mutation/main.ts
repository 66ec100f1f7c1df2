/**
 * `deno task mutate [FILE]`: breaks the riskiest lines one by one, in a copy, and sees that the tests
 * notice. Ends with 1 when a mutation survives, or when its line is not there any more.
 */
// deno-lint-ignore-file no-console -- a program

import { locate, type Mutation, MUTATIONS } from "./mutations.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

async function run(program: string, args: string[], cwd: string): Promise<Deno.CommandOutput> {
  return await new Deno.Command(program, { args, cwd, stdin: "null" }).output();
}

/** This project as it stands, without what git ignores. */
async function copyTo(folder: string): Promise<void> {
  const command =
    'git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$1"';
  const { success } = await run(
    "sh",
    ["-ec", `${command}; cd "$1"; git init -q`, "sh", folder],
    ROOT,
  );
  if (!success) throw new Error("Cannot copy the project");
}

/** Whether the tests pass, and how they ended. */
async function passes(folder: string, tests: readonly string[]): Promise<boolean> {
  const options = ["--allow-all", "--no-check", "--quiet", "--lock=tests/deno.lock", "--frozen"];
  const { code, stdout } = await run(Deno.execPath(), ["test", ...options, ...tests], folder);
  // deno-lint-ignore no-control-regex
  const said = new TextDecoder().decode(stdout).replace(/\x1b\[[0-9;]*m/g, "");
  // Tests that cannot even be loaded have noticed nothing.
  if (!/^(?:ok|FAILED) \| [1-9]\d* passed/m.test(said)) {
    throw new Error(`Tests did not run: ${said}`);
  }
  return code === 0;
}

/** Applies a mutation, asks its tests, takes it back. */
async function survives(path: string, folder: string, mutation: Mutation): Promise<boolean> {
  const { from, to, tests } = mutation;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace(from, () => to));
  try {
    return await passes(folder, tests);
  } finally {
    await Deno.writeTextFile(path, text);
  }
}

const only = Deno.args[0];
const files = await locate(MUTATIONS);
const chosen = MUTATIONS.filter((each) => only === undefined || files.get(each) === only);
const folder = await Deno.makeTempDir({ prefix: "hushbook-mutation-" });
let lost = 0;
try {
  await copyTo(folder);
  const tests = [...new Set(chosen.flatMap(({ tests }) => tests))];
  if (!await passes(folder, tests)) throw new Error("The tests fail without any mutation");
  for (const mutation of chosen) {
    const begin = performance.now();
    const file = files.get(mutation)!;
    let verdict: string;
    try {
      verdict = await survives(`${folder}/${file}`, folder, mutation) ? "SURVIVED" : "noticed";
    } catch (error) {
      verdict = `NOT TRIED: ${(error as Error).message}`;
    }
    if (verdict !== "noticed") lost++;
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${verdict}  ${file}: ${mutation.guards} (${seconds} s)`);
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
console.log(`${chosen.length - lost} of ${chosen.length} mutations noticed`);
Deno.exit(lost === 0 && chosen.length > 0 ? 0 : 1);
