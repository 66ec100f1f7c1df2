/** Everything hushbook leaves behind in the life of a token, searched for the token. */

import assert from "node:assert/strict";
import { sharedKernel } from "../kit/kernel.ts";
import { MOD_URL } from "../kit/kernel.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const one = fakeToken(101), two = fakeToken(102);
const PASSPHRASE = "zyxw vuts rqpo nmlk";
const home = temporaryFolder();
const state = `${home.path}/state`;
const kernel = sharedKernel({
  env: {
    HUSHBOOK_HOME: state,
    HF_TOKEN_PATH: `${home.path}/token`,
    ONE: one,
    TWO: two,
    PASSPHRASE,
  },
});
Deno.test.afterAll(() => home[Symbol.dispose]());

/** The life of a token, mishaps included; each step may fail, and its failure is kept. */
const LIFE: readonly string[] = [
  `saveToken(one, { passphrase })`,
  `saveToken(one + one, { passphrase: "x" })`,
  `load({ passphrase: passphrase + "!" })`,
  `load({ passphrase })`,
  `load({ token: one + "\\u200b\\n" + two })`,
  `load({ token: "Bearer " + two })`,
  `load({ folder, env: (name) => ({ HF_TOKEN: one + "…" })[name] })`,
  `load({ folder, env: (name) => ({ HF_TOKEN: one, HUGGINGFACE_TOKEN: two })[name] }).then((loaded) => loaded.secret.reveal().length)`,
  `explainToken({ folder, env: (name) => ({ HF_TOKEN: one, HUGGINGFACE_TOKEN: two + one })[name] })`,
  `rotateToken(two, { passphrase, fetch: () => Promise.reject(new TypeError("Invalid header value: Bearer " + two)) })`,
  `rotateToken(two, { passphrase, fetch: () => Promise.resolve(Response.json({ error: two }, { status: 401 })) })`,
  `rotateToken(two, { passphrase, fetch: () => Promise.resolve(new Response(two)) })`,
  `rotateToken(two, { passphrase, check: () => { throw new Error("no") } })`,
  `rotateToken(two, { passphrase, check: false })`,
  `changePassphrase({ from: passphrase + "?", to: passphrase + "2" })`,
  `changePassphrase({ from: passphrase, to: passphrase + "2", mode: "both" })`,
  `whoami(new Secret(one), { fetch: () => Promise.reject(new Error(one)) })`,
  `importFernet("${home.path}/fernet", { password: passphrase, salt: "AAAA" })`,
  `Deno.writeTextFile("${state}/token.jwe", one).then(() => load())`,
  `forgetToken()`,
  `saveToken(two, { mode: "machine" }).then(() => load())`,
  `Promise.all([validateToken(one + "!"), fingerprint(two)])`,
];

/** Parts of a secret that would betray it, in plain and in base64. */
function needles(secret: string): string[] {
  const parts = [0, 1, 2].map((shift) => btoa("x".repeat(shift) + secret).slice(4, 16));
  for (let at = 0; at + 10 <= secret.length; at++) parts.push(secret.slice(at, at + 10));
  return parts;
}

Deno.test("the life of a token leaves it in no file, no record, no error and no output", async () => {
  await Deno.writeTextFile(`${home.path}/fernet`, "gAAAAABk" + "A".repeat(100));
  const life = LIFE.map((step, index) => `
    try { seen.push(${index}, await (${step})); }
    catch (error) { failed.push(${index}); console.error(error, error.message, error.stack, JSON.stringify(error)); seen.push(error); }`);
  const cell = `{
    const { saveToken, loadToken, explainToken, rotateToken, changePassphrase, whoami, forgetToken,
      importFernet, validateToken, fingerprint, Secret } = await import("${MOD_URL}");
    const [one, two, passphrase] = ["ONE", "TWO", "PASSPHRASE"].map((name) => Deno.env.get(name));
    // The mask would hide what this test looks for.
    const load = (options) => loadToken({ mask: false, ...options });
    const folder = Deno.env.get("HUSHBOOK_HOME"), seen = [], failed = [];
    ${life.join("\n")}
    console.log(seen, JSON.stringify(seen), String(seen));
    failed.join();
  }`;
  const messages: unknown[] = [];
  const result = await kernel().execute(cell, {
    input: () => null,
    onMessage: (message) => {
      // What the cell's author wrote is echoed; it holds none of the secrets.
      messages.push(message.content, message.metadata);
    },
  });
  assert.equal(result.status, "ok", JSON.stringify(result.error));
  const output = JSON.stringify([messages, result.outputs]);
  // The steps that should fail did, so their errors were searched too.
  const last = result.outputs.at(-1);
  assert.ok(last?.output_type === "execute_result");
  assert.equal(last.data["text/plain"], '"1,2,4,6,9,10,11,12,14,16,17,18"');

  const places: [string, string][] = [["the cell's outputs", output]];
  for await (const { name } of Deno.readDir(state)) {
    const bytes = await Deno.readFile(`${state}/${name}`).catch(() => new Uint8Array());
    places.push([name, new TextDecoder("latin1").decode(bytes)]);
  }
  const names = places.map(([name]) => name);
  for (const name of ["audit.jsonl", "token.jwe", "token.jwe.sha256", "key", "lockout.json"]) {
    assert.ok(names.includes(name), `${name} was searched`);
  }
  for (const [place, text] of places) {
    for (const secret of [one, two, PASSPHRASE]) {
      for (const needle of needles(secret)) {
        assert.ok(!text.includes(needle), `${place} holds a part of a secret`);
      }
    }
  }
});
