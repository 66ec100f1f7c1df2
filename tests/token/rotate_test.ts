import assert from "node:assert/strict";
import { TokenError, UsageError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import type { Secret } from "../../src/secret/secret.ts";
import { rotateToken } from "../../src/token/rotate.ts";
import { saveToken } from "../../src/token/save.ts";
import { openStore } from "../../src/token/store.ts";
import { countingLockout, recordedAudit, scriptedPerson } from "../kit/person.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const old = fakeToken(41), next = fakeToken(42);
const PASSPHRASE = "correct horse battery";

/** A Hub that knows one token. */
function hub(status: number, body: unknown, seen: Request[] = []): typeof globalThis.fetch {
  return (input, init) => {
    seen.push(new Request(input, init));
    return Promise.resolve(Response.json(body, { status }));
  };
}

const WHOAMI = {
  type: "user",
  name: "somebody",
  auth: { accessToken: { role: "read", createdAt: "2026-01-02T03:04:05.000Z" } },
};

Deno.test("rotateToken() checks the new token, then replaces the old one, and says where to revoke that", async () => {
  using folder = temporaryFolder();
  const audit = recordedAudit();
  const where = { folder: folder.path, audit, lockout: countingLockout(), env: () => undefined };
  await saveToken(old, { ...where, passphrase: PASSPHRASE });
  const seen: Request[] = [];
  const person = scriptedPerson("mistyped", PASSPHRASE);
  const rotated = await rotateToken(next, { ...where, fetch: hub(200, WHOAMI, seen), person });
  assert.equal(seen[0]?.url, "https://huggingface.co/api/whoami-v2");
  assert.equal(seen[0]?.headers.get("authorization"), `Bearer ${next}`);
  assert.deepEqual(rotated, {
    path: `${folder.path}/token.jwe`,
    mode: "passphrase",
    fingerprint: fingerprint(next),
    replaced: fingerprint(old),
    revokeUrl: "https://huggingface.co/settings/tokens",
  });
  const opened = await openStore({ ...where, passphrase: PASSPHRASE });
  assert.deepEqual(opened?.content, { token: next, createdAt: Date.UTC(2026, 0, 2, 3, 4, 5) });
  assert.deepEqual(audit.events.at(-1), {
    event: "token.rotate",
    outcome: "ok",
    method: "passphrase",
    source: "store",
    fingerprint: fingerprint(next),
    replaced: fingerprint(old),
  });
});

Deno.test("rotateToken() leaves the old token when the new one is no good or cannot be checked", async () => {
  using folder = temporaryFolder();
  const audit = recordedAudit();
  const where = { folder: folder.path, audit, env: () => undefined };
  await saveToken(old, where);
  const before = await Deno.readTextFile(`${folder.path}/token.jwe`);
  const offline: typeof globalThis.fetch = () => Promise.reject(new TypeError(`Bearer ${next}`));
  const REFUSALS: readonly (readonly [typeof globalThis.fetch, string])[] = [
    [hub(401, { error: "Invalid username or password." }), "token-refused"],
    [hub(403, {}), "token-unchecked"],
    [hub(429, {}), "token-unchecked"],
    [hub(503, {}), "token-unchecked"],
    [hub(200, "not what was asked"), "token-unchecked"],
    [offline, "token-unchecked"],
  ];
  for (const [fetch, code] of REFUSALS) {
    await assert.rejects(
      rotateToken(next, { ...where, fetch }),
      (error: unknown) =>
        error instanceof TokenError && error.code === code && !Deno.inspect(error).includes(next),
    );
    assert.equal(audit.events.at(-1)?.reason, code);
  }
  const check = (_: Secret) => Promise.reject(new RangeError("too much power"));
  await assert.rejects(rotateToken(next, { ...where, check }), RangeError);
  await assert.rejects(rotateToken("hf_short", { ...where, check: false }), TokenError);
  await assert.rejects(rotateToken(old, { ...where, check: false }), UsageError);
  assert.equal(await Deno.readTextFile(`${folder.path}/token.jwe`), before);
});

Deno.test("rotateToken() leaves the old token when the passphrase is wrong", async () => {
  using folder = temporaryFolder();
  const lockout = countingLockout();
  const where = { folder: folder.path, audit: false as const, lockout, check: false as const };
  await saveToken(old, { ...where, passphrase: PASSPHRASE });
  await assert.rejects(rotateToken(next, { ...where, passphrase: "mistyped" }), {
    code: "store-passphrase",
  });
  await assert.rejects(rotateToken(next, { ...where, person: null }), {
    code: "prompt-unavailable",
  });
  assert.equal((await openStore({ ...where, passphrase: PASSPHRASE }))?.content.token, old);
});

Deno.test("rotateToken() refuses when nothing is stored, or another process rotates meanwhile", async () => {
  using folder = temporaryFolder();
  const where = { folder: folder.path, audit: false as const };
  await assert.rejects(rotateToken(next, { ...where, check: false }), { code: "store-missing" });
  await saveToken(old, where);
  const check = async () => {
    await saveToken(fakeToken(43), where);
    return {};
  };
  await assert.rejects(rotateToken(next, { ...where, check }), { code: "store-changed" });
  assert.equal((await openStore(where))?.content.token, fakeToken(43));
});
