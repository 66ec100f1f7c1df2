import assert from "node:assert/strict";
import { locate, MUTATIONS } from "./mutations.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

Deno.test("every mutation of deno task mutate finds its line, once, and its tests", async () => {
  const files = await locate(MUTATIONS);
  for (const mutation of MUTATIONS) {
    assert.ok(files.has(mutation));
    assert.notEqual(mutation.from, mutation.to);
    for (const test of mutation.tests) assert.ok((await Deno.stat(`${ROOT}${test}`)).isFile, test);
  }
});
