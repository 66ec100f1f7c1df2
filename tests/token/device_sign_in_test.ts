import assert from "node:assert/strict";
import { PromptError } from "../../src/errors.ts";
import { deviceSignIn, type DeviceSignInOptions } from "../../src/token/device_sign_in.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { Lockout } from "../../src/token/lockout.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import { sourceContext } from "../kit/context.ts";
import { scriptedPerson } from "../kit/person.ts";
import { assertSourceError } from "../kit/source_error.ts";
import { type StandInSignIn, standInSignIn } from "../kit/stand_in_sign_in.ts";
import { temporaryFolder } from "../kit/temporary.ts";

/** A person, a folder, and a clock that only sleeping moves. */
function scene(server: StandInSignIn, folder: string, ...answers: (string | null)[]) {
  let clock = Date.parse("2026-11-23T12:00:00Z");
  const slept: number[] = [];
  const events: AuditEvent[] = [];
  const person = scriptedPerson(...answers);
  const context = sourceContext({ HF_ENDPOINT: server.address }, {
    folder,
    person,
    now: () => clock,
    record: (event) => Promise.resolve(void events.push(event)),
  });
  const source = (options: DeviceSignInOptions = {}) =>
    deviceSignIn({
      clientId: "client",
      sleep: (ms) => {
        slept.push(ms);
        clock += ms;
        return Promise.resolve();
      },
      ...options,
    });
  return { context, source, slept, events, person, pass: (ms: number) => void (clock += ms) };
}

async function filesIn(folder: string): Promise<string> {
  let all = "";
  for await (const { name, isFile } of Deno.readDir(folder)) {
    all += isFile
      ? await Deno.readTextFile(`${folder}/${name}`)
      : await filesIn(`${folder}/${name}`);
  }
  return all;
}

Deno.test("deviceSignIn() shows link and code, polls as RFC 8628 asks, and keeps the tokens encrypted", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/hushbook`;
  const { context, source, slept, events, person } = scene(server, folder, "");
  server.answers.push("authorization_pending", "slow_down", 503, "authorization_pending");
  const found = await source().read(context);
  assert.equal(found?.value, server.granted[0]);
  assert.equal(found?.where, new URL(server.address).host);
  assert.equal(found?.expiresAt, context.now() + 28_800_000);
  assert.deepEqual(slept, [5_000, 5_000, 10_000, 15_000, 15_000]);
  assert.match(person.told[0]!, /huggingface\.co\/device\?user_code=WDJB-MJHT .*WDJB-MJHT$/);
  assert.equal(server.asked[0], "device openid profile inference-api");
  assert.deepEqual(events.map(({ event, method }) => `${event} ${method}`), [
    "token.sign-in terminal",
  ]);
  assert.deepEqual(context.protectedValues, [server.granted[0], server.refreshToken]);
  const kept = await filesIn(folder);
  for (const secret of [server.granted[0]!, server.refreshToken]) assert.ok(!kept.includes(secret));
});

Deno.test("deviceSignIn() asks nobody again while the token is good, and refreshes it before it expires", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const { context, source, pass, person, events } = scene(server, `${temporary.path}/h`, "");
  const first = await source().read(context);
  pass(7 * 3_600_000);
  assert.equal((await source().read(context))?.value, first?.value);
  pass(31 * 60_000);
  const [second, third] = await Promise.all([source().read(context), source().read(context)]);
  assert.equal(second?.value, server.granted[1]);
  assert.equal(third?.value, server.granted[1], "two cells that ask at once use one refresh token");
  assert.deepEqual(server.asked.slice(1), ["device_code", "refresh_token"]);
  assert.equal(person.asked.length, 1);
  assert.equal(events.at(-1)?.method, "refresh");
});

Deno.test("deviceSignIn() uses the old token while the Hub is down, and signs in again when the sign-in is over", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const { context, source, pass, person } = scene(server, `${temporary.path}/h`, "", "");
  await source().read(context);
  pass(28_000_000);
  server.answers.push(502);
  assert.equal((await source().read(context))?.value, server.granted[0]);
  assert.match(context.notices[0]!, /expires soon and could not be refreshed/);
  pass(1_000_000);
  server.answers.push(502);
  await assertSourceError(source().read(context), "source-failed", /answers 502/, server.granted);
  server.refreshToken = "revoked";
  assert.equal((await source().read(context))?.value, server.granted[1]);
  assert.match(context.notices[1]!, /invalid_grant.*sign in again/);
  assert.equal(person.asked.length, 2);
});

Deno.test("deviceSignIn() has no token where nobody can be asked or they say no", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  for (const answer of [null, "n"]) {
    const { context, source } = scene(server, `${temporary.path}/h`, answer);
    assert.equal(await source().read(context), null);
  }
  const { context, source } = scene(server, `${temporary.path}/h`);
  assert.equal(await source().read({ ...context, person: null }), null);
  assert.deepEqual(server.asked, []);
});

Deno.test("deviceSignIn() says what ended the sign-in", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const attempt = (...answers: (string | number | Response)[]) => {
    const { context, source } = scene(server, `${temporary.path}/h`, "");
    server.answers.splice(0, Infinity, ...answers);
    return source().read(context);
  };
  const ended = (message: RegExp) => (error: unknown) =>
    error instanceof PromptError && error.code === "prompt-declined" && message.test(error.message);
  await assert.rejects(attempt("access_denied"), ended(/declined in the browser/));
  await assert.rejects(attempt("expired_token"), ended(/not confirmed in time/));
  await assert.rejects(attempt(...Array(200).fill("authorization_pending")), ended(/in time/));
  await assertSourceError(attempt("unauthorized_client"), "source-denied", /clientId/, []);
  await assertSourceError(attempt(Response.json([1])), "source-malformed", /HF_ENDPOINT/, []);
  const { context, source } = scene(server, `${temporary.path}/h`, "");
  const stranger = source({ clientId: "stranger" }).read(context);
  await assertSourceError(stranger, "source-denied", /refuses this application/, []);
  const nameless = deviceSignIn().read(context);
  await assertSourceError(nameless, "source-setup", /applications\/new/, []);
});

Deno.test("deviceSignIn() gives the token that was granted although it cannot be kept", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/h`;
  const { context, source } = scene(server, folder, "");
  // What is in the way appears between the grant and the writing.
  const record = () => Deno.mkdir(`${folder}/sign-in/token.jwe`, { recursive: true });
  const found = await source().read({ ...context, record });
  assert.equal(found?.value, server.granted[0]);
  assert.match(context.notices.join(), /holds only for now, since it could not be kept: Cannot/);
  for (const secret of [server.granted[0]!, server.refreshToken]) {
    assert.ok(!context.notices.join().includes(secret));
  }
});

