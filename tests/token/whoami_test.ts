// deno-lint-ignore-file no-sync-fn-in-async-fn -- a test may look at files in the shortest way
import assert from "node:assert/strict";
import { TokenError } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import { whoami, type WhoamiOptions } from "../../src/token/whoami.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(150);
const secret = new Secret(token);
const HOUR = 3_600_000;
const START = Date.parse("2026-11-23T12:00:00Z");

/** A Hub on a real socket that answers a role or a status, and counts who asked. */
function standInHub() {
  const hub = { answer: "read" as string | number, asked: 0, address: "" };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    hub.asked++;
    const bearer = request.headers.get("authorization");
    if (typeof hub.answer === "number") {
      return Response.json({ error: `no: ${bearer}` }, { status: hub.answer });
    }
    const accessToken = { role: hub.answer, createdAt: "2026-10-01T00:00:00Z" };
    return Response.json({ type: "user", name: "ada", auth: { accessToken } });
  });
  hub.address = `http://127.0.0.1:${server.addr.port}`;
  return Object.assign(hub, { [Symbol.asyncDispose]: () => server.shutdown() });
}

function scene(hub: { address: string }, folder: string) {
  const clock = { now: START };
  const options: WhoamiOptions = {
    folder: `${folder}/hushbook`,
    env: (name) => name === "HF_ENDPOINT" ? hub.address : undefined,
    now: () => clock.now,
  };
  const ask = (more: WhoamiOptions = {}) => whoami(secret, { ...options, ...more });
  return { clock, options, ask, file: `${folder}/hushbook/whoami.json` };
}

function refusedWith(code: TokenError["code"], message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof TokenError, Deno.inspect(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.ok(!`${Deno.inspect(error)}${error.stack}`.includes(token), "the error shows the token");
    return true;
  };
}

Deno.test("whoami() asks the Hub once in 24 hours for each token, and again when told to", async () => {
  await using hub = standInHub();
  using temporary = temporaryFolder();
  const { clock, options, ask, file } = scene(hub, temporary.path);
  const first = await ask();
  const createdAt = Date.UTC(2026, 9, 1);
  const said = { name: "ada", type: "user", role: "read", createdAt };
  assert.deepEqual(first, { ...said, checkedAt: START, advice: [] });
  clock.now += 24 * HOUR;
  assert.deepEqual(await ask(), first);
  assert.equal(hub.asked, 1);
  assert.equal((await ask({ fresh: true })).checkedAt, START + 24 * HOUR);
  assert.equal(hub.asked, 2);
  await whoami(new Secret(fakeToken(151)), options);
  assert.equal(hub.asked, 3, "another token is asked about");
  clock.now += 24 * HOUR + 1;
  await ask();
  assert.equal(hub.asked, 4);
  const kept = await Deno.readTextFile(file);
  assert.ok(kept.includes(secret.fingerprint) && !kept.includes(token.slice(3, 15)));
  assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
});

Deno.test("whoami() shares the Hub's answer between processes", async () => {
  await using hub = standInHub();
  using temporary = temporaryFolder();
  const code = `
    import { whoami } from "${sourceUrl("src/token/whoami.ts")}";
    import { Secret } from "${sourceUrl("src/secret/secret.ts")}";
    console.log((await whoami(new Secret(Deno.env.get("T")))).name);`;
  const env = { T: token, HF_ENDPOINT: hub.address, HUSHBOOK_HOME: `${temporary.path}/h` };
  for (let process = 0; process < 2; process++) {
    const { stdout, stderr } = await runDeno(code, { env });
    assert.deepEqual([stdout, stderr], ["ada\n", ""]);
  }
  assert.equal(hub.asked, 1);
});

Deno.test("whoami() says unchecked, not refused, when the Hub is asked too often or is down", async () => {
  await using hub = standInHub();
  using temporary = temporaryFolder();
  const { clock, ask } = scene(hub, temporary.path);
  for (
    const [status, why] of [[429, /429.*may well be good/], [503, /503/], [403, /proxy/]] as const
  ) {
    hub.answer = status;
    await assert.rejects(ask(), refusedWith("token-unchecked", why));
  }
  hub.answer = "read";
  await ask();
  hub.answer = 429;
  await assert.rejects(ask({ fresh: true }), refusedWith("token-unchecked", /429/));
  assert.equal((await ask()).name, "ada", "what was known before is not lost");
  clock.now += 25 * HOUR;
  await assert.rejects(ask(), refusedWith("token-unchecked", /429/));
});

Deno.test("whoami() forgets a token that the Hub refuses, and says where it came from", async () => {
  await using hub = standInHub();
  using temporary = temporaryFolder();
  const { ask } = scene(hub, temporary.path);
  await ask();
  hub.answer = 401;
  await assert.rejects(
    ask({ fresh: true, where: "HF_TOKEN" }),
    refusedWith("token-refused", /HF_TOKEN$/),
  );
  hub.answer = "write";
  assert.equal((await ask()).role, "write");
});

