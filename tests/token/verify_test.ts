import assert from "node:assert/strict";
import { LockoutError, TokenError } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import { loadToken } from "../../src/token/load.ts";
import { verifyToken, type VerifyTokenOptions } from "../../src/token/verify.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(76);
const secret = new Secret(token);
const HOUR = 3_600_000;

/** A Hub that answers a role or a status, and counts; and a clock that the test moves. */
function scene(folder: string) {
  let clock = Date.parse("2026-11-23T12:00:00Z");
  const hub = { answer: "read" as string | number, asked: 0, expiresAt: null as string | null };
  const options: VerifyTokenOptions = {
    folder,
    audit: false,
    env: () => undefined,
    now: () => clock,
    fetch: () => {
      hub.asked++;
      if (typeof hub.answer === "number") {
        return Promise.resolve(Response.json({ error: token }, { status: hub.answer }));
      }
      const accessToken = { role: hub.answer, createdAt: "2026-10-01T00:00:00Z" };
      return Promise.resolve(
        Response.json({
          type: "user",
          name: "ada",
          auth: { accessToken, expiresAt: hub.expiresAt },
        }),
      );
    },
  };
  return { hub, options, pass: (ms: number) => void (clock += ms) };
}

function refusedWith(code: TokenError["code"], message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof TokenError, Deno.inspect(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(!Deno.inspect(error).includes(token));
    return true;
  };
}

Deno.test("verifyToken() asks the Hub once a day for each token", async () => {
  using temporary = temporaryFolder();
  const { hub, options, pass } = scene(temporary.path);
  const first = await verifyToken(secret, options);
  assert.deepEqual(first, {
    state: "valid",
    identity: { name: "ada", type: "user", role: "read", createdAt: Date.UTC(2026, 9, 1) },
    checkedAt: new Date("2026-11-23T12:00:00Z"),
    advice: [],
  });
  pass(23 * HOUR);
  assert.deepEqual(await verifyToken(secret, options), first);
  assert.equal(hub.asked, 1);
  await verifyToken(new Secret(fakeToken(77)), options);
  assert.equal(hub.asked, 2);
  pass(2 * HOUR);
  await verifyToken(secret, options);
  assert.equal(hub.asked, 3);
  pass(-48 * HOUR);
  await verifyToken(secret, options);
  assert.equal(hub.asked, 4, "an answer from the future is asked for again");
  assert.ok(!(await Deno.readTextFile(`${temporary.path}/whoami.json`)).includes(token));
});

Deno.test("verifyToken() says unknown, not invalid, when the Hub is asked too often or is down", async () => {
  using temporary = temporaryFolder();
  const { hub, options, pass } = scene(temporary.path);
  hub.answer = 429;
  assert.deepEqual(await verifyToken(secret, options), { state: "unknown", advice: [] });
  // A proxy's answer: the Hub says 401 of a token it does not know.
  hub.answer = 403;
  for (let i = 0; i < 6; i++) {
    assert.deepEqual(await verifyToken(secret, options), { state: "unknown", advice: [] });
  }
  hub.answer = "read";
  await verifyToken(secret, options);
  pass(25 * HOUR);
  hub.answer = 503;
  const stale = await verifyToken(secret, options);
  assert.equal(stale.state, "unknown");
  assert.equal(stale.identity?.name, "ada");
});

Deno.test("verifyToken() counts refusals towards the token's own lockout and forgets what it knew", async () => {
  using temporary = temporaryFolder();
  const { hub, options } = scene(temporary.path);
  hub.answer = 401;
  const verify = () => verifyToken(secret, { ...options, where: "HF_TOKEN" });
  for (let i = 0; i < 5; i++) {
    await assert.rejects(verify, refusedWith("token-refused", /HF_TOKEN/));
  }
  await assert.rejects(verify, LockoutError);
  assert.equal(hub.asked, 5);
  hub.answer = "read";
  const other = await verifyToken(new Secret(fakeToken(77)), options);
  assert.equal(other.state, "valid", "a new token is not locked by an old one");
});

Deno.test("verifyToken() enforces the least role and advises against needless rights", async () => {
  using temporary = temporaryFolder();
  const rows: [string, "read" | "write", RegExp | null][] = [
    ["read", "read", null],
    ["write", "read", /reading is enough/],
    ["write", "write", null],
    ["fineGrained", "read", null],
    ["fineGrained", "write", /shows only when it writes/],
  ];
  for (const [role, minimumRole, advice] of rows) {
    const { hub, options } = scene(temporary.path);
    hub.answer = role;
    const verified = await verifyToken(secret, { ...options, minimumRole, maxAgeMs: -1 });
    if (advice === null) assert.deepEqual(verified.advice, []);
    else assert.match(verified.advice.join(), advice);
  }
  const { options } = scene(temporary.path);
  await assert.rejects(
    verifyToken(secret, { ...options, minimumRole: "write", maxAgeMs: -1 }),
    refusedWith("token-role", /only read/),
  );
});

Deno.test("loadToken() refuses a token that may do less than minimumRole, and says where it came from", async () => {
  using temporary = temporaryFolder();
  const { options } = scene(temporary.path);
  const { folder, fetch, now } = options;
  const load = (minimumRole: "read" | "write") =>
    loadToken({
      folder: folder!,
      fetch: fetch!,
      now: now!,
      minimumRole,
      audit: false,
      cwd: temporary.path,
      env: (name) => name === "HF_TOKEN" ? token : undefined,
      onNotice() {},
    });
  assert.equal((await load("read")).source, "env");
  await assert.rejects(load("write"), refusedWith("token-role", /from HF_TOKEN/));
});

Deno.test("verifyToken() asks again about a token that has expired since", async () => {
  using temporary = temporaryFolder();
  const { hub, options, pass } = scene(temporary.path);
  hub.expiresAt = "2026-11-23T13:00:00Z";
  assert.equal((await verifyToken(secret, options)).state, "valid");
  pass(2 * HOUR);
  hub.answer = 503;
  assert.equal((await verifyToken(secret, options)).state, "unknown");
  hub.answer = 401;
  await assert.rejects(verifyToken(secret, options), refusedWith("token-refused", /401/));
});

Deno.test("loadToken() knows from the Hub's last word how old a token of the environment is", async () => {
  using temporary = temporaryFolder();
  const { hub, options, pass } = scene(temporary.path);
  const load = () =>
    loadToken({
      folder: temporary.path,
      now: options.now!,
      audit: false,
      cwd: temporary.path,
      env: (name) => name === "HF_TOKEN" ? token : undefined,
      onNotice() {},
    });
  assert.equal((await load()).createdAt, undefined);
  await verifyToken(secret, options);
  const known = await load();
  assert.deepEqual(known.createdAt, new Date("2026-10-01T00:00:00Z"));
  assert.deepEqual(known.notices, []);
  pass(60 * 24 * HOUR);
  assert.match((await load()).notices.join(), /113 days old.+hushbook token rotate/s);
  assert.equal(hub.asked, 1, "the Hub is not asked by a load");
  await Deno.writeTextFile(`${temporary.path}/whoami.json`, "{");
  assert.equal((await load()).createdAt, undefined);
});
