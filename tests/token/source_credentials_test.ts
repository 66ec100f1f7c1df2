/** The credential of a source itself, in a real notebook kernel. */

import assert from "node:assert/strict";
import { MASKED } from "../../src/kernel/mask/secrets.ts";
import { MOD_URL, sharedKernel } from "../kit/kernel.ts";
import { leaks } from "../kit/leaks.ts";
import { standInVault } from "../kit/stand_in_vault.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const home = temporaryFolder();
const vault = standInVault();
const kernel = sharedKernel({
  env: {
    HUSHBOOK_HOME: `${home.path}/state`,
    HF_TOKEN: "",
    VAULT_ADDR: vault.address,
    VAULT_TOKEN: vault.credential,
  },
});
Deno.test.afterAll(async () => {
  await vault[Symbol.asyncDispose]();
  home[Symbol.dispose]();
});

Deno.test("a cell that prints Vault's own token shows it no more after loadToken()", async () => {
  const token = fakeToken(163);
  vault.kept.set("hf", { data: { token }, version: 1 });
  const messages: unknown[] = [];
  const cell = `{
    const { loadToken, vault } = await import("${MOD_URL}");
    await loadToken({ order: [vault({ path: "hf" })], person: null });
    const seen = Deno.env.get("VAULT_TOKEN");
    console.log(seen, [seen], JSON.stringify({ seen }));
    new Error(seen).stack;
  }`;
  const result = await kernel().execute(cell, {
    input: () => null,
    onMessage: (message) => void messages.push(message.content),
  });
  assert.equal(result.status, "ok", JSON.stringify(result.error));
  const shown = JSON.stringify([messages, result.outputs]);
  for (const secret of [vault.credential, token]) assert.ok(!leaks(shown, secret), "it is shown");
  assert.ok(shown.split(MASKED).length > 4, "it was printed, and masked");
});