Deno.test("whoami() enforces minimumRole and advises against needless rights, from what is kept too", async () => {
  await using hub = standInHub();
  using temporary = temporaryFolder();
  const { ask } = scene(hub, temporary.path);
  for (let asked = 0; asked < 2; asked++) {
    await assert.rejects(
      ask({ minimumRole: "write", where: ".env" }),
      refusedWith("token-role", /from \.env: it may only read/),
    );
    assert.deepEqual((await ask({ minimumRole: "read" })).advice, []);
  }
  hub.answer = "write";
  await ask({ fresh: true });
  assert.match((await ask()).advice.join(), /reading is enough/);
  assert.match((await ask({ minimumRole: "read" })).advice.join(), /reading is enough/);
  assert.deepEqual((await ask({ minimumRole: "write" })).advice, []);
  assert.equal(hub.asked, 2);
});

Deno.test("whoami() does not believe what another Hub said", async () => {
  await using one = standInHub();
  await using other = standInHub();
  using temporary = temporaryFolder();
  one.answer = "write";
  await scene(one, temporary.path).ask();
  assert.equal((await scene(other, temporary.path).ask()).role, "read");
  assert.deepEqual([one.asked, other.asked], [1, 1]);
});

Deno.test("whoami() asks the Hub when what is kept is damaged, planted or of another time", async (t) => {
  await using hub = standInHub();
  const entry = {
    hub: `${hub.address}/`,
    name: "eve",
    type: "user",
    role: "write",
    checkedAt: START,
  };
  const file = (changed: Record<string, unknown>, key = secret.fingerprint) =>
    JSON.stringify({ v: 1, tokens: { [key]: { ...entry, ...changed } } });
  const rows: Record<string, string | Uint8Array> = {
    empty: "",
    "cut short": file({}).slice(0, -3),
    "not UTF-8": new Uint8Array([0xff, 0xfe]),
    zeros: new Uint8Array(300),
    null: "null",
    "another version": file({}).replace('"v":1', '"v":2'),
    "too large": " ".repeat(70_000) + file({}),
    "no entry": '{"v":1,"tokens":{}}',
    "tokens of a strange kind": '{"v":1,"tokens":7}',
    "of another token": file({}, "0123456789ab"),
    "of the prototype": `{"v":1,"tokens":{"__proto__":${JSON.stringify(entry)}}}`,
    "of no Hub": file({ hub: undefined }),
    "a time ahead of the clock": file({ checkedAt: START + 1 }),
    "a time as text": file({ checkedAt: "2026-11-23" }),
    "a name that is none": file({ name: { toString: "x" } }),
    "an endless name": file({ name: "e".repeat(300) }),
    "a role that is none": file({ role: ["write"] }),
    "dates that are none": file({ createdAt: "now" }),
    expired: file({ expiresAt: START - 1 }),
  };
  for (const [name, content] of Object.entries(rows)) {
    await t.step(name, async () => {
      using temporary = temporaryFolder();
      const { ask, file } = scene(hub, temporary.path);
      Deno.mkdirSync(`${temporary.path}/hushbook`, { mode: 0o700 });
      Deno.writeFileSync(
        file,
        typeof content === "string" ? new TextEncoder().encode(content) : content,
        { mode: 0o600 },
      );
      const before = hub.asked;
      assert.equal((await ask()).name, "ada");
      assert.equal((await ask()).name, "ada");
      assert.equal(hub.asked, before + 1, "the file is written anew");
    });
  }
  using temporary = temporaryFolder();
  const whole = scene(hub, temporary.path);
  Deno.mkdirSync(`${temporary.path}/hushbook`, { mode: 0o700 });
  Deno.writeTextFileSync(whole.file, file({}), { mode: 0o600 });
  assert.equal(
    (await whole.ask()).name,
    "eve",
    "a whole entry is believed, so the rows above can fail",
  );
});

Deno.test("whoami() asks each time where the private folder is not safe or may not be used", async () => {
  await using hub = standInHub();
  using temporary = temporaryFolder();
  const { ask } = scene(hub, temporary.path);
  Deno.mkdirSync(`${temporary.path}/elsewhere`);
  Deno.symlinkSync(`${temporary.path}/elsewhere`, `${temporary.path}/hushbook`);
  await ask();
  await ask();
  assert.equal(hub.asked, 2);
  assert.deepEqual([...Deno.readDirSync(`${temporary.path}/elsewhere`)], []);
  const code = `
    import { whoami } from "${sourceUrl("src/token/whoami.ts")}";
    import { Secret } from "${sourceUrl("src/secret/secret.ts")}";
    const env = () => "${hub.address}";
    console.log((await whoami(new Secret(["hf", "x".repeat(34)].join("_")), { env, folder: "/nowhere/h" })).name);`;
  const src = new URL("../../", import.meta.url).pathname;
  const { stdout, stderr } = await runDeno(code, {
    flags: ["--allow-net=127.0.0.1", `--allow-import`, `--allow-read=${src}`],
  });
  assert.deepEqual([stdout, stderr], ["ada\n", ""]);
});
