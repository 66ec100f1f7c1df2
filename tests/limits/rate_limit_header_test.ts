import assert from "node:assert/strict";
import fc from "fast-check";
import { readQuotas } from "../../src/limits/rate_limit_header.ts";

const rows: { field?: string; policy?: string; quotas: unknown[] }[] = [
  { quotas: [] },
  { field: '"api";r=499;t=241', quotas: [{ name: "api", remaining: 499, resetMs: 241_000 }] },
  { field: '"api";r=0', quotas: [{ name: "api", remaining: 0 }] },
  { field: '"api" ; r=1 ;t=2', quotas: [{ name: "api", remaining: 1, resetMs: 2000 }] },
  { field: "api;r=1;t=2", quotas: [{ name: "api", remaining: 1, resetMs: 2000 }] },
  { field: '"a,b;c\\"d";r=3;t=4', quotas: [{ name: 'a,b;c"d', remaining: 3, resetMs: 4000 }] },
  {
    field: '"api";r=1;t=2;pk=:cHsdsRa894==:',
    quotas: [{ name: "api", remaining: 1, resetMs: 2000 }],
  },
  { field: '"api";R=1;T=2', quotas: [{ name: "api", remaining: 1, resetMs: 2000 }] },
  {
    field: '"burst";r=0;t=5, "day";r=90;t=9000',
    quotas: [
      { name: "burst", remaining: 0, resetMs: 5000 },
      { name: "day", remaining: 90, resetMs: 9_000_000 },
    ],
  },
  {
    field: '"api";r=12;t=30',
    policy: '"fixed window";"api";q=1000;w=300',
    quotas: [{ name: "api", remaining: 12, resetMs: 30_000, quota: 1000, windowMs: 300_000 }],
  },
  {
    policy: '"burst";q=100;w=60;qu="content-bytes","conc";q=5;qu="concurrent-requests"',
    quotas: [
      { name: "burst", quota: 100, windowMs: 60_000, unit: "content-bytes" },
      { name: "conc", quota: 5, unit: "concurrent-requests" },
    ],
  },
  // Nonsense is skipped, member by member.
  { field: '"api";r=-1;t=2', quotas: [] },
  { field: '"api";r=1.5;t=2', quotas: [] },
  { field: '"api";r=99999999999999999;t=2', quotas: [] },
  { field: '"api";t=2', quotas: [] },
  { field: '"api";r=1;t=soon', quotas: [{ name: "api", remaining: 1 }] },
  { field: "r=1;t=2", quotas: [] },
  { field: '"api', quotas: [] },
  { field: ",,;;=,", quotas: [] },
  { field: '"bad";r=x, "good";r=7', quotas: [{ name: "good", remaining: 7 }] },
  { policy: '"api";w=60', quotas: [] },
];

for (const { field, policy, quotas } of rows) {
  Deno.test(`readQuotas() reads ${field ?? "no RateLimit"} with ${policy ?? "no policy"}`, () => {
    const headers = new Headers();
    if (field !== undefined) headers.set("RateLimit", field);
    if (policy !== undefined) headers.set("RateLimit-Policy", policy);
    assert.deepEqual(readQuotas(headers), quotas);
  });
}

Deno.test("readQuotas() joins repeated header lines", () => {
  const headers = new Headers();
  headers.append("RateLimit", '"a";r=1');
  headers.append("RateLimit", '"b";r=2');
  assert.deepEqual(readQuotas(headers).map(({ name }) => name), ["a", "b"]);
});

Deno.test("readQuotas() never throws and names only sensible numbers when given any text", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."\"';,=\\ rtqw0123456789-.:*abc"),
    maxLength: 60,
  });
  fc.assert(fc.property(text, text, (field, policy) => {
    const headers = new Headers({ RateLimit: field, "RateLimit-Policy": policy });
    for (const { remaining, resetMs, quota, windowMs } of readQuotas(headers)) {
      for (const value of [remaining, resetMs, quota, windowMs]) {
        assert.ok(value === undefined || (Number.isSafeInteger(value) && value >= 0));
      }
    }
  }));
});

Deno.test("readQuotas() returns what was written when any list is serialised", () => {
  const quota = fc.record({
    name: fc.string({ unit: fc.constantFrom(...'ab ",;=\\'), minLength: 1, maxLength: 6 }),
    remaining: fc.nat(),
    reset: fc.nat(100_000),
  });
  const list = fc.uniqueArray(quota, { selector: ({ name }) => name, maxLength: 4 });
  fc.assert(fc.property(list, (quotas) => {
    const quoted = (text: string) => `"${text.replace(/[\\"]/g, "\\$&")}"`;
    const field = quotas.map((q) => `${quoted(q.name)};r=${q.remaining};t=${q.reset}`).join(", ");
    assert.deepEqual(
      readQuotas(new Headers({ RateLimit: field })),
      quotas.map((q) => ({ name: q.name, remaining: q.remaining, resetMs: q.reset * 1000 })),
    );
  }));
});
