import assert from "node:assert/strict";
import { SourceError, type SourceErrorCode } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import { vault } from "../../src/token/vault.ts";
import { selfSignedCertificate } from "../kit/certificate.ts";
import { sourceContext } from "../kit/context.ts";
import { type StandInVault, standInVault } from "../kit/stand_in_vault.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(71);

function envOf(server: StandInVault): Record<string, string> {
  return { VAULT_ADDR: server.address, VAULT_TOKEN: server.credential };
}

/** Asserts the error's code, and that nothing secret is in it. */
async function assertRefused(
  action: Promise<unknown>,
  code: SourceErrorCode,
  message: RegExp,
  ...secrets: string[]
): Promise<void> {
  await assert.rejects(action, (error) => {
    assert.ok(error instanceof SourceError, `${error}`);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    for (const secret of [token, ...secrets]) assert.ok(!Deno.inspect(error).includes(secret));
    return true;
  });
}

Deno.test("vault() reads a field of a secret, with the date it was written", async () => {
  await using server = standInVault();
  server.kept.set("teams/nlp/hugging face", { data: { token, other: "x" }, version: 3 });
  const context = sourceContext({ ...envOf(server), VAULT_NAMESPACE: "org/nlp" });
  const found = await vault({ path: "teams/nlp/hugging face" }).read(context);
  assert.deepEqual(found, {
    value: token,
    where: "secret/teams/nlp/hugging face",
    createdAt: Date.parse("2026-10-01T08:00:00.123Z"),
  });
  assert.deepEqual(server.asked, ["GET /v1/secret/data/teams/nlp/hugging face org/nlp"]);
  assert.deepEqual(context.protectedValues, [server.credential]);
});

Deno.test("vault() takes its own credential from ~/.vault-token when VAULT_TOKEN is not set", async () => {
  await using server = standInVault();
  using home = temporaryFolder();
  await Deno.writeTextFile(`${home.path}/.vault-token`, `${server.credential}\n`);
  server.kept.set("hf", { data: { key: token }, version: 1 });
  const context = sourceContext({ VAULT_ADDR: `${server.address}/`, HOME: home.path });
  assert.equal((await vault({ path: "hf", field: "key" }).read(context))?.value, token);
});

Deno.test("vault() says null when the path was never written, and throws when it was deleted or destroyed", async () => {
  await using server = standInVault();
  const context = sourceContext(envOf(server));
  assert.equal(await vault({ path: "never" }).read(context), null);
  server.kept.set("gone", { data: { token }, version: 2, gone: "deleted" });
  await assertRefused(
    vault({ path: "gone" }).read(context),
    "source-deleted",
    /deleted; undelete it/,
  );
  server.kept.set("gone", { data: { token }, version: 2, gone: "destroyed" });
  await assertRefused(vault({ path: "gone" }).read(context), "source-deleted", /destroyed; write/);
});

Deno.test("vault() tells apart what Vault refuses", async (t) => {
  await using server = standInVault();
  const json = (status: number, body: unknown) => () => Response.json(body, { status });
  const rows: [string, SourceErrorCode, RegExp, (request: Request) => Response][] = [
    ["sealed", "source-sealed", /unseal/, json(503, { errors: ["Vault is sealed"] })],
    [
      "permission denied",
      "source-denied",
      /vault login/,
      json(403, { errors: ["permission denied"] }),
    ],
    ["throttled", "source-throttled", /wait a minute/, json(429, { errors: [] })],
    ["internal error", "source-failed", /status 500/, json(500, { errors: [token] })],
    ["bad request", "source-setup", /check mount/, json(400, { errors: [] })],
    ["not JSON", "source-malformed", /VAULT_ADDR/, () => new Response(`<p>${token}`)],
    ["404 of a proxy", "source-malformed", /not Vault/, () => new Response("", { status: 404 })],
    ["KV version 1", "source-malformed", /version 2/, json(200, { data: { token } })],
    ["no such field", "source-malformed", /field/, json(200, { data: { data: { other: token } } })],
    ["empty field", "source-malformed", /field/, json(200, { data: { data: { token: " " } } })],
    [
      "redirect",
      "source-redirect",
      /redirects/,
      () => Response.redirect("http://127.0.0.1:9/", 307),
    ],
    ["endless answer", "source-malformed", /longer than/, () => new Response("x".repeat(2 ** 21))],
  ];
  for (const [name, code, message, answer] of rows) {
    await t.step(name, async () => {
      server.answer = answer;
      const read = vault({ path: "hf" }).read(sourceContext(envOf(server)));
      await assertRefused(read, code, message, server.credential);
    });
  }
});

