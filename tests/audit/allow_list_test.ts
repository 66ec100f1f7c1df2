import assert from "node:assert/strict";
import { checkEvent } from "../../src/audit/allow_list.ts";
import type { AuditEvent } from "../../src/audit/event.ts";
import { completeLine, draftRecord, GENESIS, MAX_LINE_BYTES } from "../../src/audit/record.ts";
import { fakeToken, fakeTokenWithDigits, randomText } from "../kit/tokens.ts";

const event = (fields: Record<string, unknown>) =>
  ({ event: "inference.end", outcome: "ok", ...fields }) as unknown as AuditEvent;

/** A value each field accepts, as long as it may be. */
const LONGEST: Record<string, string | number> = {
  source: "s".repeat(64),
  method: "m".repeat(64),
  reason: "r".repeat(64),
  fingerprint: "0".repeat(12),
  replaced: "f".repeat(12),
  kind: "k".repeat(32),
  notebook: `${'"\\'.repeat(96)}é.ipynb`,
  command: "hook run now",
  user: "a".repeat(16),
  id: crypto.randomUUID(),
  request_id: `R${"=".repeat(127)}`,
  "http.request.method": "POST",
  "http.response.status_code": 429,
  "server.address": "a".repeat(253),
  "server.port": 65535,
  "url.path": `/${"v".repeat(255)}`,
  "gen_ai.operation.name": "o".repeat(64),
  "gen_ai.provider.name": "p".repeat(64),
  "gen_ai.request.model": "m".repeat(200),
  "gen_ai.usage.input_tokens": 1e15,
  "gen_ai.usage.output_tokens": 1e15,
  "error.type": "e".repeat(64),
  attempts: 1e15,
  wait_ms: 1e15,
  duration_ms: 1e15,
  cost_usd: 999999999.999999,
  "limit.name": "n".repeat(96),
  "limit.max": 1e15,
  "limit.window_ms": 1e15,
  "limit.used": 1e15,
  subject: "a".repeat(64),
  until: "2026-01-02T03:04:05.678Z",
  failures: 1e15,
  files: 1e15,
  findings: 1e15,
  rule: "r".repeat(64),
  first: 1e15,
  last: 1e15,
  records: 1e15,
  head: "0".repeat(64),
  segment: "s".repeat(64),
  sha256: "0".repeat(64),
  bytes: 1e15,
  problems: 1e15,
  key_id: "0".repeat(12),
};

Deno.test("checkEvent lets every documented field through, and the longest line is one page", () => {
  const fields = checkEvent(event(LONGEST));
  assert.deepEqual(fields, { event: "inference.end", outcome: "ok", ...LONGEST });
  const head = { seq: 999_999_999_999, mac: GENESIS.mac };
  const { body } = draftRecord(fields, new Date().toISOString(), head);
  assert.ok(completeLine(body, GENESIS.mac).length <= MAX_LINE_BYTES);
});

