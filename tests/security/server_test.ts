import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { UsageError } from "../../src/errors.ts";
import { serveSecurity } from "../../src/security/server/serve.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(91);

/** Sends a request over a plain socket: fetch would not let a test forge `Host`, `Origin` or `Sec-Fetch-Site`. */
async function send(
  port: number,
  request: string,
  headers: Record<string, string> = {},
  body = "",
): Promise<{ status: number; headers: Headers; text: string }> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port });
  const fields = {
    host: `127.0.0.1:${port}`,
    connection: "close",
    "content-length": String(body.length),
    ...headers,
  };
  const head = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await socket.write(new TextEncoder().encode(`${request} HTTP/1.1\r\n${head}\r\n${body}`));
  const answer = await new Response(socket.readable).text();
  assert.ok(!answer.includes(token), "a response holds the token");
  const [first = "", ...lines] = answer.split("\r\n\r\n")[0]!.split("\r\n");
  return {
    status: Number(first.split(" ")[1]),
    headers: new Headers(lines.map((line) => line.split(/: /u, 2) as [string, string])),
    text: answer.slice(answer.indexOf("\r\n\r\n") + 4),
  };
}

async function scene(now?: () => number) {
  const temporary = temporaryFolder();
  const folder = `${temporary.path}/state`;
  const server = await serveSecurity({
    folder,
    cwd: temporary.path,
    env: (name) => name === "HF_TOKEN" ? token : undefined,
    ...(now && { now }),
  });
  const { port } = server;
  const own = { origin: `http://127.0.0.1:${port}`, "content-type": "application/json" };
  return {
    folder,
    server,
    port,
    own,
    async signIn() {
      const key = new URL(server.link).hash.slice("#k=".length);
      const answer = await send(port, "POST /api/session", own, JSON.stringify({ key }));
      const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
      const csrf = /"csrf":"([^"]+)"/u.exec(answer.text)?.[1] ?? "";
      return { answer, cookie, csrf };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      temporary[Symbol.dispose]();
    },
  };
}

