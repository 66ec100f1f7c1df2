import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { createLimiter } from "../../src/limits/limiter.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { securityStatus, type SecurityStatusOptions } from "../../src/security/status.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { saveToken } from "../../src/token/save.ts";
import { MOD_URL, printed, startKernel } from "../kit/kernel.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(90);
const DAY = 86_400_000;

function place(path: string, env: Record<string, string> = {}) {
  const options: SecurityStatusOptions & { folder: string; cwd: string } = {
    folder: `${path}/state`,
    cwd: path,
    env: (name) => env[name],
  };
  return options;
}

/** The status, with the lines by their names; asserts that it holds no token. */
async function look(options: SecurityStatusOptions) {
  const status = await securityStatus(options);
  const shown = `${status}${JSON.stringify(status)}${Deno.inspect(status, { depth: 9 })}`;
  assert.ok(!shown.includes(token), "the status shows the token");
  const lines = Object.fromEntries(status.data.lines.map((line) => [line.id, line]));
  return { status, lines, data: status.data };
}

Deno.test("securityStatus() names source and fingerprint, and the command that mends a missing token", async () => {
  using temporary = temporaryFolder();
  const none = await look(place(temporary.path));
  assert.equal(none.lines["token.source"]?.mend, "hushbook token save");
  assert.equal(none.data.token.source, null);
  const some = await look(place(temporary.path, { HF_TOKEN: token }));
  assert.deepEqual(some.data.token, {
    source: "env",
    where: "HF_TOKEN",
    fingerprint: fingerprint(token),
    kind: null,
    role: null,
    ageDays: null,
  });
  const broken = await look(place(temporary.path, { HF_TOKEN: "hf_short" }));
  assert.equal(broken.lines["token.source"]?.level, "bad");
  assert.equal(broken.status.level, "bad");
});

Deno.test("securityStatus() tells what the stored token is protected against, its kind and its age", async () => {
  using temporary = temporaryFolder();
  const options = place(temporary.path);
  const { folder } = options;
  await saveToken(token, { folder, mode: "machine", env: () => undefined });
  using log = new AuditLog({ folder });
  const load = { event: "token.load", outcome: "ok", fingerprint: fingerprint(token) } as const;
  await log.append({ ...load, source: "store", kind: "user" });
  const young = await look(options);
  assert.equal(young.data.token.kind, "user");
  assert.equal(young.data.token.ageDays, 0);
  assert.equal(young.data.storage.mode, "machine");
  assert.match(young.lines["storage.mode"]!.text, /not from other programs/);
  const old = await look({ ...options, now: () => Date.now() + 91 * DAY });
  assert.equal(old.lines["token.age"]?.level, "warning");
  assert.equal(old.lines["token.age"]?.mend, "hushbook token rotate");
});

Deno.test("securityStatus() sees open modes before anything tightens them", async () => {
  using temporary = temporaryFolder();
  const options = place(temporary.path);
  using log = new AuditLog(options);
  await log.append({ event: "token.load", outcome: "ok" });
  await Deno.chmod(`${options.folder}/audit.key`, 0o644);
  const { lines, data } = await look(options);
  assert.equal(lines["storage.files"]?.level, "bad");
  assert.match(lines["storage.files"]!.text, /audit\.key \(0644\)/);
  assert.ok(data.storage.files.some(({ name, safe }) => name === "audit.key" && !safe));
});

Deno.test("securityStatus() shows lockouts with the time left, and limits with what is left of them", async () => {
  using temporary = temporaryFolder();
  const options = place(temporary.path);
  const lockout = new Lockout(options);
  for (let i = 0; i < 5; i++) await lockout.fail("store");
  using limiter = createLimiter({ folder: options.folder, key: "demo" });
  await limiter.acquire();
  const { lines, data } = await look(options);
  assert.match(lines["use.lockout.store"]!.text, /stored token is locked for (?:29\d|300) s/);
  assert.equal(lines["use.lockout.store"]?.level, "bad");
  assert.match(lines["use.limit.demo"]!.text, /demo: 1 of 10 calls in 60 s/);
  assert.equal(data.limits[0]?.windows[0]?.left, 9);
});

Deno.test("securityStatus() warns of a plain login file, and of a second token that is not used", async () => {
  using temporary = temporaryFolder();
  const file = `${temporary.path}/login`;
  await Deno.writeTextFile(file, token, { mode: 0o600 });
  const plain = await look(place(temporary.path, { HF_TOKEN_PATH: file }));
  assert.equal(plain.data.token.source, "hub-login");
  assert.equal(plain.lines["token.plain"]?.level, "warning");
  assert.equal(plain.lines["token.plain"]?.mend, "hushbook token import");
  const both = await look(place(temporary.path, { HF_TOKEN: fakeToken(91), HF_TOKEN_PATH: file }));
  assert.equal(both.data.token.fingerprint, fingerprint(fakeToken(91)));
  assert.match(
    both.lines["token.conflict"]!.text,
    new RegExp(`${fingerprint(token)}\\), which is not`),
  );
  assert.equal(both.lines["token.plain"], undefined);
});