for (
  const [field, value] of [
    ["source", "Please write a poem about my cat"],
    ["source", "ada@example.com"],
    ["source", "/home/ada/.cache/huggingface/token"],
    ["source", "s".repeat(65)],
    ["reason", 'TypeError: Invalid header value: "Bearer x"'],
    ["fingerprint", "0123456789ABCDEF"],
    ["fingerprint", "0123456789ab0"],
    ["user", "ada@example.com"],
    ["user", "ada"],
    ["notebook", "What is the capital of France?"],
    ["notebook", "../secret/a.ipynb"],
    ["notebook", "a\nb.ipynb"],
    ["notebook", "a\u2028b.ipynb"],
    ["notebook", "a.ipynb?token=1"],
    ["notebook", `${"n".repeat(200)}.ipynb`],
    ["command", "curl -H 'Authorization: x'"],
    ["id", "42"],
    ["request_id", "Root=1 Self=2"],
    ["request_id", "r".repeat(129)],
    ["http.request.method", "post it"],
    ["server.address", "user:pass@host"],
    ["url.path", "/v1/chat?q=prompt"],
    ["url.path", "/v1/chat#prompt"],
    ["url.path", "v1/chat"],
    ["url.path", "/v1/ada@example.com"],
    ["url.path", "/v1/%zz"],
    ["gen_ai.request.model", "https://x.example/?token=1"],
    ["gen_ai.request.model", "my model"],
    ["error.type", "You have exceeded your monthly included credits"],
    ["until", "tomorrow"],
    ["until", "2026-01-02T03:04:05+02:00"],
    ["head", "0".repeat(63)],
    ["source", true],
    ["source", ["a"]],
    ["source", { a: 1 }],
    ["attempts", "three"],
  ] as const
) {
  Deno.test(`checkEvent withholds ${field} when it is ${JSON.stringify(value).slice(0, 50)}`, () => {
    assert.equal(checkEvent(event({ [field]: value }))[field], "(withheld)");
  });
}

for (const value of [NaN, -1, Infinity, 1e16]) {
  Deno.test(`checkEvent leaves a count out when it is ${value}`, () => {
    assert.ok(!("attempts" in checkEvent(event({ attempts: value }))));
  });
}

Deno.test("checkEvent keeps of an absolute notebook path only the file's name", () => {
  for (
    const path of [
      "/home/ada/work/a b.ipynb",
      "C:\\Users\\ada\\a b.ipynb",
      "~/x/a b.ipynb",
      "\\\\h\\s\\a b.ipynb",
    ]
  ) {
    assert.equal(checkEvent(event({ notebook: path })).notebook, "a b.ipynb");
  }
  assert.equal(checkEvent(event({ notebook: "work/a.ipynb" })).notebook, "work/a.ipynb");
});

Deno.test("checkEvent refuses names that are not on the list, without repeating them", () => {
  const token = fakeToken();
  for (
    const bad of [
      { prompt: "x" },
      { body: "x" },
      { [token]: 1 },
      { event: token },
      { outcome: token },
      { event: "inference" },
      { event: "toString" },
      { ["__proto__x"]: 1 },
      { constructor: "x" },
    ]
  ) {
    assert.throws(() => checkEvent(event(bad)), (error: Error & { code?: string }) => {
      assert.equal(error.code, "audit-refused");
      assert.ok(!Deno.inspect(error).includes(token));
      return true;
    });
  }
});

Deno.test("checkEvent never lets a token into any field, whole, in part or encoded", () => {
  const tokens = [
    fakeToken(1),
    fakeTokenWithDigits(2),
    fakeToken(3).toUpperCase(),
    fakeToken(4).slice(0, 24),
    ["api", "org", randomText(34, 5)].join("_"),
    ["hf", "oauth", `${randomText(20, 6)}.${randomText(20, 7)}.${randomText(20, 8)}`].join("_"),
    ["hf", "jwt", randomText(60, 9)].join("_"),
  ];
  const encoded = tokens.map((token) =>
    `%${token.charCodeAt(0).toString(16)}${token.slice(1)}`.replace("_", "%5F")
  );
  for (const field of Object.keys(LONGEST)) {
    for (const token of [...tokens, ...encoded]) {
      for (
        const text of [token, `/${token}`, `x${token}`, `${token}.ipynb`, `a/${token}/b.ipynb`]
      ) {
        const written = JSON.stringify(checkEvent(event({ [field]: text })));
        assert.ok(!written.includes(token.slice(8, 20)), `${field} holds a part of a token`);
      }
    }
  }
});

Deno.test("checkEvent lets names through that only begin like a token", () => {
  for (const model of ["acme/hf_seq2seq", "acme/hf_mistral_7b_instruct_v2"]) {
    assert.equal(
      checkEvent(event({ "gen_ai.request.model": model }))["gen_ai.request.model"],
      model,
    );
  }
});
