import assert from "node:assert/strict";
import { StoreError, TokenError, UsageError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Secret } from "../../src/secret/secret.ts";
import { changePassphrase } from "../../src/token/change_passphrase.ts";
import { forgetToken, saveToken } from "../../src/token/save.ts";
import { openStore } from "../../src/token/store.ts";
import { unlockStore } from "../../src/token/unlock.ts";
import { countingLockout, recordedAudit, scriptedPerson } from "../kit/person.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(31);
const PASSPHRASE = "correct horse battery";

async function filesIn(folder: string): Promise<Record<string, { text: string; mode: string }>> {
  const files: Record<string, { text: string; mode: string }> = {};
  for await (const { name } of Deno.readDir(folder)) {
    const { mode } = await Deno.stat(`${folder}/${name}`);
    const text = await Deno.readTextFile(`${folder}/${name}`);
    files[name] = { text, mode: ((mode ?? 0) & 0o777).toString(8) };
  }
  return files;
}

Deno.test("saveToken() in mode machine keeps the token so that this machine opens it", async () => {
  using root = temporaryFolder();
  const folder = `${root.path}/state`;
  const audit = recordedAudit();
  const umask = Deno.umask(0);
  try {
    const saved = await saveToken(`  "${token}"\n`, { folder, audit });
    assert.deepEqual(saved, {
      path: `${folder}/token.jwe`,
      mode: "machine",
      fingerprint: fingerprint(token),
    });
  } finally {
    Deno.umask(umask);
  }
  assert.equal(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
  const files = await filesIn(folder);
  assert.deepEqual(Object.keys(files).sort(), [
    "key",
    "token.jwe",
    "token.jwe.sha256",
    "token.lock",
  ]);
  for (const [name, { text, mode }] of Object.entries(files)) {
    assert.equal(mode, "600", name);
    assert.ok(!text.includes(token), name);
  }
  assert.equal((await openStore({ folder }))?.content.token, token);
  // Another user or another machine: the key file alone is not enough.
  assert.equal(await openStore({ folder, machineId: () => Promise.resolve("other") }), null);
  assert.deepEqual(audit.events.slice(0, 1), [{
    event: "token.save",
    outcome: "ok",
    source: "store",
    method: "machine",
    fingerprint: fingerprint(token),
  }]);

  const sums = new Deno.Command("sha256sum", { args: ["-c", "token.jwe.sha256"], cwd: folder });
  assert.ok((await sums.output()).success);

  await Deno.remove(`${folder}/key`);
  await assert.rejects(openStore({ folder }), { code: "store-key" });
  await Deno.writeTextFile(`${folder}/key`, "damaged");
  await assert.rejects(openStore({ folder }), { code: "store-key" });
  // What the error says to do helps.
  await saveToken(token, { folder, audit });
  assert.equal((await openStore({ folder }))?.content.token, token);
});

Deno.test("saveToken() asks for the passphrase twice, and takes the same in another normal form", async () => {
  using folder = temporaryFolder();
  const where = { folder: folder.path, audit: false as const };
  const composed = "pass é phrase", decomposed = composed.normalize("NFD");
  const person = scriptedPerson("short", "one thing long", "another thing", composed, decomposed);
  await saveToken(token, { ...where, mode: "passphrase", person });
  assert.match(person.told[0]!, /at least 8/);
  assert.match(person.told[1]!, /not the same/);
  assert.equal((await openStore({ ...where, passphrase: decomposed }))?.content.token, token);
  assert.equal(await openStore({ ...where, passphrase: "pass e phrase" }), null);
  const unsure = scriptedPerson(...Array(3).fill(["first passphrase", "second passphrase"]).flat());
  await assert.rejects(saveToken(token, { ...where, mode: "both", person: unsure }), {
    code: "prompt-refused",
  });
});

Deno.test("saveToken() says what it cannot do and leaves the stored token alone", async () => {
  using folder = temporaryFolder();
  const where = { folder: folder.path, audit: false as const };
  await saveToken(token, where);
  const before = await filesIn(folder.path);
  await assert.rejects(saveToken("not a token", where), TokenError);
  await assert.rejects(saveToken(token, { ...where, passphrase: "short" }), UsageError);
  await assert.rejects(saveToken(token, { ...where, mode: "both", person: null }), {
    code: "prompt-unavailable",
  });
  await assert.rejects(saveToken(token, { ...where, mode: "both", person: scriptedPerson("") }), {
    code: "prompt-declined",
  });
  assert.deepEqual(await filesIn(folder.path), before);
});

Deno.test("changePassphrase() changes passphrase and mode, and the token's age goes on", async () => {
  using folder = temporaryFolder();
  const audit = recordedAudit();
  const lockout = countingLockout();
  const where = { folder: folder.path, audit, lockout, person: null };
  await saveToken(new Secret(token), { ...where, passphrase: PASSPHRASE, now: () => 1000_000 });
  await assert.rejects(
    changePassphrase({ ...where, from: "wrong passphrase", to: "x".repeat(9) }),
    {
      code: "store-passphrase",
    },
  );
  assert.deepEqual(lockout.calls, ["check store", "check store", "fail store"]);
  await assert.rejects(changePassphrase({ ...where, from: PASSPHRASE, to: "short" }), UsageError);

  const changed = await changePassphrase({
    ...where,
    from: PASSPHRASE,
    to: "new one",
    mode: "machine",
  });
  assert.equal(changed.mode, "machine");
  const opened = await openStore(where);
  assert.deepEqual(opened?.content, { token, createdAt: 1000_000 });
  assert.equal(audit.events.at(-1)?.event, "passphrase.change");

  const both = await changePassphrase({ ...where, to: "another long one", mode: "both" });
  assert.equal(both.mode, "both");
  assert.equal(
    (await openStore({ ...where, passphrase: "another long one" }))?.content.token,
    token,
  );
});

Deno.test("unlockStore() asks three times, counts each wrong passphrase, and then says what to do", async () => {
  using folder = temporaryFolder();
  const where = { folder: folder.path };
  await saveToken(token, { ...where, passphrase: PASSPHRASE, audit: false });
  const lockout = countingLockout();
  const person = scriptedPerson("first try", "second try", "third try");
  await assert.rejects(
    unlockStore({ ...where, person, lockout }),
    (error: unknown) =>
      error instanceof StoreError && error.code === "store-passphrase" &&
      !["first try", "second try", "third try"].some((tried) => error.message.includes(tried)),
  );
  assert.equal(lockout.calls.filter((call) => call === "fail store").length, 3);
  assert.ok(person.asked.every((question) => !question.includes(fingerprint(token))));

  const late = scriptedPerson("wrong", PASSPHRASE);
  const opened = await unlockStore({ ...where, person: late, lockout });
  assert.equal(opened?.content.token, token);
  assert.equal(lockout.calls.at(-1), "succeed store");

  for (const [answer, code] of [[null, "prompt-unavailable"], ["", "prompt-declined"]] as const) {
    await assert.rejects(unlockStore({ ...where, person: scriptedPerson(answer), lockout }), {
      code,
    });
  }
});

Deno.test("unlockStore() takes a damaged file for a damaged file, not for a wrong passphrase", async () => {
  using folder = temporaryFolder();
  const where = { folder: folder.path };
  const path = `${folder.path}/token.jwe`;
  await saveToken(token, { ...where, passphrase: PASSPHRASE, audit: false });
  const text = await Deno.readTextFile(path);
  const lockout = countingLockout();
  const open = () => unlockStore({ ...where, person: null, lockout, passphrase: PASSPHRASE });

  await Deno.writeTextFile(
    path,
    text.replace(/.\n$/, (end) => (end[0] === "A" ? "B" : "A") + "\n"),
  );
  await assert.rejects(open(), { code: "store-damaged" });
  await Deno.writeTextFile(path, "");
  await assert.rejects(open(), { code: "store-damaged" });
  await Deno.writeTextFile(path, text.slice(0, 100));
  await assert.rejects(open(), { code: "store-damaged" });
  assert.deepEqual(lockout.calls, []);

  // Replaced by hand, sum and all: now only the passphrase can tell.
  await Deno.writeTextFile(path, text);
  await Deno.remove(`${path}.sha256`);
  assert.equal((await open())?.content.token, token);
});

Deno.test("forgetToken() removes token, sum and key, whatever state they are in", async () => {
  using folder = temporaryFolder();
  const audit = recordedAudit();
  const where = { folder: folder.path, audit };
  assert.equal(await forgetToken(where), false);
  assert.equal(audit.events.length, 0);
  await saveToken(token, where);
  assert.equal(await forgetToken(where), true);
  assert.deepEqual(Object.keys(await filesIn(folder.path)), ["token.lock"]);
  assert.equal(audit.events.at(-1)?.event, "token.forget");
  assert.equal(audit.events.at(-1)?.fingerprint, fingerprint(token));
  await Deno.writeTextFile(`${folder.path}/token.jwe`, "damaged");
  assert.equal(await forgetToken(where), true);
});

Deno.test("saveToken() and the store follow no symbolic link and tighten open modes with a notice", async () => {
  using root = temporaryFolder();
  const folder = `${root.path}/state`;
  const notices: string[] = [];
  const where = {
    folder,
    audit: false as const,
    onNotice: (notice: string) => void notices.push(notice),
  };
  await saveToken(token, where);
  await Deno.chmod(`${folder}/token.jwe`, 0o644);
  await Deno.chmod(folder, 0o755);
  assert.equal((await openStore(where))?.content.token, token);
  assert.equal(((await Deno.stat(`${folder}/token.jwe`)).mode ?? 0) & 0o777, 0o600);
  assert.equal(((await Deno.stat(folder)).mode ?? 0) & 0o777, 0o700);
  assert.match(notices.join("\n"), /0755[^]*0644/);

  const target = `${root.path}/elsewhere`;
  await Deno.rename(`${folder}/token.jwe`, target);
  await Deno.symlink(target, `${folder}/token.jwe`);
  const before = await Deno.readTextFile(target);
  await assert.rejects(openStore(where), { code: "state-not-a-file" });
  await assert.rejects(saveToken(fakeToken(32), where), { code: "state-not-a-file" });
  assert.equal(await Deno.readTextFile(target), before);
});

Deno.test({
  name: "openStore() refuses a file that belongs to another user",
  ignore: Deno.uid() !== 0, // only root can give a file away
  async fn() {
    using root = temporaryFolder();
    const where = { folder: `${root.path}/state`, audit: false as const };
    await saveToken(token, where);
    await Deno.chown(`${where.folder}/token.jwe`, 65534, 65534);
    await assert.rejects(openStore(where), { code: "state-foreign-owner" });
  },
});
