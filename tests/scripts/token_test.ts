import assert from "node:assert/strict";
import { main } from "../../scripts/hushbook.ts";
import { tokenCommand } from "../../scripts/token.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import type { Person } from "../../src/token/person.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { forgetSession } from "../../src/token/session.ts";
import { recordedIo } from "../kit/io.ts";
import { scriptedPerson } from "../kit/person.ts";
import { needs } from "../kit/programs.ts";
import { onPty } from "../kit/pty.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const one = fakeToken(71), two = fakeToken(72);
const PASSPHRASE = "correct horse battery";

/** Runs `hushbook token …` in a home of its own. */
function here() {
  const folder = temporaryFolder();
  forgetSession();
  return {
    path: folder.path,
    async run(
      args: readonly string[],
      more: { person?: Person | null; input?: string; env?: Record<string, string> } = {},
    ) {
      const io = recordedIo({
        cwd: folder.path,
        env: { HOME: folder.path, HUSHBOOK_HOME: `${folder.path}/state`, ...more.env },
        ...(more.input !== undefined && { input: more.input }),
      });
      let code: number;
      try {
        code = await tokenCommand({ person: more.person ?? null }).main(args, io);
      } catch (error) {
        const { message, code: kind } = error as Error & { code?: string };
        io.err(`${message}\n`);
        code = kind === "usage" ? 2 : 3;
      }
      for (const token of [one, two, PASSPHRASE]) {
        assert.ok(!(io.stdout + io.stderr).includes(token), "a secret was printed");
      }
      return { code, out: io.stdout, err: io.stderr };
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

Deno.test("token save, status, rotate, passphrase, explain and forget work in a row", async () => {
  using cli = here();
  assert.deepEqual((await cli.run(["status"])).code, 1);
  assert.equal((await cli.run(["explain"])).code, 1);

  const saved = await cli.run(["save"], { person: scriptedPerson(one, "m") });
  assert.equal(saved.code, 0);
  assert.match(
    saved.out,
    new RegExp(`Stored the token ${fingerprint(one)}, encrypted \\(machine\\)`),
  );

  const status = await cli.run(["status", "--json"]);
  assert.equal(status.code, 0);
  const { stored, mode, fingerprint: shown, ageDays, due } = JSON.parse(status.out);
  assert.deepEqual([stored, mode, shown, ageDays, due], [
    true,
    "machine",
    fingerprint(one),
    0,
    false,
  ]);

  const rotated = await cli.run(["rotate", "--no-check"], { person: scriptedPerson(two) });
  assert.equal(rotated.code, 0);
  assert.match(rotated.out, new RegExp(`${fingerprint(two)} in place of ${fingerprint(one)}`));
  assert.match(rotated.out, /until you revoke it: https:\/\/huggingface\.co\/settings\/tokens/);

  const person = scriptedPerson(PASSPHRASE, PASSPHRASE);
  assert.match((await cli.run(["passphrase"], { person })).out, /anew \(passphrase\)/);

  const explained = await cli.run(["explain", "--json"], { env: { HF_TOKEN: one } });
  assert.equal(explained.code, 0);
  assert.equal(JSON.parse(explained.out).used.where, "HF_TOKEN");
  assert.match((await cli.run(["explain"])).out, /store .*yes .*used/);

  assert.equal((await cli.run(["forget"], { person: scriptedPerson("") })).code, 2);
  assert.match((await cli.run(["forget", "--yes"])).out, /Removed the stored token/);
  assert.match((await cli.run(["forget", "--yes"])).out, /No token was stored/);

  const lines = (await Deno.readTextFile(`${cli.path}/state/audit.jsonl`)).trim().split("\n");
  const events = lines.map((line) => JSON.parse(line)).filter(({ event }) =>
    event !== "audit.open"
  );
  assert.deepEqual(events.map(({ event, outcome, command }) => [event, outcome, command]), [
    ["token.save", "ok", "token save"],
    ["token.rotate", "started", "token rotate"], // before it is written, so that a killed one is known
    ["token.rotate", "ok", "token rotate"],
    ["passphrase.change", "ok", "token passphrase"],
    ["token.forget", "ok", "token forget"],
  ]);
});

Deno.test("token save reads token and passphrase from standard input", async () => {
  using cli = here();
  const saved = await cli.run(["save", "--stdin", "--json"], { input: `${one}\n${PASSPHRASE}\n` });
  assert.equal(saved.code, 0);
  assert.equal(JSON.parse(saved.out).mode, "passphrase");
  const rotated = await cli.run(["rotate", "--stdin", "--no-check"], {
    input: `${two}\nwrong one\n`,
  });
  assert.equal(rotated.code, 3);
  assert.match(rotated.err, /passphrase is wrong/);
  assert.equal((await cli.run(["save", "--stdin"], { input: "" })).code, 3);

  const lockout = new Lockout({ folder: `${cli.path}/state` });
  for (let i = 0; i < 4; i++) await lockout.fail("store");
  assert.match((await cli.run(["status"])).out, /locked until \d{4}-/);
});

Deno.test("token status tells that a token is old", async () => {
  using cli = here();
  await cli.run(["save", "--stdin"], { input: one });
  const now = Date.now;
  try {
    Date.now = () => now() + 45 * 86_400_000;
    assert.equal((await cli.run(["status"])).code, 0);
    const old = await cli.run(["status", "--days", "30"]);
    assert.equal(old.code, 1);
    assert.match(old.out, /45 days old.*\n.*hushbook token rotate/);
  } finally {
    Date.now = now;
  }
});

Deno.test("token import takes over the Hub's login file", async () => {
  using cli = here();
  assert.equal((await cli.run(["import"])).code, 3);
  await Deno.mkdir(`${cli.path}/.cache/huggingface`, { recursive: true });
  await Deno.writeTextFile(`${cli.path}/.cache/huggingface/token`, one);
  const imported = await cli.run(["import", "--mode", "machine"]);
  assert.equal(imported.code, 0);
  assert.match(imported.out, /unencrypted in .*\/token; to remove it there: hf auth logout/);
  assert.equal((await cli.run(["status"])).code, 0);
});

Deno.test("token answers wrong usage with 2 and repeats nothing of it", async () => {
  using cli = here();
  const WRONG: readonly (readonly string[])[] = [
    [],
    ["frobnicate"],
    ["save", one],
    ["save", `--token=${one}`],
    ["save", "--mode", "secret"],
    ["status", "--days", "29"],
    ["status", "--days", "x"],
    ["import", "--fernet", "file"],
    ["save"],
    ["rotate"],
    ["forget"],
  ];
  await cli.run(["save", "--stdin"], { input: one });
  for (const args of WRONG) {
    const { code, err } = await cli.run(
      args,
      args[0] === "save" ? { person: args[2] ? scriptedPerson(two) : null } : {},
    );
    assert.equal(code, 2, args.join(" "));
    assert.ok(err.length > 0);
  }
});

Deno.test("token --help shows every action, and each has an implementation", async () => {
  const io = recordedIo();
  assert.equal(await main(["token", "--help"], io), 0);
  for (const name of ["save", "status", "rotate", "import", "passphrase", "forget", "explain"]) {
    assert.match(io.stdout, new RegExp(`^  ${name} `, "m"));
    const { action } = await import(`../../scripts/token/${name}.ts`);
    assert.equal(typeof action, "function");
  }
});

const PROGRAM = new URL("../../scripts/hushbook.ts", import.meta.url).pathname;
const FLAGS = ["--no-prompt", "--allow-read", "--allow-write", "--allow-env", "--allow-sys=uid"];

Deno.test({
  ...needs(
    "token save asks at a real terminal, showing nothing, with the task's permissions",
    "python3",
  ),
  async fn() {
    using cli = here();
    const argv = [Deno.execPath(), "run", ...FLAGS, PROGRAM, "token", "save"];
    const result = await onPty(argv, [
      { expect: "Hugging Face token (hidden): " },
      { send: `${one}\r` },
      { expect: "Received 37 characters, looks like a user token." },
      { expect: "passphrase (p, Enter)" },
      { send: "p\r" },
      { expect: "New passphrase" },
      { send: `${PASSPHRASE}\r` },
      { expect: "again: " },
      { send: `${PASSPHRASE}\r` },
      { expect: "Stored the token" },
    ], { env: { HUSHBOOK_HOME: `${cli.path}/state` }, cwd: cli.path });
    assert.equal(result.failed, null, result.output);
    assert.equal(result.code, 0);
    assert.ok(!result.output.includes(one) && !result.output.includes(PASSPHRASE));
    assert.deepEqual(result.after, { echo: true, line: true, signals: true });
  },
});

Deno.test({
  ...needs("token save exits with 2 when there is no terminal", "setsid"),
  async fn() {
    using cli = here();
    const { code, stderr } = await new Deno.Command("setsid", {
      args: ["--wait", Deno.execPath(), "run", ...FLAGS, PROGRAM, "token", "save"],
      env: { HUSHBOOK_HOME: `${cli.path}/state` },
      stdin: "null",
    }).output();
    assert.equal(code, 2);
    assert.match(new TextDecoder().decode(stderr), /there is no terminal.*--stdin/);
  },
});
