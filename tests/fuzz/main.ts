/**
 * `deno task fuzz [--seconds N] [--target NAME] [--start N] [--seed N]`: damages what hushbook reads
 * from outside until time is up. Each try is a number; those that once failed are kept in seeds.json,
 * tried first here and in every test run. By hand it counts from the clock, so that each run tries
 * what none has tried: deno task fuzz --seconds 3600. CI says where to start, so that a change never
 * fails for what it did not touch. `--seed` tries one number only.
 */
// deno-lint-ignore-file no-console -- a program

import { parseArgs } from "node:util";
import seeds from "./seeds.json" with { type: "json" };
import { TARGETS } from "./targets.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    target: { type: "string" },
    start: { type: "string" },
    seed: { type: "string" },
  },
});
const names = values.target === undefined ? Object.keys(TARGETS) : [values.target];
const kept: Record<string, number[]> = seeds;
const start = Number(values.seed ?? values.start ?? Date.now() % 2 ** 31);
const seconds = Number(values.seconds) / names.length;
let failed = 0;

for (const name of names) {
  const target = TARGETS[name];
  if (target === undefined) throw new Error(`No such target; there are ${Object.keys(TARGETS)}`);
  const end = performance.now() + 1000 * seconds;
  const again = kept[name] ?? [];
  let tries = 0;
  while (values.seed === undefined ? performance.now() < end : tries === 0) {
    const seed = again[tries] ?? (start + tries) % 2 ** 31;
    const begun = performance.now();
    try {
      await target(seed);
      if (performance.now() - begun > 5_000) throw new Error("took more than 5 s");
    } catch (error) {
      failed += 1;
      console.error(`${name} fails: deno task fuzz --target ${name} --seed ${seed}`);
      console.error(error);
      if (!again.includes(seed) && values.seed === undefined) {
        kept[name] = [...again, seed];
        const file = new URL("./seeds.json", import.meta.url);
        await Deno.writeTextFile(file, JSON.stringify(kept, null, 2) + "\n");
      }
      break;
    }
    tries += 1;
  }
  console.log(`${name}: ${tries} tries from ${start}`);
}
Deno.exit(failed === 0 ? 0 : 1);
