import assert from "node:assert/strict";
import { ConfigError } from "../../src/errors.ts";
import { AllowList, parseAllow } from "../../src/notebook/allow.ts";
import { fakeToken } from "../kit/tokens.ts";

const A = "0a1b2c3d4e5f", B = "1f0c9a4b7d3e", C = "9b2d60a1c8f4";
const NOON = Date.UTC(2027, 2, 31, 12);

Deno.test("parseAllow() reads fingerprint, pattern, expiry and reason", () => {
  const text = `\ufeff# why not\r\n\r\n${A}  docs/a.ipynb   made up for the tutorial\r\n` +
    `${B}\t"old work/**"  until=2027-03-31 revoked\n${C} *.md x`;
  assert.deepEqual(parseAllow(text), [
    { fingerprint: A, pattern: "docs/a.ipynb", reason: "made up for the tutorial", line: 3 },
    { fingerprint: B, pattern: "old work/**", reason: "revoked", until: "2027-03-31", line: 4 },
    { fingerprint: C, pattern: "*.md", reason: "x", line: 5 },
  ]);
  assert.deepEqual(parseAllow(""), []);
});

Deno.test("parseAllow() refuses a line that is no entry, saying which and what to do", () => {
  const token = fakeToken();
  const cases: [string, RegExp][] = [
    [`\nnonsense here now`, /line 2: it does not begin with a fingerprint/],
    [`${A.toUpperCase()} a b`, /line 1: it does not begin with a fingerprint/],
    [`${A}`, /line 1: it has no reason/],
    [`${A} docs/a.ipynb`, /line 1: it has no reason/],
    [`${A} "docs/a.ipynb reason`, /line 1: it is not a fingerprint, a path pattern/],
    [`${A} x until=2027-02-28`, /line 1: its last day would count as the reason/],
    [`${A} x until: 2027-02-28 why`, /line 1: its last day would count as the reason/],
    [`${A} x until 2027-02-28 why`, /line 1: its last day would count as the reason/],
    [`${A} x expires=2027-02-28 why`, /line 1: its last day would count as the reason/],
    [`${A} x until=soon why`, /line 1: its until= is no day; write it as YYYY-MM-DD/],
    [`${A} x until=2027-02-30 why`, /line 1: its until= is no day/],
    [`${B} x why\n\n${A} x why`, /line 3: it is out of order; move it before line 1/],
    [`${A} x why\n${A} x because`, /line 2: it is the same as line 1/],
    [`# ${token}`, /line 1: it holds a token; write its fingerprint instead/],
    [`${token} x why`, /line 1: it holds a token/],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseAllow(text, "a/.hushbook-allow"), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, message);
      assert.match(error.message, /^Cannot use the list in a\/\.hushbook-allow: line /);
      assert.ok(!error.message.includes(token.slice(3, 20)));
      return true;
    });
  }
});

Deno.test("AllowList allows a fingerprint only where its pattern matches, and until its day is over", () => {
  const entries = parseAllow(
    `${A} docs/** why\n${B} a.ipynb until=2027-03-31 why\n${C} a.ipynb until=2027-03-30 why\n`,
  );
  const list = new AllowList(entries, { now: NOON });
  const finding = (fingerprint: string) => ({ fingerprint, path: "a.ipynb" });
  assert.equal(list.allows(finding(A), "docs/x/y.ipynb"), true);
  assert.equal(list.allows(finding(A), "src/x.ipynb"), false);
  assert.equal(list.allows(finding(B), "deep/a.ipynb"), true);
  assert.equal(list.allows(finding(B)), true);
  assert.equal(list.allows(finding(C)), false);
  assert.equal(list.allows(finding("000000000000")), false);
  assert.deepEqual(list.expired.map(({ line }) => line), [3]);
});

Deno.test("AllowList tells which entries were of no use, among those whose files were searched", () => {
  const entries = parseAllow(`${A} docs/** why\n${B} a.ipynb why\n${C} b.ipynb why\n`);
  const list = new AllowList(entries, { now: NOON });
  list.allows({ fingerprint: B, path: "a.ipynb" });
  const unused = (searched: string[] | "everything") =>
    list.unused(searched).map(({ fingerprint }) => fingerprint);
  assert.deepEqual(unused("everything"), [A, C]);
  assert.deepEqual(unused(["b.ipynb", "a.ipynb"]), [C]);
  assert.deepEqual(unused([]), []);
});
