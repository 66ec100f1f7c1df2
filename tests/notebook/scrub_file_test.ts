// deno-lint-ignore-file no-sync-fn-in-async-fn -- small files, in a test
import { deepEqual, equal, match } from "node:assert/strict";
import fc from "fast-check";
import { FileScrubber } from "../../src/notebook/scrub_file.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { notebook, render, strip } from "./model.ts";

const found = (file: string, checkpoint = false) => ({ path: "a.ipynb", file, checkpoint });

Deno.test("FileScrubber never writes what it does not understand, whatever the bytes", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/a.ipynb`;
  const scrubber = new FileScrubber({ check: false, redact: true });
  const damaged = fc.tuple(notebook, fc.nat(), fc.constantFrom("", '"', "{", ",", "\n", "\\")).map(
    ([tree, at, put]) => {
      const text = render(tree);
      const place = at % text.length;
      return new TextEncoder().encode(text.slice(0, place) + put + text.slice(place + 1));
    },
  );
  const old = new Date("2001-02-03T04:05:06Z");
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(damaged, fc.uint8Array({ minLength: 1, maxLength: 99 })),
      async (bytes) => {
        Deno.writeFileSync(file, bytes);
        Deno.utimeSync(file, old, old);
        const { failure, changed } = await scrubber.scrub(found(file), {});
        if (failure === undefined && changed) return;
        deepEqual(Deno.readFileSync(file), new Uint8Array(bytes));
        deepEqual(Deno.statSync(file).mtime, old);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("FileScrubber writes what the model says, and only where something goes", async () => {
  using folder = temporaryFolder();
  const file = `${folder.path}/a.ipynb`;
  const scrubber = new FileScrubber({ check: false, redact: false });
  const checker = new FileScrubber({ check: true, redact: false });
  await fc.assert(
    fc.asyncProperty(notebook, async (tree) => {
      Deno.writeTextFileSync(file, render(tree));
      const before = await checker.scrub(found(file), {});
      const { changed, removed } = await scrubber.scrub(found(file), {});
      equal(Deno.readTextFileSync(file), render(strip(tree)));
      deepEqual({ changed: before.changed, removed: before.removed }, { changed, removed });
      equal((await scrubber.scrub(found(file), {})).changed, false);
    }),
    { numRuns: 60 },
  );
});

Deno.test("FileScrubber reads files larger than its memory, one after another", async () => {
  using folder = temporaryFolder();
  const scrubber = new FileScrubber({ check: true, redact: false });
  for (const size of [10, 3_000_000, 1_100_000, 20, 4_000_000]) {
    const file = `${folder.path}/${size}.ipynb`;
    Deno.writeTextFileSync(file, `{"cells": [{"outputs": ["${"x".repeat(size)}"]}]}`);
    const { removed } = await scrubber.scrub(found(file), {});
    equal(removed?.bytes, size + 2);
  }
});

Deno.test("FileScrubber reports a file that has gone in the meantime", async () => {
  const { failure } = await new FileScrubber({ check: false, redact: false })
    .scrub(found("/nowhere/a.ipynb"), {});
  equal(failure?.code, "file-missing");
  match(failure!.message, /there is no such file/);
});