Deno.test("deviceSignIn() asks below the path that HF_ENDPOINT has", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const { context, source } = scene(server, `${temporary.path}/h`, "");
  const asked: string[] = [];
  const fetch = (input: RequestInfo | URL, init?: RequestInit) => {
    const url = new URL(String(input));
    asked.push(url.pathname);
    url.pathname = url.pathname.replace("/hub/", "/");
    return globalThis.fetch(url, init);
  };
  const env = (name: string) => name === "HF_ENDPOINT" ? `${server.address}/hub/` : undefined;
  await source().read({ ...context, env, fetch });
  assert.deepEqual(asked, ["/hub/oauth/device", "/hub/oauth/token"]);
});

Deno.test("deviceSignIn() waits by what it has waited, whatever the clock says meanwhile", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  for (const step of [-86_400_000, 86_400_000]) {
    const { context, source, slept, pass } = scene(server, `${temporary.path}/h${step}`, "");
    server.answers.splice(0, Infinity, "authorization_pending", "authorization_pending");
    const sleep = (ms: number) => {
      slept.push(ms);
      pass(step);
      return Promise.resolve();
    };
    assert.equal((await source({ sleep }).read(context))?.value, server.granted.at(-1));
    assert.deepEqual(slept, [5_000, 5_000, 5_000]);
  }
});

Deno.test("deviceSignIn() takes pauses and times as servers write them, and believes no absurd ones", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const rows: [Record<string, unknown>, number | undefined][] = [
    [{ interval: undefined, expires_in: undefined }, 5_000],
    [{ interval: "7", expires_in: "900" }, 7_000],
    [{ interval: 0 }, 1_000],
    [{ interval: -3 }, 5_000],
    [{ interval: 1e8, expires_in: 1e8 }, 3_600_000], // a timer of so many ms would end at once
    [{ interval: null, verification_uri_complete: null }, 5_000],
    [{ verification_uri_complete: "javascript:alert(1)" }, 5_000],
    [{ expires_in: 0 }, undefined],
  ];
  for (const [index, [device, pause]] of rows.entries()) {
    const { context, source, slept, person } = scene(server, `${temporary.path}/h${index}`, "");
    server.device = device;
    const read = source().read(context);
    if (pause === undefined) await assert.rejects(read, PromptError);
    else await read;
    assert.deepEqual(slept, pause === undefined ? [] : [pause]);
    assert.ok(!person.told.join().includes("javascript:"));
  }
  for (const device of [{ device_code: 7 }, { verification_uri: "ftp://h" }, { user_code: "" }]) {
    const { context, source } = scene(server, `${temporary.path}/h`, "");
    server.device = device;
    await assertSourceError(source().read(context), "source-malformed", /HF_ENDPOINT/, []);
  }
});

