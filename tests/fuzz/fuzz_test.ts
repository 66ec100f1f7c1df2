import seeds from "./seeds.json" with { type: "json" };
import { TARGETS } from "./targets.ts";

for (const [name, target] of Object.entries(TARGETS)) {
  Deno.test(`fuzz: ${name} holds for what once failed, and for 20 more`, async () => {
    const kept: readonly number[] = (seeds as Record<string, number[]>)[name] ?? [];
    for (const seed of [...kept, ...Array(20).keys()]) await target(seed);
  });
}
