import assert from "node:assert/strict";
import { TokenError, UsageError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Secret } from "../../src/secret/secret.ts";
import { explainToken } from "../../src/token/explain.ts";
import { loadToken } from "../../src/token/load.ts";
import { saveToken } from "../../src/token/save.ts";
import { forgetSession } from "../../src/token/session.ts";
import { machine, write } from "../kit/machine.ts";
import { scriptedPerson } from "../kit/person.ts";
import { fakeToken, randomText } from "../kit/tokens.ts";
import type { TokenSource } from "../../src/token/source.ts";

const [one, two, three] = [61, 62, 63].map((seed) => fakeToken(seed)) as [string, string, string];

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
