/** Several processes at once, and processes that are killed. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { AuditLog } from "../../src/audit/log.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { saveToken } from "../../src/token/save.ts";
import { inspectStore, openStore } from "../../src/token/store.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

function program(
  name: string,
  args: string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  const file = fileURLToPath(new URL(name, import.meta.url));
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", file, ...args],
    env: { HF_TOKEN: "", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

Deno.test("loadToken() locks after five wrong passphrases, typed into two processes at once", async () => {
  using folder = temporaryFolder();
  const passphrase = "correct horse battery";
  const where = { folder: `${folder.path}/state` };
  await saveToken(fakeToken(1), { ...where, passphrase, audit: false });
  const children = [1, 2].map(() =>
    program("./unlock_program.ts", [], { HUSHBOOK_HOME: where.folder })
  );
  const answers = await Promise.all(children.map(async (child) => {
    const { stdout, stderr } = await child.output();
    assert.ok(stdout.length > 0, new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout));
  }));
  assert.deepEqual(answers.map(({ code }) => code), ["lockout", "lockout"]);
  assert.equal(answers[0].tried + answers[1].tried, 5, "no process gets an extra try");
  assert.match(answers[0].message, /locked for another (?:5 min 0|4 min \d+) s/);

  // The right passphrase must wait too, in this process as in any other …
  const { loadToken } = await import("../../src/token/load.ts");
  const { encryptedFile } = await import("../../src/token/encrypted_file.ts");
  const load = (now: () => number) =>
    loadToken({
      ...where,
      env: () => undefined,
      person: null,
      now,
      order: [encryptedFile({ passphrase })],
    });
  await assert.rejects(load(Date.now), { code: "lockout" });
  // … five minutes, and a clock set back does not shorten that.
  await assert.rejects(load(() => Date.now() - 86_400_000), { code: "lockout" });
  const later = await load(() => Date.now() + 301_000);
  assert.equal(later.source, "store");

  using log = new AuditLog(where);
  const { records } = await log.read({ limit: 100 });
  assert.equal(records.filter(({ event }) => event === "lockout.set").length, 1);
  assert.ok(records.some(({ event, reason }) => event === "token.refuse" && reason === "lockout"));
  await new Lockout(where).clear();
});

Deno.test("saveToken() that is killed at any moment of writing leaves the old file or the new one", async () => {
  using folder = temporaryFolder();
  const where = { folder: folder.path };
  const tokens = [fakeToken(2), fakeToken(3)];
  const sealed: string[] = [];
  for (const token of tokens) {
    await saveToken(token, { ...where, audit: false });
    sealed.push(await Deno.readTextFile(`${folder.path}/token.jwe`));
  }
  let torn = 0;
  for (let kill = 0; kill < 20; kill++) {
    const child = program("./save_program.ts", [folder.path, ...sealed]);
    const reader = child.stdout.getReader();
    await reader.read(); // it is under way
    await new Promise((done) => setTimeout(done, 3 * kill));
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await child.stderr.cancel();
    const sums = await Deno.readTextFile(`${folder.path}/token.jwe.sha256`);
    if (sums.trim().includes("\n")) torn++;
    const info = await inspectStore(where);
    assert.ok(tokens.map(fingerprint).includes(info!.fingerprint));
  }
  assert.ok(torn > 0, "some were killed between the first file and the last");
  const opened = await openStore(where);
  assert.ok(tokens.includes(opened!.content.token));
  // The next one that stores sweeps away what the killed ones left.
  await saveToken(tokens[1]!, { ...where, audit: false });
  const names = (await Array.fromAsync(Deno.readDir(folder.path))).map(({ name }) => name).sort();
  assert.deepEqual(names, ["key", "token.jwe", "token.jwe.sha256", "token.lock"]);
});
