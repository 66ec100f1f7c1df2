import assert from "node:assert/strict";
import fc from "fast-check";
import { validateToken } from "../../src/secret/validate.ts";
import { fakeToken, fakeTokenWithDigits, randomText } from "../kit/tokens.ts";

const user = fakeToken(3);
const oauth = ["hf", "oauth", randomText(60, 4)].join("_");
const oidc = ["hf", "jwt", [5, 6, 7].map((seed) => randomText(40, seed)).join(".")].join("_");

Deno.test("validateToken() accepts each known sort without a notice", () => {
  const length = 37;
  assert.deepEqual(validateToken(user), { valid: true, kind: "user", length });
  assert.deepEqual(validateToken(fakeTokenWithDigits(3)), { valid: true, kind: "user", length });
  assert.deepEqual(validateToken(oauth), { valid: true, kind: "oauth", length: oauth.length });
  assert.deepEqual(validateToken(oidc), { valid: true, kind: "oidc", length: oidc.length });
});

Deno.test("validateToken() accepts another format from 20 characters on, with a notice", () => {
  for (const body of [randomText(17, 8), randomText(35, 8), randomText(33, 8) + "-"]) {
    const check = validateToken(["hf", body].join("_"));
    assert.ok(check.valid);
    assert.equal(check.kind, "unknown");
    assert.match(check.notice ?? "", /copied whole/);
  }
});

const REFUSED: readonly (readonly [string, string, string, RegExp])[] = [
  ["nothing", "", "empty", /is empty/],
  ["another prefix", "sk-" + randomText(40, 9), "prefix", /43 characters.*hf_/],
  ["a user name", "somebody", "prefix", /8 characters/],
  ["a retired organisation key", "api_org_" + randomText(34, 9), "retired", /retired/],
  [
    "a refresh token",
    ["hf", "oauth", "", "refresh", randomText(34, 9)].join("_"),
    "prefix",
    /renews/,
  ],
  ["too few characters", ["hf", randomText(16, 9)].join("_"), "length", /19 characters/],
  ["only the prefix", "hf_", "length", /3 characters/],
  ["too few OAuth characters", ["hf", "oauth", "abcd"].join("_"), "length", /OAuth/],
  ["a JWT of two parts", ["hf", "jwt", "abcdef.ghijkl"].join("_"), "parts", /three parts/],
  ["too many characters", ["hf", randomText(9000, 9)].join("_"), "length", /9003 characters/],
  ["zero-width space", insert("\u200b", 11), "character", /U\+200B \(zero-width space\) at 12$/],
  ["line feed", user + "\n", "character", /U\+000A \(line feed\) at 38$/],
  ["Cyrillic а", insert("\u0430", 3), "character", /U\+0430 at 4$/],
  ["a character beyond the BMP before", "\u{1d4d7}" + user, "character", /U\+1D4D7 at 1$/],
  ["an ellipsis, as pages shorten tokens", user.slice(0, 8) + "…", "character", /ellipsis/],
  ["two tokens", `${user},${user}`, "character", /U\+002C at 38$/],
];

function insert(text: string, at: number): string {
  return user.slice(0, at) + text + user.slice(at);
}

for (const [what, text, problem, reason] of REFUSED) {
  Deno.test(`validateToken() refuses ${what}`, () => {
    const check = validateToken(text);
    assert.ok(!check.valid);
    assert.equal(check.problem, problem);
    assert.match(check.reason, reason);
  });
}

Deno.test("validateToken() never repeats four characters of what it judges", () => {
  const prefixes = fc.constantFrom("", "hf_", "hf_oauth_", "hf_jwt_", "api_org_");
  // Digits and a letter no message contains, so that any repetition is one of the value.
  const bodies = fc.string({ unit: fc.constantFrom("Q", "X", "Z", "\u200b", "é"), minLength: 4 });
  fc.assert(fc.property(prefixes, bodies, (prefix, body) => {
    const said = JSON.stringify(validateToken(prefix + body));
    for (let at = 0; at + 4 <= body.length; at++) {
      assert.ok(!said.includes(body.slice(at, at + 4)));
    }
  }));
});

Deno.test("validateToken() accepts nothing that the runtime would refuse in a header", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (body) => {
    const text = `hf_${body}${"x".repeat(20)}`;
    if (validateToken(text).valid) new Headers({ authorization: `Bearer ${text}` });
  }));
});
