import assert from "node:assert/strict";
import { MUTATIONS } from "./mutations.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("every mutation of deno task mutate finds its line, once, and its tests", async () => {
  for (const { file, from, to, tests } of MUTATIONS) {
    const text = await Deno.readTextFile(`${ROOT}${file}`);
    assert.equal(text.split(from).length, 2, `${file} holds this once: ${from}`);
    assert.notEqual(from, to);
    for (const test of tests) assert.ok((await Deno.stat(`${ROOT}${test}`)).isFile, test);
  }
});
