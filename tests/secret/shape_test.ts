import assert from "node:assert/strict";
import { searchTokens, TOKEN_SHAPES, tokenShape } from "../../src/secret/shape.ts";
import { fakeToken, fakeTokenWithDigits, randomText } from "../kit/tokens.ts";

const LETTERS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** One fake token of each shape. */
function fakeOfEachShape(): string[] {
  return TOKEN_SHAPES.map(({ prefix, body }, i) => {
    if (typeof body === "number") return prefix + randomText(body, 40 + i);
    const part = (n: number, seed: number) => randomText(n, seed, LETTERS_AND_DIGITS);
    return prefix + [part(24, 50 + i), part(60, 60 + i), part(43, 70 + i)].join(".");
  });
}

const levels = (text: string, notes = false) =>
  searchTokens(text, { notes }).map(({ level }) => level);

Deno.test("tokenShape() names the kind of each shape and of nothing longer or shorter", () => {
  for (const [i, token] of fakeOfEachShape().entries()) {
    assert.equal(tokenShape(token)?.kind, TOKEN_SHAPES[i]!.kind);
    assert.equal(tokenShape(` ${token}`), undefined);
    assert.equal(tokenShape(`${token}.`), undefined);
  }
  assert.equal(tokenShape(fakeToken().slice(0, -1)), undefined);
  assert.equal(tokenShape(`${fakeToken()}a`), undefined);
});

Deno.test("searchTokens() finds each shape wherever it stands, with no boundary on its left", () => {
  for (const token of fakeOfEachShape()) {
    for (
      const [left, right] of [["", ""], ["x", " "], ["_", "_"], ['"', '"'], ["m", "-"], [
        "hf_",
        "\n",
      ]]
    ) {
      const matches = searchTokens(left + token + right);
      assert.equal(matches.length, 1);
      const { start, level } = matches[0]!;
      assert.deepEqual({ start, level }, { start: left!.length, level: "token" });
    }
  }
  const two = searchTokens(`${fakeToken(1)} ${fakeTokenWithDigits(2)}`);
  assert.deepEqual(two.map(({ start, end }) => [start, end]), [[0, 37], [38, 75]]);
});

Deno.test("searchTokens() calls a token of a wrong length or an unlikely body suspect", () => {
  const suspects = [
    fakeToken().slice(0, -1),
    `${fakeToken()}ab`,
    "hf_" + ALPHABET.slice(0, 34),
    "hf_" + randomText(34, 3, "bcdfghjklmnpqrstvwxz"),
    "hf_" + randomText(30, 4),
    "hf_" + randomText(64, 5),
  ];
  for (const text of suspects) {
    assert.deepEqual(levels(` ${text} `), ["suspect"]);
    for (const edge of ["a", "_", "-"]) assert.deepEqual(levels(`${edge}${text} `), []);
  }
  assert.deepEqual(levels("hf_" + randomText(29, 6)), []);
  assert.deepEqual(levels("hf_" + randomText(65, 7)), []);
});

Deno.test("searchTokens() passes placeholders, identifiers and hexadecimal, and lists the long ones on request", () => {
  const long = [
    "hf_" + "x".repeat(34),
    "hf_" + "xX".repeat(17),
    "hf_" + "YourHuggingFaceAccessTokenGoesHere",
    "hf_" + "0123456789abcdef".repeat(2) + "a1",
    "hf_" + "modelconfigurationforsequenceclassification",
    "hf_" + "HubCITokenXXXXXXXXXXXXXXXXXXXXX",
    "api_org_" + "X".repeat(34),
    "hf_" + randomText(65, 7),
  ];
  for (const text of long) {
    assert.deepEqual(levels(text), [], text);
    assert.deepEqual(levels(text, true), ["note"], text);
  }
  const short = [
    "hf_...",
    "hf_***",
    "hf_xxx",
    "hf_token",
    "hf_your_token_here",
    "hf_hub_download",
    "hf_oauth: true",
    "hf_oauth_scopes",
    "hf_oauth_expiration_minutes",
    "hf_jwt_debug",
    "hf_s3_client",
    "hf_oauth_config",
    "hf_s3_client_factory_of_tests.create_multipart_upload.return_value_for_tests",
    "hf_kept_by_hushbook",
  ];
  for (const text of short) assert.deepEqual(levels(text, true), [], text);
});

Deno.test("searchTokens() sees a JSON web token however long its parts are", () => {
  const header = btoa('{"alg":"EdDSA"}').replaceAll("=", "");
  const text = `hf_oauth_${header}.${randomText(20_000, 8)}.${randomText(86, 9)}`;
  assert.deepEqual(searchTokens(`${text}, `).map(({ start, end }) => [start, end]), [[
    0,
    text.length,
  ]]);
});