Deno.test("vault() tells apart no server, a slow server, and a certificate that is not trusted", async () => {
  await using server = standInVault();
  const read = (address: string, timeoutMs = 10_000) =>
    vault({ path: "hf", address, timeoutMs }).read(sourceContext(envOf(server)));
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  closed.close();
  await assertRefused(
    read(`http://127.0.0.1:${closed.addr.port}`),
    "source-unreachable",
    /no connection/,
    server.credential,
  );
  const end = Promise.withResolvers<Response>();
  server.answer = () => end.promise;
  await assertRefused(read(server.address, 50), "source-timeout", /within 0.05 s/);
  end.resolve(new Response());
  server.answer = undefined;
  await assertRefused(read(server.address.replace("http", "https")), "source-tls", /DENO_CERT/);
});

Deno.test({
  ...needs("vault() refuses a server whose certificate nobody trusts", "openssl"),
  async fn() {
    using certificate = selfSignedCertificate();
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {}, ...certificate },
      () => Response.json({ data: { data: { token } } }),
    );
    const address = `https://127.0.0.1:${server.addr.port}`;
    const read = vault({ path: "hf", address }).read(sourceContext({ VAULT_TOKEN: "hvs.abc" }));
    await assertRefused(read, "source-tls", /certificate/);
  },
});

Deno.test("vault() refuses set-ups that would send its credential in clear or elsewhere", async () => {
  const credential = "hvs.abc";
  const read = (options: Parameters<typeof vault>[0], env: Record<string, string> = {}) => {
    const never = () => Promise.reject(new Error("asked the network"));
    return vault(options).read(
      sourceContext({ VAULT_TOKEN: credential, ...env }, { fetch: never }),
    );
  };
  await assertRefused(read({ path: "hf" }), "source-setup", /VAULT_ADDR/);
  await assertRefused(
    read({ path: "hf", address: "http://vault.example" }),
    "source-setup",
    /https/,
  );
  await assertRefused(
    read({ path: "hf", address: "https://u:p@v.example" }),
    "source-setup",
    /plain/,
  );
  await assertRefused(
    read({ path: "a/../b", address: "https://v.example" }),
    "source-setup",
    /\.\./,
  );
  const unclean = { VAULT_TOKEN: "hvs.a\nb", VAULT_ADDR: "https://v.example" };
  await assertRefused(read({ path: "hf" }, unclean), "source-setup", /character/, "hvs.a");
  const none = { VAULT_TOKEN: "", VAULT_ADDR: "https://v.example" };
  await assertRefused(read({ path: "hf" }, none), "source-setup", /vault login/);
});

Deno.test("vault() writes one field and leaves the others, and makes a secret that is not there", async () => {
  await using server = standInVault();
  const context = sourceContext(envOf(server));
  server.kept.set("hf", { data: { token: "old", owner: "nlp" }, version: 1 });
  assert.deepEqual(await vault({ path: "hf" }).write!(context, new Secret(token)), {
    where: "secret/hf",
  });
  assert.deepEqual(server.kept.get("hf")?.data, { token, owner: "nlp" });
  await vault({ path: "new" }).write!(context, new Secret(token));
  assert.deepEqual(server.kept.get("new")?.data, { token });
  await assertRefused(
    vault({ path: "hf", mount: "kv" }).write!(context, new Secret(token)),
    "source-setup",
    /no KV version 2 engine/,
  );
});

/** Puts `token` at `hf`. */
function writeTo(server: StandInVault, context = sourceContext(envOf(server)), timeoutMs = 10_000) {
  return vault({ path: "hf", timeoutMs }).write!(context, new Secret(token));
}

Deno.test("vault() writes a new version in place of one that was deleted or destroyed, and says so", async () => {
  await using server = standInVault();
  for (const gone of ["deleted", "destroyed"] as const) {
    const context = sourceContext(envOf(server));
    server.kept.set("hf", { data: { token: "old", owner: "nlp" }, version: 4, gone });
    await writeTo(server, context);
    assert.deepEqual(server.kept.get("hf"), { data: { token }, version: 5 });
    assert.match(
      context.notices.join(),
      new RegExp(`was ${gone}: version 5 holds the token and no`),
    );
    assert.equal((await vault({ path: "hf" }).read(context))?.value, token);
  }
  // With its metadata, the secret is as if it had never been.
  server.kept.delete("hf");
  const context = sourceContext(envOf(server));
  await writeTo(server, context);
  assert.deepEqual([server.kept.get("hf")?.version, context.notices], [1, []]);
});

