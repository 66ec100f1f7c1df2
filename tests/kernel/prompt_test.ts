/** Asking for a token in a real Deno kernel. */

import assert from "node:assert/strict";
import type { InputRequest } from "../../src/kernel/execution.ts";
import { MOD_URL, sharedKernel } from "../kit/kernel.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(91);
const home = temporaryFolder();
const env = { HUSHBOOK_HOME: `${home.path}/state`, HF_TOKEN_PATH: `${home.path}/none` };
const kernel = sharedKernel({ env });
Deno.test.afterAll(() => home[Symbol.dispose]());

const LOAD = `
  const { loadToken } = await import("${MOD_URL}");
  const { source, kind, fingerprint } = await loadToken({ mask: false });
  ({ source, kind, fingerprint })`;

async function load(answers: (string | null)[] | undefined, cell = `{ ${LOAD} }`) {
  const asked: InputRequest[] = [];
  const result = await kernel().execute(
    cell,
    answers === undefined ? {} : {
      input(request) {
        asked.push(request);
        return asked.length > answers.length ? null : answers[asked.length - 1]!;
      },
    },
  );
  const text = JSON.stringify([result.outputs, result.error ?? null]);
  assert.ok(!text.includes(token));
  return { ...result, asked, text };
}

Deno.test("loadToken() in a notebook without input (nbconvert, papermill) lists the other ways", async () => {
  const { status, error, asked } = await load(undefined);
  assert.equal(status, "error");
  assert.equal(error?.name, "TokenError");
  assert.match(error?.message ?? "", /nbconvert.*set HF_TOKEN.*\.env.*hushbook token save/);
  assert.equal(asked.length, 0);
});

Deno.test("loadToken() in a notebook stops when the person enters nothing", async () => {
  const { error, asked } = await load([""]);
  assert.equal(error?.name, "PromptError");
  assert.equal(asked.length, 1);
});

Deno.test("loadToken() in a notebook asks at most three times", async () => {
  const { error, asked, text } = await load(["nonsense", "more nonsense", "hf_short"]);
  assert.equal(asked.length, 3);
  assert.equal(error?.name, "PromptError");
  assert.match(text, /it has 8 characters/);
  assert.doesNotMatch(text, /nonsense|hf_short/);
});

Deno.test("loadToken() in a notebook asks masked, with a text that may be saved, and remembers", async () => {
  const first = await load([`"${token}" `, ""]);
  assert.equal(first.status, "ok", first.text);
  assert.deepEqual(first.asked.map(({ password }) => password), [true, false]);
  for (const { prompt } of first.asked) {
    assert.ok(!prompt.includes(fingerprint(token)));
    assert.doesNotMatch(prompt, /hf_/);
  }
  assert.match(first.text, /Received 37 characters, looks like a user token/);
  assert.match(first.text, new RegExp(`source: .{0,3}prompt.*${fingerprint(token)}`));

  const second = await load([]);
  assert.equal(second.status, "ok");
  assert.equal(second.asked.length, 0);
});

Deno.test("loadToken() in a notebook opens the stored token with a masked passphrase", async () => {
  const passphrase = "correct horse battery";
  const { saveToken } = await import("../../src/token/save.ts");
  await saveToken(token, { folder: env.HUSHBOOK_HOME, passphrase });
  const { status, asked, text } = await load(["wrong passphrase", passphrase]);
  assert.equal(status, "ok", text);
  assert.deepEqual(asked.map(({ password }) => password), [true, true]);
  assert.match(text, /source: .{0,3}store/);
  assert.doesNotMatch(text, /wrong passphrase|correct horse/);
});

Deno.test("loadToken() in a notebook masks the token in what cells put out", async () => {
  const cell = `{
    const { loadToken } = await import("${MOD_URL}");
    const { secret } = await loadToken();
    console.log(secret.reveal());
    [secret.reveal()];
  }`;
  const { status, text } = await load([], cell);
  assert.equal(status, "ok", text);
  assert.match(text, /\[masked\].*\[masked\]/);
});
