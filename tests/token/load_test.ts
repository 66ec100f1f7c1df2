import assert from "node:assert/strict";
import { PromptError, TokenError, UsageError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Secret } from "../../src/secret/secret.ts";
import { explainToken } from "../../src/token/explain.ts";
import { loadToken, type LoadTokenOptions } from "../../src/token/load.ts";
import { saveToken } from "../../src/token/save.ts";
import { forgetSession } from "../../src/token/session.ts";
import type { TokenSource } from "../../src/token/source.ts";
import { countingLockout, recordedAudit, scriptedPerson } from "../kit/person.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken, randomText } from "../kit/tokens.ts";

const [one, two, three] = [61, 62, 63].map((seed) => fakeToken(seed)) as [string, string, string];

/** A person's machine: a home, a working folder, a private folder, variables and a log. */
function machine(variables: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const home = `${folder.path}/home`, cwd = `${folder.path}/work`;
  Deno.mkdirSync(home);
  Deno.mkdirSync(cwd);
  const audit = recordedAudit();
  const notices: string[] = [];
  const all: Record<string, string> = { HOME: home, ...variables };
  const options: LoadTokenOptions = {
    env: (name) => all[name],
    cwd,
    folder: `${folder.path}/state`,
    audit,
    lockout: countingLockout(),
    person: null,
    onNotice: (notice) => void notices.push(notice),
  };
  forgetSession();
  return {
    home,
    cwd,
    audit,
    notices,
    options,
    load: (more: LoadTokenOptions = {}) => loadToken({ ...options, ...more }),
    explain: () => explainToken(options),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

function write(path: string, text: string | Uint8Array, mode = 0o600): void {
  Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  Deno.writeFileSync(path, bytes, { mode });
  Deno.chmodSync(path, mode);
}

function utf16(text: string, bigEndian = false): Uint8Array {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(2 * at, text.charCodeAt(at), !bigEndian);
  return bytes;
}

Deno.test("loadToken() takes the variables in their order, and records where from", async () => {
  using here = machine({
    HUGGING_FACE_HUB_TOKEN: one,
    HUGGINGFACE_TOKEN: ` ${one}\n`,
    HF_TOKEN: " \n",
  });
  const loaded = await here.load();
  assert.equal(loaded.where, "HUGGINGFACE_TOKEN");
  assert.equal(loaded.source, "env");
  assert.equal(loaded.kind, "user");
  assert.equal(loaded.secret.reveal(), one);
  assert.deepEqual(here.notices, []);
  await Promise.resolve();
  assert.deepEqual(here.audit.events, [
    {
      event: "token.load",
      outcome: "ok",
      source: "env:HUGGINGFACE_TOKEN",
      fingerprint: fingerprint(one),
      kind: "user",
    },
    {
      event: "token.reveal",
      outcome: "ok",
      source: "env:HUGGINGFACE_TOKEN",
      fingerprint: fingerprint(one),
      records: 1,
    },
  ]);
});

Deno.test("loadToken() takes the argument before anything else, as text or as a Secret", async () => {
  using here = machine({ HF_TOKEN: two });
  for (const token of [`Bearer ${one}`, new Secret(one)]) {
    const loaded = await here.load({ token });
    assert.equal(loaded.source, "argument");
    assert.equal(loaded.fingerprint, fingerprint(one));
  }
  await assert.rejects(here.load({ token: "nonsense" }), { code: "token-invalid" });
  await assert.rejects(here.load({ token: "" }), { code: "token-invalid" });
});

Deno.test("loadToken() never falls through a broken source, and never shows what it holds", async () => {
  const BROKEN: readonly (readonly [string, RegExp])[] = [
    [one + "x".repeat(4) + "\u2026", /HF_TOKEN: it has 42 characters.*U\+2026/],
    [`${one}\n${two}`, /U\+000A \(line feed\) at 38/],
    [randomText(40, 5), /40 characters and does not begin with hf_/],
    ["api_org_" + randomText(34, 5), /retired/],
    [one.slice(0, 12), /12 characters/],
  ];
  for (const [value, reason] of BROKEN) {
    using here = machine({ HF_TOKEN: value, HUGGINGFACE_TOKEN: two });
    write(`${here.cwd}/.env`, `HF_TOKEN=${three}`);
    await assert.rejects(here.load(), (error: unknown) => {
      assert.ok(error instanceof TokenError);
      assert.match(error.message, reason);
      assert.ok(!Deno.inspect(error).includes(value.slice(0, 12)));
      return true;
    });
    const { event, source, reason: code } = here.audit.events[0]!;
    assert.deepEqual([event, source, code], ["token.refuse", "env", "token-invalid"]);
    assert.equal((await here.explain()).used, undefined);
  }
});

Deno.test("loadToken() accepts another format with a notice", async () => {
  using here = machine({ HF_TOKEN: ["hf", randomText(50, 5)].join("_") });
  assert.equal((await here.load()).kind, "unknown");
  assert.match(here.notices[0]!, /copied whole/);
});

const DOTENVS: readonly (readonly [string, string | Uint8Array])[] = [
  ["plain", `# mine\nOTHER=1\nHF_TOKEN=${one}\n`],
  ["with export, quotes and Windows line ends", `export HF_TOKEN="${one}"\r\nOTHER=2\r\n`],
  ["with a byte order mark", `\ufeffHF_TOKEN=${one}\n`],
  ["in UTF-16, as Windows PowerShell writes it", utf16(`\ufeffHF_TOKEN=${one}\r\n`)],
  ["in UTF-16, big endian", utf16(`\ufeffHF_TOKEN=${one}\n`, true)],
  ["in UTF-16 without mark", utf16(`HF_TOKEN=${one}\n`)],
  ["under the second name", `HF_TOKEN=\nHUGGINGFACE_TOKEN='${one}' # comment\n`],
];

for (const [what, content] of DOTENVS) {
  Deno.test(`loadToken() reads a .env file ${what}`, async () => {
    using here = machine();
    write(`${here.cwd}/.env`, content);
    const loaded = await here.load();
    assert.equal(loaded.source, "dotenv");
    assert.equal(loaded.fingerprint, fingerprint(one));
    assert.equal(Deno.env.get("HF_TOKEN"), undefined, "nothing is written into the environment");
  });
}

Deno.test("loadToken() says what is wrong with a .env file that it cannot read", async () => {
  using here = machine();
  write(`${here.cwd}/.env`, new Uint8Array([0x48, 0xff, 0xfe, 0xc3, 0x28]));
  await assert.rejects(here.load(), { code: "token-unreadable", message: /UTF-8/ });
  write(`${here.cwd}/.env`, "A=1\n".repeat(400_000));
  await assert.rejects(here.load(), { code: "token-unreadable", message: /larger/ });
  write(`${here.cwd}/.env`, "NOTHING=here\n");
  await assert.rejects(here.load(), { code: "token-missing" });
});

async function git(cwd: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("git", { args, cwd }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

Deno.test({
  ...needs(
    "loadToken() refuses a .env file that git tracks, and warns when git would take it",
    "git",
  ),
  async fn() {
    using here = machine();
    const file = `${here.cwd}/.env`;
    write(file, `HF_TOKEN=${one}\n`);
    await git(here.cwd, "init", "-q");
    await here.load();
    assert.match(here.notices[0]!, /git does not ignore it.*Add \.env to \.gitignore/);

    write(`${here.cwd}/.gitignore`, ".env\n");
    here.notices.length = 0;
    await here.load();
    assert.deepEqual(here.notices, []);

    await git(here.cwd, "add", "-f", ".env");
    await assert.rejects(here.load(), (error: unknown) => {
      assert.ok(error instanceof TokenError && error.code === "token-tracked");
      assert.match(error.message, /git rm --cached \.env.*revoke/);
      return true;
    });
    const explained = String(await here.explain());
    assert.match(explained, /dotenv .* not used: .*git tracks/);

    // Behind a link it is the tracked file that counts.
    await Deno.mkdir(`${here.cwd}/sub`);
    await Deno.symlink(file, `${here.cwd}/sub/.env`);
    await assert.rejects(here.load({ cwd: `${here.cwd}/sub` }), { code: "token-tracked" });
  },
});

Deno.test("loadToken() asks the sources in the documented order", async () => {
  using here = machine({ HF_TOKEN: one });
  const asked: string[] = [];
  const vault = (value: string | null): TokenSource => ({
    name: "vault",
    read: () => {
      asked.push("vault");
      return Promise.resolve(value === null ? null : { value, where: "secret/hf" });
    },
  });
  write(`${here.cwd}/.env`, `HF_TOKEN=${two}`);
  write(`${here.home}/.cache/huggingface/token`, three);
  await saveToken(fakeToken(64), { folder: here.options.folder!, audit: false });

  assert.equal((await here.load({ sources: [vault(null)] })).source, "env");
  assert.deepEqual(asked, []);
  const without = {
    ...here.options,
    env: (name: string) => name === "HOME" ? here.home : undefined,
  };
  assert.equal((await loadToken({ ...without, sources: [vault(three)] })).source, "dotenv");
  await Deno.remove(`${here.cwd}/.env`);
  assert.equal((await loadToken({ ...without, sources: [vault(three)] })).where, "secret/hf");
  const stored = await loadToken({ ...without, sources: [vault(null)] });
  assert.equal(stored.source, "store");
  assert.equal(stored.secret.reveal(), fakeToken(64));
  assert.ok(stored.createdAt instanceof Date);
  await Deno.remove(`${here.options.folder}/token.jwe`);
  assert.equal((await loadToken(without)).source, "hub-login");
  await Deno.remove(`${here.home}/.cache/huggingface/token`);
  await assert.rejects(loadToken(without), { code: "token-missing" });
  const person = scriptedPerson(one, "");
  assert.equal((await loadToken({ ...without, person })).source, "prompt");
});

Deno.test("loadToken() tells that a source failed, without what its error says", async () => {
  using here = machine();
  const vault: TokenSource = {
    name: "vault",
    read: () => Promise.reject(new RangeError(`Invalid header value: ${one}`)),
  };
  await assert.rejects(here.load({ sources: [vault] }), (error: unknown) => {
    assert.ok(error instanceof TokenError && error.code === "token-unreadable");
    assert.match(error.message, /the source vault: it failed with RangeError/);
    return !Deno.inspect(error).includes(one);
  });
  const reason = new Error("enough");
  await assert.rejects(here.load({ sources: [vault], signal: AbortSignal.abort(reason) }), reason);
});

Deno.test("loadToken() warns once when sources hold different tokens", async () => {
  using here = machine({ HF_TOKEN: one });
  write(`${here.cwd}/.env`, `HF_TOKEN=${two}`);
  write(`${here.home}/.cache/huggingface/token`, three);
  write(`${here.home}/.huggingface/token`, one);
  await saveToken(two, { folder: here.options.folder!, audit: false });
  const { notices } = await here.load();
  await here.load();
  assert.deepEqual(notices, here.notices);
  assert.equal(here.notices.length, 1);
  for (const part of [one, two, three].map(fingerprint)) assert.ok(notices[0]!.includes(part));
  assert.match(notices[0]!, /HF_TOKEN \([0-9a-f]{12}\) is used, not /);
  for (const token of [one, two, three]) assert.ok(!notices[0]!.includes(token));
});

Deno.test("loadToken() does not warn when all sources hold the same token, or are broken", async () => {
  using here = machine({ HF_TOKEN: one, HUGGINGFACE_TOKEN: "hf_broken" });
  write(`${here.cwd}/.env`, `HF_TOKEN="${one}"`);
  write(`${here.home}/.cache/huggingface/token`, new Uint8Array([0xff, 0xfe, 0xff]));
  assert.deepEqual((await here.load()).notices, []);
});

const PLACES: readonly (readonly [string, Record<string, string>, string])[] = [
  ["HF_TOKEN_PATH", { HF_TOKEN_PATH: "~/mine/$NAME.txt", NAME: "tok" }, "mine/tok.txt"],
  ["HF_HOME with ~", { HF_HOME: "~/hf" }, "hf/token"],
  ["XDG_CACHE_HOME", { XDG_CACHE_HOME: "~/xdg" }, "xdg/huggingface/token"],
  ["the default place", {}, ".cache/huggingface/token"],
  ["the place of old tools", {}, ".huggingface/token"],
];

for (const [what, variables, path] of PLACES) {
  Deno.test(`loadToken() finds the Hub's login file by ${what}`, async () => {
    using here = machine(variables);
    write(`${here.home}/${path}`, `${one}\n`, 0o644);
    const loaded = await here.load();
    assert.equal(loaded.where, `${here.home}/${path}`);
    assert.match(here.notices[0]!, /unencrypted.*chmod 600.*hushbook token import/);
    await here.load();
    assert.equal(here.notices.length, 1, "the notice comes once a day");
  });
}

Deno.test("loadToken() expands variables after ~, as Python does, and leaves unknown ones", async () => {
  const { expandPath } = await import("../../src/token/login_file.ts");
  const env = (name: string) => ({ HOME: "/home/me", A: "a", EMPTY: "" })[name];
  const cases = {
    "~/x": "/home/me/x",
    "~": "/home/me",
    "~you/x": "~you/x",
    "/x/$A/${A}b": "/x/a/ab",
    "$UNKNOWN/x": "$UNKNOWN/x",
    "$A~": "a~",
    "/x$EMPTY/y": "/x/y",
  };
  for (const [path, expanded] of Object.entries(cases)) {
    assert.equal(expandPath(path, env), expanded);
  }
});

Deno.test("loadToken() knows from stored_tokens when an OAuth token expires", async () => {
  const token = ["hf", "oauth", randomText(60, 9)].join("_");
  using here = machine();
  const folder = `${here.home}/.cache/huggingface`;
  write(`${folder}/token`, token);
  const at = Date.UTC(2030, 0, 1) / 1000;
  write(
    `${folder}/stored_tokens`,
    `[other]\nhf_token = ${one}\nexpires_at = 5\n\n[mine]\nhf_token = ${token}\n` +
      `refresh_token = hf_secret\nexpires_at = ${at}\n`,
  );
  const loaded = await here.load({ now: () => Date.UTC(2029, 0, 1) });
  assert.equal(loaded.kind, "oauth");
  assert.equal(loaded.expiresAt?.toISOString(), "2030-01-01T00:00:00.000Z");
  here.notices.length = 0;
  await here.load({ now: () => Date.UTC(2031, 0, 1) });
  assert.ok(here.notices.some((notice) => notice.includes("expired")));
});

Deno.test("loadToken() asks a person last, says what came in, and offers to save", async () => {
  using here = machine();
  const person = scriptedPerson("hf_oops", `  ${one}\n`, "m");
  const loaded = await here.load({ person });
  assert.equal(loaded.source, "prompt");
  assert.equal(loaded.fingerprint, fingerprint(one));
  assert.match(person.told[0]!, /no Hugging Face token: it has 7 characters/);
  assert.equal(person.told[1], "Received 37 characters, looks like a user token.");
  assert.match(person.told[2]!, /^Saved encrypted in /);
  assert.deepEqual(here.audit.events.map(({ event }) => event), [
    "token.prompt",
    "token.save",
    "token.load",
  ]);
  for (const text of [...person.asked, ...person.told]) {
    assert.ok(!text.includes(one) && !text.includes(fingerprint(one)));
  }
  forgetSession();
  assert.equal((await here.load()).source, "store");
});

Deno.test("loadToken() keeps the token that was typed when saving it fails", async () => {
  using here = machine();
  await Deno.mkdir(`${here.options.folder}/key`, { recursive: true, mode: 0o700 });
  const { source, notices } = await here.load({ person: scriptedPerson(one, "machine") });
  assert.equal(source, "prompt");
  assert.match(notices.join(), /Cannot/);
});

Deno.test("loadToken() causes one prompt when two cells ask at once, and none afterwards", async () => {
  using here = machine();
  const person = scriptedPerson(one, "");
  const [first, second] = await Promise.all([here.load({ person }), here.load({ person })]);
  const third = await here.load({ person });
  assert.equal(person.asked.length, 2, "the token, and the offer to save it");
  assert.equal(first.fingerprint, second.fingerprint);
  assert.equal(third.fingerprint, second.fingerprint);
});

Deno.test("loadToken() stops when the person declines or never enters a token", async () => {
  using here = machine();
  await assert.rejects(here.load({ person: scriptedPerson("") }), { code: "prompt-declined" });
  const person = scriptedPerson("one", "two", "three");
  await assert.rejects(
    here.load({ person }),
    (error: unknown) => error instanceof PromptError && error.code === "prompt-refused",
  );
  assert.equal(person.asked.length, 3);
  // A question that failed is not remembered: the next cell asks again.
  assert.equal((await here.load({ person: scriptedPerson(one, "n") })).source, "prompt");
});

Deno.test("loadToken() lists the other ways when nobody can be asked", async () => {
  using here = machine();
  for (const person of [null, scriptedPerson(null)]) {
    await assert.rejects(here.load({ person }), {
      code: "token-missing",
      message: /set HF_TOKEN.*\.env.*hushbook token save.*explain/,
    });
  }
});

Deno.test("loadToken() opens the encrypted file once in a process, for cells that ask at once too", async () => {
  using here = machine();
  const passphrase = "correct horse battery";
  await saveToken(one, { folder: here.options.folder!, audit: false, passphrase });
  const person = scriptedPerson(passphrase);
  const all = await Promise.all([1, 2, 3].map(() => here.load({ person })));
  assert.deepEqual(all.map(({ source }) => source), ["store", "store", "store"]);
  assert.equal(person.asked.length, 1);
  forgetSession();
  assert.equal((await here.load({ passphrase })).fingerprint, fingerprint(one));
  forgetSession();
  await assert.rejects(here.load(), { code: "prompt-unavailable" });
});

Deno.test("loadToken() says that the stored token is old, from 90 days or fewer, once a day", async () => {
  using here = machine();
  const day = 86_400_000, start = Date.UTC(2026, 0, 1);
  await saveToken(one, { folder: here.options.folder!, audit: false, now: () => start });
  const at = async (days: number, rotateAfterDays?: number) => {
    const { notices } = await here.load({
      now: () => start + days * day,
      ...(rotateAfterDays !== undefined && { rotateAfterDays }),
    });
    return notices.join();
  };
  assert.equal(await at(89), "");
  assert.match(await at(89, 30), /89 days old.*hushbook token rotate/);
  assert.equal(await at(89.5, 30), "");
  assert.match(await at(90.1), /90 days old/);
  assert.equal(await at(90.9), "");
  assert.match(await at(91.2), /91 days old/);
  assert.equal(await at(10), "", "a clock set back makes no token old");
  for (const days of [29, 91, 60.5, NaN]) await assert.rejects(at(1, days), UsageError);
});

Deno.test({
  name: "loadToken() says which permission is missing, and looks no further than it may",
  permissions: { env: ["HF_TOKEN"], read: true, import: true },
  async fn() {
    const variables: Record<string, string> = { HF_TOKEN: one, HUSHBOOK_HOME: "/nowhere/hushbook" };
    const only = { env: (name: string) => variables[name], person: null };
    await assert.rejects(loadToken(only), { code: "audit-unwritable", message: /audit: false/ });
    assert.equal((await loadToken({ ...only, audit: false })).source, "env");
    await assert.rejects(loadToken({ person: null, env: (name) => Deno.env.get(name + "_X") }), {
      code: "token-unreadable",
      message: /--allow-env=HF_TOKEN,/,
    });
  },
});

Deno.test("loadToken() does not hand out a token whose load cannot be recorded", async () => {
  using here = machine({ HF_TOKEN: one });
  const audit = { append: () => Promise.reject(new UsageError("Cannot record")) };
  await assert.rejects(here.load({ audit }), UsageError);
  assert.equal((await here.load({ audit: false })).source, "env");
});

Deno.test("explainToken() shows every place, which one is used and why not the others, and no value", async () => {
  using here = machine({ HF_TOKEN: one, HUGGINGFACE_TOKEN: "hf_short" });
  write(`${here.cwd}/.env`, `HF_TOKEN=${two}`);
  await saveToken(three, { folder: here.options.folder!, audit: false });
  const network: TokenSource = { name: "vault", read: () => Promise.reject(new Error("asked")) };
  const explained = await explainToken({ ...here.options, sources: [network] });
  const rows = explained.rows.map(({ source, found, used }) => [source, found, used]);
  assert.deepEqual(rows, [
    ["env", true, true],
    ["env", true, false],
    ["env", false, false],
    ["dotenv", true, false],
    ["vault", false, false],
    ["store", true, false],
    ["hub-login", false, false],
    ["hub-login", false, false],
    ["prompt", false, false],
  ]);
  const text = String(explained);
  for (const token of [one, two, three]) {
    assert.ok(text.includes(fingerprint(token)));
    assert.ok(!text.includes(token.slice(0, 10)));
  }
  assert.match(text, /HUGGINGFACE_TOKEN .*not used: it has 8 characters/);
  assert.deepEqual(here.audit.events, []);
});