Deno.test("vault() overwrites nothing that somebody else wrote meanwhile", async () => {
  await using server = standInVault();
  const states = [
    { data: { token: "old" }, version: 4 },
    { data: null, version: 4, gone: "deleted" as const },
    undefined,
  ];
  for (const before of states) {
    if (before === undefined) server.kept.delete("hf");
    else server.kept.set("hf", before);
    const others = { data: { token: "theirs" }, version: 5 };
    server.answer = (request) => {
      if (request.method !== "GET") server.kept.set("hf", others);
      return undefined;
    };
    await assertRefused(
      writeTo(server),
      "source-changed",
      /meanwhile, and nothing was overwritten/,
    );
    assert.deepEqual(server.kept.get("hf"), others);
  }
});

Deno.test("vault() writes all fields where its policy does not allow to write one, unless that would change another", async () => {
  await using server = standInVault();
  server.denied.add("PATCH");
  server.kept.set("hf", { data: { token: "old", owner: "nlp", port: 8200 }, version: 1 });
  await writeTo(server);
  assert.deepEqual(server.kept.get("hf")?.data, { token, owner: "nlp", port: 8200 });
  const long = { token: "old", deep: [{ id: 2 ** 60 }] };
  server.kept.set("hf", { data: long, version: 1 });
  await assertRefused(writeTo(server), "source-denied", /not allow writing/, server.credential);
  assert.deepEqual(server.kept.get("hf"), { data: long, version: 1 });
  server.denied.add("POST");
  server.kept.set("hf", { data: { token: "old" }, version: 1 });
  await assertRefused(writeTo(server), "source-denied", /not allow writing/, server.credential);
  server.kept.delete("hf");
  await assertRefused(writeTo(server), "source-denied", /not allow writing/, server.credential);
});

Deno.test("vault() tells apart what Vault refuses when it is written to, and sends the token nowhere else", async (t) => {
  await using server = standInVault();
  const leaked: string[] = [];
  await using stranger = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      leaked.push(`${request.headers.get("x-vault-token")} ${await request.text()}`);
      return Response.json({});
    },
  );
  const elsewhere = `http://127.0.0.1:${stranger.addr.port}/`;
  const json = (status: number, ...errors: string[]) => () => Response.json({ errors }, { status });
  const rows: [string, SourceErrorCode, RegExp, () => Response | Promise<Response>][] = [
    ["sealed", "source-sealed", /unseal/, json(503, "Vault is sealed")],
    ["down for other reasons", "source-failed", /503/, json(503, "a plugin crashed")],
    ["throttled", "source-throttled", /wait a minute/, json(429, "request path kept limited")],
    ["behind", "source-failed", /not caught up/, json(412, "required index state not present")],
    ["disaster standby", "source-failed", /for disasters.*VAULT_ADDR/, json(472)],
    ["standby", "source-failed", /standby node.*VAULT_ADDR/, json(473)],
    ["bad request", "source-setup", /check mount/, json(400, `about ${token}`)],
    ["too old", "source-setup", /KV version 2/, json(405)],
    ["moved", "source-redirect", /redirects/, () => Response.redirect(elsewhere, 307)],
    ["moved for good", "source-redirect", /redirects/, () => Response.redirect(elsewhere, 308)],
  ];
  for (const [name, code, message, answer] of rows) {
    await t.step(name, async () => {
      server.kept.set("hf", { data: { token: "old" }, version: 1 });
      server.answer = (request) => request.method === "GET" ? undefined : answer();
      await assertRefused(writeTo(server), code, message, server.credential);
      assert.deepEqual(server.kept.get("hf")?.data, { token: "old" });
      if (code !== "source-setup" && code !== "source-redirect") {
        server.answer = answer;
        await assertRefused(
          vault({ path: "hf" }).read(sourceContext(envOf(server))),
          code,
          message,
          server.credential,
        );
      }
    });
  }
  await t.step("slow", async () => {
    const end = Promise.withResolvers<Response>();
    server.answer = (request) => request.method === "GET" ? undefined : end.promise;
    const write = writeTo(server, sourceContext(envOf(server)), 200);
    await assertRefused(write, "source-timeout", /within 0.2 s/, server.credential);
    end.resolve(new Response());
  });
  assert.deepEqual(leaked, []);
});

Deno.test("vault() refuses a namespace that is none, without repeating it", async () => {
  const env = {
    VAULT_ADDR: "https://v.example",
    VAULT_TOKEN: "hvs.abc",
    VAULT_NAMESPACE: `a\n${token}`,
  };
  const never = () => Promise.reject(new Error("asked the network"));
  const read = vault({ path: "hf" }).read(sourceContext(env, { fetch: never }));
  await assertRefused(read, "source-setup", /VAULT_NAMESPACE/);
});
