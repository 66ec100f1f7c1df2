import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { recordedIo } from "../kit/io.ts";

Deno.test("hushbook explains itself and exits 0 when asked for help", async () => {
  const io = recordedIo();
  assert.equal(await main(["--help"], io), 0);
  assert.match(io.stdout, /^Usage: hushbook COMMAND/);
});

Deno.test("hushbook exits 2 when the command is unknown, without repeating the word", async () => {
  const io = recordedIo();
  const typed = "hf" + "_pastedByMistake";
  assert.equal(await main([typed], io), 2);
  assert.equal(io.stdout, "");
  assert.ok(!io.stderr.includes(typed));
});
