import assert from "node:assert/strict";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { fakeToken } from "../kit/tokens.ts";
import { needs } from "../kit/programs.ts";

Deno.test({
  ...needs("fingerprint() equals what sha256sum prints for the token", "sh", "sha256sum", "cut"),
  async fn() {
    const token = fakeToken(7);
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", `printf %s "$HF_TOKEN" | sha256sum | cut -c1-12`],
      env: { HF_TOKEN: token },
    }).output();
    assert.equal(fingerprint(token), new TextDecoder().decode(stdout).trim());
  },
});

Deno.test("fingerprint() of the empty text is the beginning of SHA-256's published value", () => {
  assert.equal(fingerprint(""), "e3b0c44298fc"); // FIPS 180-4, empty message
});