Deno.test("serveSecurity() binds the loopback only, and its link works once", async () => {
  await using at = await scene();
  const { port, own } = at;
  assert.match(at.server.link, /^http:\/\/127\.0\.0\.1:\d+\/#k=[\w-]{43}$/u);
  const { answer, cookie } = await at.signIn();
  assert.equal(answer.status, 200);
  const attributes = answer.headers.get("set-cookie")!;
  for (const part of [/HttpOnly/, /SameSite=Strict/, /Path=\//, /Max-Age=28800/]) {
    assert.match(attributes, part);
  }
  assert.match(cookie, new RegExp(`^hushbook-${port}=`));
  const key = new URL(at.server.link).hash.slice("#k=".length);
  const again = await send(port, "POST /api/session", own, JSON.stringify({ key }));
  assert.deepEqual([again.status, /unauthorized/.test(again.text)], [401, true]);
  const outside = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  if (outside !== undefined) {
    await assert.rejects(Deno.connect({ hostname: outside.address, port }));
  }
});

Deno.test("serveSecurity() gives status, calls and audit log to a session, and 401 without detail to anybody else", async () => {
  await using at = await scene();
  const { port } = at;
  const { cookie } = await at.signIn();
  for (const path of ["status", "calls", "audit-log"]) {
    const request = `GET /api/security/${path}`;
    const bare = await send(port, request);
    assert.equal(bare.status, 401);
    assert.match(bare.text, /^\{"error":"unauthorized"\}$/mu);
    const wrong = await send(port, request, { cookie: `${cookie}x` });
    assert.equal(wrong.status, 401);
    const right = await send(port, request, { cookie });
    assert.equal(right.status, 200, request);
    assert.equal(right.headers.get("cache-control"), "no-store");
    assert.equal(right.headers.get("x-content-type-options"), "nosniff");
    assert.equal(right.headers.get("x-frame-options"), "DENY");
    const policy = right.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!policy.includes("unsafe"));
  }
});

Deno.test("serveSecurity() refuses rebound names and other pages, cookie or not", async () => {
  await using at = await scene();
  const { port, own } = at;
  const { cookie, csrf } = await at.signIn();
  const signed = { cookie, "x-csrf-token": csrf, "content-type": "application/json" };
  const get = "GET /api/security/status";
  const clear = "POST /api/security/clear-lockout";
  const other = `http://127.0.0.1:${port + 1}`;
  const rows: [string, string, Record<string, string>, number][] = [
    ["rebound name reads", get, { ...signed, host: `evil.example:${port}` }, 421],
    ["rebound name writes", clear, {
      ...signed,
      host: `evil.example:${port}`,
      origin: `http://evil.example:${port}`,
    }, 421],
    ["other port reads", get, { ...signed, "sec-fetch-site": "same-site" }, 403],
    ["other site reads", get, { ...signed, "sec-fetch-site": "cross-site" }, 403],
    ["other port writes", clear, { ...signed, origin: other }, 403],
    ["no origin writes", clear, signed, 403],
    ["null origin writes", clear, { ...signed, origin: "null" }, 403],
    ["own page without CSRF token", clear, { ...own, cookie }, 403],
    ["own page with a wrong one", clear, { ...own, cookie, "x-csrf-token": "x" }, 403],
    ["form from another page", clear, {
      cookie,
      origin: other,
      "content-type": "application/x-www-form-urlencoded",
    }, 403],
    ["own page", clear, { ...signed, origin: own.origin, "sec-fetch-site": "same-origin" }, 200],
    ["own page by name", get, { ...signed, host: `localhost:${port}` }, 200],
  ];
  for (const [name, request, headers, status] of rows) {
    const body = request.startsWith("POST") ? "{}" : "";
    assert.equal((await send(port, request, headers, body)).status, status, name);
  }
});

Deno.test("serveSecurity() bounds bodies, requests and wrong keys, and ends sessions after 8 hours", async () => {
  let clock = Date.parse("2026-11-23T12:00:00Z");
  await using at = await scene(() => clock);
  const { port, own } = at;
  const large = await send(port, "POST /api/session", own, `{"key":"${"x".repeat(5000)}"}`);
  assert.equal(large.status, 413);
  for (let i = 0; i < 5; i++) {
    assert.equal((await send(port, "POST /api/session", own, '{"key":"wrong"}')).status, 401);
  }
  using log = new AuditLog({ folder: at.folder });
  const refused = await log.read({ events: ["security.login"], outcomes: ["refused"] });
  assert.equal(refused.records.length, 1, "wrong keys must not fill the log");
  const { cookie, answer } = await at.signIn();
  assert.equal(answer.status, 200, "wrong keys of another program must not keep the person out");
  let status = 0;
  for (let i = 0; i < 400 && status !== 429; i++) status = (await send(port, "GET /")).status;
  assert.equal(status, 429);
  const own429 = await send(port, "GET /api/session", { cookie });
  assert.equal(own429.status, 200, "the page's own requests are counted apart");
  clock += 10_000;
  assert.equal((await send(port, "GET /")).status, 200);
  clock += 8 * 3_600_000;
  assert.equal((await send(port, "GET /api/session", { cookie })).status, 401);
});

Deno.test("serveSecurity() lets the page, and nothing else, be opened by a link of another page", async () => {
  await using at = await scene();
  const { cookie } = await at.signIn();
  const from = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  const link = { ...from, "sec-fetch-dest": "document" };
  const status = async (path: string, headers: Record<string, string>) => {
    const answer = await send(at.port, `GET ${path}`, headers);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    return answer.status;
  };
  assert.equal(await status("/", link), 200);
  assert.equal(await status("/", { ...from, "sec-fetch-dest": "iframe" }), 403);
  assert.equal(await status("/page.js", link), 403);
  assert.equal(await status("/api/security/status", { ...link, cookie }), 403);
});

Deno.test("serveSecurity() says what to do when the port is taken, and serves where the log cannot be written", async () => {
  await using at = await scene();
  await assert.rejects(serveSecurity({ folder: at.folder, port: at.port }), (error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /another program has it .+ Name another one, or none/);
    return true;
  });
  const file = await Deno.makeTempFile();
  try {
    // No folder can be made below a file.
    await using server = await serveSecurity({ folder: `${file}/state` });
    const key = new URL(server.link).hash.slice("#k=".length);
    const own = { origin: `http://127.0.0.1:${server.port}` };
    const answer = await send(server.port, "POST /api/session", own, JSON.stringify({ key }));
    assert.equal(answer.status, 200);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("serveSecurity() counts calls again when one is added, and not those before the hour", async () => {
  let clock = Date.parse("2026-11-23T12:00:00Z");
  await using at = await scene(() => clock);
  const { cookie } = await at.signIn();
  using log = new AuditLog({ folder: at.folder, now: () => clock });
  const end = (outcome: "ok" | "failed") => log.append({ event: "inference.end", outcome });
  const calls = async () => {
    const { text } = await send(at.port, "GET /api/security/calls", { cookie });
    const { minutes, seq } = JSON.parse(text);
    const sum = (name: string) =>
      minutes.reduce((sum: number, minute: Record<string, number>) => sum + minute[name]!, 0);
    return [sum("ok"), sum("other"), minutes.at(-1).ok, seq] as const;
  };
  await end("ok");
  const [, , , seq] = await calls();
  await end("failed");
  await end("ok");
  assert.deepEqual(await calls(), [2, 1, 2, seq + 2]);
  clock += 30 * 60_000;
  assert.deepEqual(await calls(), [2, 1, 0, seq + 2]);
  clock += 30 * 60_000;
  assert.deepEqual(await calls(), [0, 0, 0, seq + 2]);
});

Deno.test("serveSecurity() pages and filters the audit log, and refuses queries it does not know", async () => {
  await using at = await scene();
  const { port, folder } = at;
  const { cookie } = await at.signIn();
  using log = new AuditLog({ folder });
  for (let i = 0; i < 5; i++) await log.append({ event: "token.load", outcome: "ok", records: i });
  await log.append({ event: "hook.refuse", outcome: "refused" });
  const read = async (query: string) => {
    const answer = await send(port, `GET /api/security/audit-log?${query}`, { cookie });
    return { status: answer.status, page: answer.status === 200 ? JSON.parse(answer.text) : null };
  };
  const first = await read("event=token.load&limit=3");
  const numbers = (page: { records: { records: number }[] }) => page.records.map((r) => r.records);
  assert.deepEqual(numbers(first.page), [4, 3, 2]);
  const second = await read(`event=token.load&limit=3&cursor=${first.page.next}`);
  assert.deepEqual(numbers(second.page), [1, 0]);
  assert.equal(second.page.next, null);
  assert.equal((await read("outcome=refused")).page.records[0].event, "hook.refuse");
  assert.deepEqual((await read("since=2099-01-01T00:00:00Z")).page.records, []);
  for (
    const query of ["limit=0", "limit=501", "cursor=-1", "event=x", "outcome=x", "since=1", "a=b"]
  ) {
    assert.equal((await read(query)).status, 400, query);
  }
});

Deno.test("serveSecurity() clears a lockout for its own page, and records that", async () => {
  await using at = await scene();
  const { port, own, folder } = at;
  const lockout = new Lockout({ folder });
  for (let i = 0; i < 5; i++) await lockout.fail("store");
  const { cookie, csrf } = await at.signIn();
  const signed = { ...own, cookie, "x-csrf-token": csrf };
  const clear = (body: string) => send(port, "POST /api/security/clear-lockout", signed, body);
  for (const body of ['{"subject":"../x"}', '{"subject":["store"]}', '{"subject":null}']) {
    assert.equal((await clear(body)).status, 400, body);
  }
  await assert.rejects(lockout.check("store"));
  assert.deepEqual(JSON.parse((await clear('{"subject":"store"}')).text), { cleared: "store" });
  await lockout.check("store");
  using log = new AuditLog({ folder });
  const { records } = await log.read({ events: ["lockout.clear"] });
  assert.equal(records.length, 1);
});

Deno.test("serveSecurity() answers an own error by its code, and a foreign one without a word", async () => {
  await using at = await scene();
  const { port } = at;
  const { cookie } = await at.signIn();
  const unknown = await send(port, "GET /api/security/nothing", { cookie });
  assert.deepEqual([unknown.status, JSON.parse(unknown.text)], [404, { error: "not found" }]);
  await Deno.remove(`${at.folder}/audit.jsonl`);
  await Deno.mkdir(`${at.folder}/audit.jsonl`);
  const broken = await send(port, "GET /api/security/audit-log", { cookie });
  assert.equal(broken.status, 500);
  assert.ok(!/at |\.ts:/u.test(broken.text), "a stack was sent");
});
