import assert from "node:assert/strict";
import { TokenError } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import { revokeTokens } from "../../src/token/revoke.ts";
import { recordedAudit } from "../kit/person.ts";
import { fakeToken } from "../kit/tokens.ts";

const leaked = [new Secret(fakeToken(80)), new Secret(fakeToken(81))];

Deno.test("revokeTokens() names the tokens to the Hub alone, over a real socket, and records their fingerprints", async () => {
  const seen: unknown[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      seen.push(`${request.method} ${new URL(request.url).pathname}`, await request.json());
      return new Response(null, { status: 202 });
    },
  );
  const audit = recordedAudit();
  const env = (name: string) =>
    name === "HF_ENDPOINT" ? `http://127.0.0.1:${server.addr.port}` : undefined;
  assert.deepEqual(await revokeTokens(leaked, { audit, env }), leaked.map((t) => t.fingerprint));
  assert.deepEqual(seen, [
    "POST /api/credentials/revoke",
    { credentials: [fakeToken(80), fakeToken(81)] },
  ]);
  assert.deepEqual(audit.events.map(({ event, outcome }) => `${event} ${outcome}`), [
    "token.revoke ok",
    "token.revoke ok",
  ]);
});

Deno.test("revokeTokens() does not say revoked when the Hub did not take them", async () => {
  const audit = recordedAudit();
  const fetch = () => Promise.resolve(new Response(null, { status: 500 }));
  await assert.rejects(revokeTokens(leaked, { audit, fetch, env: () => undefined }), (error) => {
    assert.ok(error instanceof TokenError);
    assert.match(error.message, /may be good still/);
    return true;
  });
  assert.ok(audit.events.every(({ outcome }) => outcome === "failed"));
});
