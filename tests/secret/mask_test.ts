import assert from "node:assert/strict";
import { maskTokens } from "../../src/secret/mask.ts";
import { fakeToken } from "../kit/tokens.ts";

Deno.test("maskTokens replaces every token and nothing else", () => {
  const text = `a/${fakeToken(1)}/hf_hub_download ${fakeToken(2)}.ipynb`;
  assert.equal(maskTokens(text), "a/…/hf_hub_download ….ipynb");
  assert.equal(maskTokens(text, "hf_REDACTED").includes(fakeToken(2)), false);
  assert.equal(maskTokens("plain"), "plain");
});
