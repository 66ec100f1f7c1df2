// `hushbook scrub` as a process of its own: killed at any moment, run twice at once, with the
// permissions its task gives it.
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { stripNotebook } from "../../src/notebook/strip.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const SCRIPT = new URL("../../scripts/hushbook.ts", import.meta.url).pathname;
const COUNT = 60;
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A notebook of about 200 kB, most of it outputs, with its number in its source. */
function dirty(index: number): string {
  const output = {
    output_type: "stream",
    name: "stdout",
    text: ["line of output\n".repeat(10_000)],
  };
  const cell = {
    cell_type: "code",
    execution_count: index,
    metadata: {},
    outputs: [output],
    source: [`${index}`],
  };
  return JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 4 }, null, 1);
}

const OLD = Array.from({ length: COUNT }, (_, index) => dirty(index));
const NEW = OLD.map((text) => decode(stripNotebook(new TextEncoder().encode(text)).bytes));

function fill(folder: string): void {
  for (const [index, text] of OLD.entries()) {
    Deno.writeTextFileSync(`${folder}/${index}.ipynb`, text);
  }
}

function start(folder: string, ...args: string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-config", "--no-prompt", "--no-check", "--allow-read", "--allow-write"],
      ...["--allow-run=git", "--allow-env", "--allow-sys=uid", SCRIPT, "scrub", ...args],
    ],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** How many notebooks are new; each is wholly old or wholly new. */
function countNew(folder: string): number {
  let count = 0;
  for (let index = 0; index < COUNT; index++) {
    const text = Deno.readTextFileSync(`${folder}/${index}.ipynb`);
    ok(text === OLD[index] || text === NEW[index], `notebook ${index} is torn: ${text.length}`);
    if (text === NEW[index]) count++;
  }
  return count;
}

const leftovers = (folder: string) =>
  [...Deno.readDirSync(folder)].filter(({ name }) => !name.endsWith(".ipynb")).length;

Deno.test("scrub killed at any moment leaves whole notebooks, and the next run tidies up", async () => {
  using folder = temporaryFolder();
  fill(folder.path);
  const begin = performance.now();
  await start(folder.path).output();
  // From the middle of a run, where it writes, to its end, wherever that is on this machine now: the
  // first run may have had to compile what the others find in a cache.
  let duration = performance.now() - begin;
  const hit = (count: number) => count > 0 && count < COUNT;
  const counts: number[] = [];
  let left = 0;
  for (let round = 0; round < 8 || (round < 60 && !counts.some(hit)); round++) {
    fill(folder.path);
    const child = start(folder.path);
    const ended = child.output();
    await new Promise((resolve) => setTimeout(resolve, duration * (0.35 + (round % 8) * 0.08)));
    try {
      child.kill("SIGKILL");
    } catch { /* It was faster this time. */ }
    await ended;
    const count = countNew(folder.path);
    if (count === COUNT) duration *= 0.85;
    else if (count === 0) duration *= 1.1;
    counts.push(count);
    left += leftovers(folder.path);
  }
  ok(counts.some(hit), `no kill hit the work: ${counts}`);
  const { code } = await start(folder.path).output();
  equal(code, 0);
  equal(countNew(folder.path), COUNT);
  equal(leftovers(folder.path), 0, `${left} were left by kills`);
});

Deno.test("scrub run twice at once on the same notebooks does no harm", async () => {
  using folder = temporaryFolder();
  for (let round = 0; round < 3; round++) {
    fill(folder.path);
    const both = await Promise.all([start(folder.path).output(), start(folder.path).output()]);
    deepEqual(
      both.map(({ code }) => code),
      [0, 0],
      both.map(({ stderr }) => decode(stderr)).join(),
    );
    equal(countNew(folder.path), COUNT);
    equal(leftovers(folder.path), 0);
  }
});

Deno.test({
  // Without git Deno itself says that it cannot allow it.
  ...needs("scrub needs no more than its task allows, and reports on standard output", "git"),
  async fn() {
    using folder = temporaryFolder();
    fill(folder.path);
    const { code, stdout, stderr } = await start(folder.path, "--check").output();
    equal(code, 1);
    match(
      decode(stdout),
      new RegExp(`^${COUNT} notebooks: ${COUNT} to clear \\(\\d+\\.\\d MB\\)\\.$`, "m"),
    );
    equal(decode(stderr), "");
    equal(countNew(folder.path), 0);
  },
});