Deno.test("deviceSignIn() repeats nothing of what the server says, whatever it puts where", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const canary = ["hf", "x".repeat(34)].join("_"); // of the alphabet of the standards' codes
  const answers = [
    Response.json({ error: canary, error_description: canary }, { status: 400 }),
    Response.json({ error: "access_denied", error_description: canary }, { status: 400 }),
    Response.json({ error: canary }, { status: 418 }),
    new Response(`<p>${canary}`, { status: 400 }),
    Response.json({ access_token: 7, refresh_token: canary }),
    Response.redirect(`http://127.0.0.1:9/?t=${canary}`),
    new Response(canary.repeat(100_000)),
  ];
  for (const answer of answers) {
    const { context, source, person } = scene(server, `${temporary.path}/h`, "");
    server.answers.splice(0, Infinity, answer);
    await assert.rejects(source().read(context), (error) => {
      const shown = [Deno.inspect(error), (error as Error).stack, JSON.stringify(error)];
      assert.ok(!`${[...shown, ...context.notices, ...person.told]}`.includes(canary), shown[0]);
      return true;
    });
  }
});

Deno.test("deviceSignIn() does not take a server that cannot answer now for the end of the sign-in", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const { context, source, pass, person } = scene(server, `${temporary.path}/h`, "");
  await source().read(context);
  pass(28_000_000);
  for (const answer of ["temporarily_unavailable", "slow_down", "server_error"]) {
    server.answers.push(answer);
    assert.equal((await source().read(context))?.value, server.granted[0]);
  }
  pass(1_000_000);
  server.answers.push("temporarily_unavailable");
  await assertSourceError(source().read(context), "source-throttled", /too many/, server.granted);
  assert.equal((await source().read(context))?.value, server.granted[1]);
  assert.equal(person.asked.length, 1);
});

Deno.test("deviceSignIn() uses up a token whose sign-in is over where nobody can sign in again", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const { context, source, pass } = scene(server, `${temporary.path}/h`, "", null);
  await source().read(context);
  server.refreshToken = "revoked";
  pass(28_000_000);
  for (const nobody of [context, { ...context, person: null }]) {
    assert.equal((await source().read(nobody))?.value, server.granted[0]);
  }
  assert.match(context.notices[0]!, /over \(invalid_grant\); sign in again/);
  pass(1_000_000);
  assert.equal(await source().read({ ...context, person: null }), null, "its time is over too");
});

Deno.test("deviceSignIn() refreshes a token that the Hub has refused since, and signs in again when all is revoked", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/h`;
  const { context, source, person } = scene(server, folder, "", "");
  const lockout = new Lockout({ folder, now: context.now });
  await source().read(context);
  await lockout.fail(fingerprint(server.granted[0]!));
  assert.equal((await source().read(context))?.value, server.granted[1]);
  assert.equal((await source().read(context))?.value, server.granted[1], "once");
  await lockout.fail(fingerprint(server.granted[1]!));
  server.refreshToken = "revoked";
  assert.equal((await source().read(context))?.value, server.granted[2]);
  assert.equal(person.asked.length, 2);
});

Deno.test("deviceSignIn() signs in again when what was kept is damaged or of another machine", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const folder = `${temporary.path}/h`;
  const damages: ((path: string) => Promise<void>)[] = [
    (path) => Deno.truncate(`${path}/token.jwe`, 100),
    (path) => Deno.writeTextFile(`${path}/token.jwe`, ""),
    (path) => Deno.remove(`${path}/key`),
    (path) => Deno.writeTextFile(`${path}/key`, "A".repeat(43)),
  ];
  for (const [index, damage] of damages.entries()) {
    const { context, source } = scene(server, folder, ...index === 0 ? ["", ""] : [""]);
    if (index === 0) await source().read(context);
    await damage(`${folder}/sign-in`);
    assert.equal((await source().read(context))?.value, server.granted.at(-1));
    assert.equal(server.granted.length, index + 2, "signed in anew");
  }
});

Deno.test("deviceSignIn() that is stopped in one cell goes on in the others that wait for it", async () => {
  await using server = standInSignIn();
  using temporary = temporaryFolder();
  const { context, source } = scene(server, `${temporary.path}/h`, "", "");
  const stop = new AbortController();
  const reason = new Error("stopped by the person");
  const sleep = () => {
    stop.abort(reason);
    return stop.signal.aborted && server.asked.length === 1
      ? Promise.reject(reason)
      : Promise.resolve();
  };
  const cells = [
    source({ sleep }).read({ ...context, signal: stop.signal }),
    source({ sleep: () => Promise.resolve() }).read(context),
  ];
  await assert.rejects(cells[0]!, reason);
  assert.equal((await cells[1])?.value, server.granted[0]);
});
