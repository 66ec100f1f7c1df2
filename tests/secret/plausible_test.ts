import assert from "node:assert/strict";
import { looksEncoded, looksRandom, looksSuspect } from "../../src/secret/plausible.ts";
import { randomText } from "../kit/tokens.ts";

Deno.test("looksRandom() accepts nearly every random body", () => {
  let refused = 0;
  for (let seed = 0; seed < 20_000; seed++) if (!looksRandom(randomText(34, seed))) refused++;
  // Measured over 1,000,000: 5 in 100,000. A seeded sample cannot flake.
  assert.ok(refused <= 6, `${refused} refused`);
});

Deno.test("next to no random body is neither taken for random nor suspected", () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  let passed = 0;
  for (let seed = 0; seed < 60_000; seed++) {
    const body = randomText(34, seed, seed % 2 === 0 ? letters : `${letters}0123456789`);
    if (!looksRandom(body) && !looksSuspect(body)) passed++;
  }
  // Measured over 1,000,000: fewer than 2 in 100,000. A seeded sample cannot flake.
  assert.ok(passed <= 2, `${passed} passed`);
});

Deno.test("looksRandom() refuses words, placeholders, hexadecimal and runs of the alphabet", () => {
  for (
    const body of [
      "x".repeat(34),
      "abcdefghijklmnopqrstuvwxyzABCDEFGH",
      "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvuts",
      "YourHuggingFaceAccessTokenGoesHere",
      "0123456789abcdef0123456789abcdef01",
      "AutoModelForSequenceClassification",
      "INFERENCEENDPOINTCONFIGURATIONNAME",
      "PutYourOwnHfApiKeyHereForThisSpace",
      "MyFakeUserApiTokenToBeReplacedXyzQ",
      "ReplaceThisWITHYourTOKENForTheHUBx",
    ]
  ) assert.equal(looksRandom(body), false, body);
});

Deno.test("looksSuspect() accepts made-up bodies and refuses placeholders, words and hexadecimal", () => {
  assert.equal(looksSuspect("abcdefghijklmnopqrstuvwxyzABCDEFGH"), true);
  assert.equal(looksSuspect(randomText(34, 1, "bcdfghjklmnpqrstvwxz")), true);
  for (
    const body of [
      "x".repeat(34),
      "abcdefg".repeat(5),
      "abcdefghijklmnopqrstuvwxyzXXXXXX",
      "deadbeef0123456789DEADBEEF01234567",
      "yourhuggingfaceaccesstokengoeshere",
    ]
  ) assert.equal(looksSuspect(body), false, body);
});

Deno.test("looksEncoded() tells a JSON web token from an attribute chain", () => {
  const header = btoa('{"alg":"EdDSA"}').replaceAll("=", "");
  assert.equal(looksEncoded([header, randomText(18, 1), randomText(86, 2)]), true);
  assert.equal(looksEncoded([randomText(20, 3), randomText(18, 4), randomText(30, 5)]), true);
  assert.equal(
    looksEncoded(["client_factory_one", "create_multipart_upload", "return_value_here"]),
    false,
  );
  assert.equal(looksEncoded(["short", randomText(18, 4), randomText(30, 5)]), false);
});