Deno.test("securityStatus() counts failures that have not locked yet, and names a damaged limit and state", async () => {
  using temporary = temporaryFolder();
  const options = place(temporary.path);
  const lockout = new Lockout(options);
  await lockout.fail(fingerprint(token));
  await lockout.fail("store");
  const some = await look(options);
  assert.deepEqual(
    [some.lines["use.lockout"]?.level, some.lines["use.lockout"]?.text],
    ["warning", "2 failures so far, of 5 that lock"],
  );
  await Deno.mkdir(`${options.folder}/limits`, { mode: 0o700, recursive: true });
  await Deno.writeTextFile(`${options.folder}/limits/broken.ring`, "no ring", { mode: 0o600 });
  await Deno.writeTextFile(`${options.folder}/lockout.json`, "no state", { mode: 0o600 });
  const { lines } = await look(options);
  assert.match(lines["use.limit.broken"]!.text, /broken: its file is damaged/);
  assert.match(lines["use.lockout.all"]!.text, /^Everything is locked for (?:29\d|300) s more$/);
  assert.equal(lines["use.lockout.all"]?.level, "bad");
});

Deno.test("securityStatus() tells in a notebook whether the output mask is in place", async () => {
  using temporary = temporaryFolder();
  await using kernel = await startKernel({ env: { HUSHBOOK_HOME: `${temporary.path}/state` } });
  const ask = `console.log(JSON.stringify(
    (await securityStatus()).data.lines.filter(({ id }) => id === "notebook.mask")));`;
  await printed(
    kernel,
    `var { maskOutputs, securityStatus } = await import(${JSON.stringify(MOD_URL)});`,
  );
  const level = async () =>
    JSON.parse(await printed(kernel, ask)).map(
      (line: { level: string; text: string }) => [line.level, line.text.split(":", 1)[0]],
    );
  assert.deepEqual(await level(), [["warning", "Not installed"]]);
  await printed(kernel, `maskOutputs({ secrets: ["correct horse battery"] }); undefined`);
  assert.deepEqual(await level(), [["good", "Covers everything it can, and masks 1 secret"]]);
});

Deno.test("securityStatus() tells of a broken chain, refusals, and what was seen for the first time this week", async () => {
  using temporary = temporaryFolder();
  const options = place(temporary.path);
  let now = Date.parse("2026-11-01T12:00:00Z");
  using log = new AuditLog({ ...options, now: () => now });
  const load = { event: "token.load", outcome: "ok" } as const;
  await log.append({ ...load, source: "env:HF_TOKEN", notebook: "old.ipynb" });
  now += 20 * DAY;
  await log.append({ ...load, source: "env:HF_TOKEN", notebook: "new.ipynb" });
  await log.append({ ...load, source: "dotenv", notebook: "old.ipynb" });
  await log.append({ event: "hook.refuse", outcome: "refused" });
  const at = { ...options, now: () => now };
  const { data, lines } = await look(at);
  assert.deepEqual(data.audit.newSources, ["dotenv"]);
  assert.deepEqual(data.audit.newNotebooks, ["new.ipynb"]);
  assert.equal(data.audit.refusals, 1);
  assert.equal(lines["record.chain"]?.level, "good");
  const file = `${options.folder}/audit.jsonl`;
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace("dotenv", "keyenv"));
  const edited = await look(at);
  assert.equal(edited.lines["record.chain"]?.level, "bad");
  assert.equal(edited.lines["record.chain"]?.mend, "hushbook audit verify");
});

Deno.test({
  ...needs(
    "securityStatus() looks at hook, secret files and tokens in the notebooks of the repository",
    "git",
  ),
  async fn() {
    using temporary = temporaryFolder();
    const { path } = temporary;
    const options = place(`${path}`);
    const git = async (...args: string[]) => {
      const env = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
      const { success } = await new Deno.Command("git", { args, cwd: path, env }).output();
      assert.ok(success, args.join(" "));
    };
    await git("init", "-q");
    await Deno.writeTextFile(`${path}/.env`, "A=1\n");
    await git("add", "-f", ".env");
    const cell = { cell_type: "code", metadata: {}, outputs: [], execution_count: null };
    const notebook = (source: string) =>
      JSON.stringify({
        cells: [{ ...cell, source }],
        metadata: {},
        nbformat: 4,
        nbformat_minor: 4,
      });
    await Deno.writeTextFile(`${path}/leak.ipynb`, notebook(`token = "${token}"`));
    await Deno.writeTextFile(`${path}/clean.ipynb`, notebook("1 + 1"));
    const { data, lines } = await look(options);
    assert.equal(data.repository.top, path);
    assert.deepEqual(data.repository.tokens, [{ path: "leak.ipynb", findings: 1 }]);
    assert.deepEqual(data.repository.trackedSecrets, [".env"]);
    assert.equal(lines["repository.tokens"]?.level, "bad");
    assert.equal(lines["repository.secrets"]?.mend, "git rm --cached '.env'");
    assert.equal(lines["repository.hook"]?.mend, "hushbook hook install");
    const allow = `${fingerprint(token)} leak.ipynb it is a made-up one\n`;
    await Deno.writeTextFile(`${path}/.hushbook-allow`, allow);
    assert.deepEqual((await look(options)).data.repository.tokens, []);
  },
});

Deno.test("SecurityStatus shows itself in a notebook as a table, with everything escaped", async () => {
  using temporary = temporaryFolder();
  const options = place(temporary.path);
  using limiter = createLimiter({ folder: options.folder, key: "a" });
  await limiter.acquire();
  const { status } = await look(options);
  const display = Reflect.get(status, Symbol.for("Jupyter.display")).call(status);
  assert.match(display["text/html"], /^<table><tr><th colspan="3"/);
  assert.equal(display["text/plain"], String(status));
  assert.deepEqual(JSON.parse(JSON.stringify(status)).v, 1);
});
