import assert from "node:assert/strict";
import { AuditError, SourceError, TokenError, UsageError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { rotateToken } from "../../src/token/rotate.ts";
import { vault } from "../../src/token/vault.ts";
import { recordedAudit } from "../kit/person.ts";
import { standInVault } from "../kit/stand_in_vault.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const [old, next] = [fakeToken(78), fakeToken(79)];

Deno.test("rotateToken() replaces the token where it is kept, after both were checked, and records both", async () => {
  await using server = standInVault();
  using temporary = temporaryFolder();
  server.kept.set("hf", { data: { token: old, owner: "nlp" }, version: 1 });
  const variables: Record<string, string> = {
    VAULT_ADDR: server.address,
    VAULT_TOKEN: server.credential,
  };
  const audit = recordedAudit();
  const checked: string[] = [];
  const notices: string[] = [];
  const options = {
    home: vault({ path: "hf" }),
    env: (name: string) => variables[name],
    folder: temporary.path,
    audit,
    onNotice: (notice: string) => void notices.push(notice),
  };
  const rotated = await rotateToken(next, {
    ...options,
    check: (secret) => {
      checked.push(secret.fingerprint);
      return secret.fingerprint === fingerprint(old)
        ? Promise.reject(new TokenError("token-refused", "Cannot use the token"))
        : Promise.resolve({});
    },
  });
  assert.deepEqual(rotated, {
    path: "secret/hf",
    mode: undefined,
    fingerprint: fingerprint(next),
    replaced: fingerprint(old),
    revokeUrl: "https://huggingface.co/settings/tokens",
  });
  assert.deepEqual(checked, [fingerprint(next), fingerprint(old)]);
  assert.match(notices.join(), /revoked or expired already/);
  assert.deepEqual(server.kept.get("hf")?.data, { token: next, owner: "nlp" });
  const about = {
    event: "token.rotate",
    source: "vault",
    fingerprint: fingerprint(next),
    replaced: fingerprint(old),
  };
  assert.deepEqual(audit.events, [{ ...about, outcome: "started" }, { ...about, outcome: "ok" }]);
  await assert.rejects(rotateToken(next, options), UsageError);
});

Deno.test("rotateToken() leaves the old token at home when the new one is refused or cannot be written", async () => {
  await using server = standInVault();
  using temporary = temporaryFolder();
  server.kept.set("hf", { data: { token: old }, version: 1 });
  const variables: Record<string, string> = {
    VAULT_ADDR: server.address,
    VAULT_TOKEN: server.credential,
  };
  const audit = recordedAudit();
  const options = {
    home: vault({ path: "hf" }),
    env: (name: string) => variables[name],
    folder: temporary.path,
    audit,
  };
  const check = () => Promise.reject(new TokenError("token-refused", "Cannot use the token"));
  await assert.rejects(rotateToken(next, { ...options, check }), TokenError);
  server.answer = (request) =>
    request.method === "GET" ? undefined : Response.json({ errors: [] }, { status: 403 });
  await assert.rejects(rotateToken(next, { ...options, check: false }), SourceError);
  assert.deepEqual(server.kept.get("hf")?.data, { token: old });
  assert.deepEqual(audit.events.map(({ outcome, reason }) => `${outcome} ${reason}`), [
    "failed token-refused",
    "started undefined",
    "failed source-denied",
  ]);
});

Deno.test("rotateToken() refuses a home that is only read", async () => {
  const home = { name: "fixed", read: () => Promise.resolve(null) };
  await assert.rejects(rotateToken(next, { home, audit: false }), /fixed is only read/);
});

Deno.test("rotateToken() repeats nothing of what a home of the user's own throws", async () => {
  const found = { value: old, where: "here" };
  const fail = (token: string) => () => {
    throw new Error(`PUT https://vault/?token=${token}`, { cause: { token } });
  };
  const audit = recordedAudit();
  for (
    const home of [
      { name: "own", read: fail(old), write: fail(next) },
      { name: "own", read: () => Promise.resolve(found), write: fail(next) },
    ]
  ) {
    await assert.rejects(rotateToken(next, { home, audit, check: false }), (error) => {
      const shown = Deno.inspect(error, { depth: 9 }) + (error as Error).stack;
      assert.ok(!shown.includes(old) && !shown.includes(next), "the token is in the error");
      assert.match((error as Error).message, /Cannot (?:read|write) the token .+ source own/);
      return true;
    });
  }
});

Deno.test("rotateToken() puts a new token where the old one was deleted", async () => {
  await using server = standInVault();
  server.kept.set("hf", { data: { token: old }, version: 2, gone: "deleted" });
  const variables: Record<string, string> = {
    VAULT_ADDR: server.address,
    VAULT_TOKEN: server.credential,
  };
  const audit = recordedAudit();
  const notices: string[] = [];
  const rotated = await rotateToken(next, {
    home: vault({ path: "hf" }),
    env: (name) => variables[name],
    audit,
    check: false,
    onNotice: (notice) => void notices.push(notice),
  });
  assert.equal(rotated.replaced, undefined);
  assert.match(notices.join(), /secret\/hf in Vault was deleted: version 3 holds the token/);
  assert.deepEqual(server.kept.get("hf"), { data: { token: next }, version: 3 });
  assert.deepEqual(audit.events.map(({ outcome, replaced }) => [outcome, replaced]), [
    ["started", undefined],
    ["ok", undefined],
  ]);
});

Deno.test("rotateToken() looks where the token is when the answer to the writing was lost", async () => {
  await using server = standInVault();
  const variables: Record<string, string> = {
    VAULT_ADDR: server.address,
    VAULT_TOKEN: server.credential,
  };
  const rotate = async (during: () => void) => {
    server.kept.set("hf", { data: { token: old }, version: 1 });
    let written = false;
    server.answer = (request) => {
      if (written && server.kept.size === 0) return Response.json({ errors: [] }, { status: 500 });
      if (request.method === "GET") return undefined;
      written = true;
      during();
      return Response.json({ errors: [] }, { status: 502 });
    };
    const notices: string[] = [];
    const env = (name: string) => variables[name];
    const onNotice = (notice: string) => void notices.push(notice);
    const home = vault({ path: "hf" });
    const done = await rotateToken(next, { home, env, audit: false, check: false, onNotice });
    return { done, notices };
  };
  const arrived = () => void server.kept.set("hf", { data: { token: next }, version: 2 });
  const { done, notices } = await rotate(arrived);
  assert.equal(done.replaced, fingerprint(old));
  assert.match(notices.join(), /new token is in vault, although it said: .*502/);
  await assert.rejects(rotate(() => {}), { code: "source-failed" });
  const unknown = { code: "token-unreadable", message: /Revoke neither token before.*502/ };
  await assert.rejects(rotate(() => server.kept.clear()), unknown);
  const other = { data: { token: fakeToken(162) }, version: 3 };
  await assert.rejects(rotate(() => void server.kept.set("hf", other)), unknown);
});

Deno.test("rotateToken() writes nothing when that cannot be recorded", async () => {
  let written = 0;
  const home = {
    name: "own",
    read: () => Promise.resolve({ value: old, where: "here" }),
    write: () => Promise.resolve({ where: `${written++}` }),
  };
  const audit = {
    append: () => Promise.reject(new AuditError("audit-unwritable", "Cannot record")),
  };
  await assert.rejects(rotateToken(next, { home, audit, check: false }), AuditError);
  assert.equal(written, 0);
});
