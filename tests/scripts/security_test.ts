import assert from "node:assert/strict";
import { command } from "../../scripts/security.ts";
import { main } from "../../scripts/hushbook.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { recordedIo } from "../kit/io.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(93);

function ioIn(path: string) {
  return recordedIo({ cwd: path, env: { HUSHBOOK_HOME: `${path}/state`, HF_TOKEN: token } });
}

Deno.test("security exits 0 when nothing is bad and 1 when something is, in text and JSON", async () => {
  using temporary = temporaryFolder();
  const calm = ioIn(temporary.path);
  assert.equal(await command.main([], calm), 0);
  assert.match(
    calm.stdout,
    /^Token\n {2}ok {4}Token {2}From HF_TOKEN \(env\), fingerprint [0-9a-f]{12}\n/,
  );
  assert.ok(!calm.stdout.includes("\x1b"));
  const lockout = new Lockout({ folder: `${temporary.path}/state` });
  for (let i = 0; i < 5; i++) await lockout.fail("store");
  const alarmed = ioIn(temporary.path);
  assert.equal(await command.main(["--json"], alarmed), 1);
  const status = JSON.parse(alarmed.stdout);
  assert.equal(status.v, 1);
  assert.equal(status.level, "bad");
  const cleared = ioIn(temporary.path);
  assert.equal(await command.main(["--clear-lockout"], cleared), 0);
  await lockout.check("store");
  for (const io of [calm, alarmed, cleared]) assert.ok(!(io.stdout + io.stderr).includes(token));
});

Deno.test("security refuses options it does not have", async () => {
  using temporary = temporaryFolder();
  for (const args of [["--what"], ["--port", "80"], ["--serve", "--port", "x"], ["extra"]]) {
    assert.equal(await main(["security", ...args], ioIn(temporary.path)), 2, args.join(" "));
  }
});
