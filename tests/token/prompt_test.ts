import assert from "node:assert/strict";
import { PromptError } from "../../src/errors.ts";
import { fingerprint } from "../../src/secret/fingerprint.ts";
import { forgetRefused, forgetSession } from "../../src/token/session.ts";
import { machine } from "../kit/machine.ts";
import { scriptedPerson } from "../kit/person.ts";
import { fakeToken } from "../kit/tokens.ts";

const one = fakeToken(61);

Deno.test("loadToken() asks a person last, says what came in, and offers to save", async () => {
  using here = machine();
  const person = scriptedPerson("hf_oops", `  ${one}\n`, "m");
  const loaded = await here.load({ person });
  assert.equal(loaded.source, "prompt");
  assert.equal(loaded.fingerprint, fingerprint(one));
  assert.match(person.told[0]!, /no Hugging Face token: it has 7 characters/);
  assert.equal(person.told[1], "Received 37 characters, looks like a user token.");
  assert.match(person.told[2]!, /^Saved encrypted in /);
  assert.deepEqual(here.audit.events.map(({ event }) => event), [
    "token.prompt",
    "token.save",
    "token.load",
  ]);
  for (const text of [...person.asked, ...person.told]) {
    assert.ok(!text.includes(one) && !text.includes(fingerprint(one)));
  }
  forgetSession();
  assert.equal((await here.load()).source, "store");
});

Deno.test("loadToken() keeps the token that was typed when saving it fails", async () => {
  using here = machine();
  await Deno.mkdir(`${here.options.folder}/key`, { recursive: true, mode: 0o700 });
  const { source, notices } = await here.load({ person: scriptedPerson(one, "machine") });
  assert.equal(source, "prompt");
  assert.match(notices.join(), /Cannot/);
});

Deno.test("loadToken() causes one prompt when two cells ask at once, and none afterwards", async () => {
  using here = machine();
  const person = scriptedPerson(one, "");
  const [first, second] = await Promise.all([here.load({ person }), here.load({ person })]);
  const third = await here.load({ person });
  assert.equal(person.asked.length, 2, "the token, and the offer to save it");
  assert.equal(first.fingerprint, second.fingerprint);
  assert.equal(third.fingerprint, second.fingerprint);
});

Deno.test("loadToken() stops when the person declines or never enters a token", async () => {
  using here = machine();
  await assert.rejects(here.load({ person: scriptedPerson("") }), { code: "prompt-declined" });
  const person = scriptedPerson("one", "two", "three");
  await assert.rejects(
    here.load({ person }),
    (error: unknown) => error instanceof PromptError && error.code === "prompt-refused",
  );
  assert.equal(person.asked.length, 3);
  // A question that failed is not remembered: the next cell asks again.
  assert.equal((await here.load({ person: scriptedPerson(one, "n") })).source, "prompt");
});

Deno.test("loadToken() lists the other ways when nobody can be asked", async () => {
  using here = machine();
  for (const person of [null, scriptedPerson(null)]) {
    await assert.rejects(here.load({ person }), {
      code: "token-missing",
      message: /set HF_TOKEN.*\.env.*hushbook token save.*explain/,
    });
  }
});

Deno.test("loadToken() asks again after the Hub refused the token that was typed", async () => {
  using here = machine();
  await here.load({ person: scriptedPerson(one, "") });
  forgetRefused(fingerprint(fakeToken(62)));
  await Promise.resolve();
  await here.load({ person: scriptedPerson() });
  forgetRefused(fingerprint(one));
  await Promise.resolve();
  const again = await here.load({ person: scriptedPerson(fakeToken(62), "") });
  assert.equal(again.fingerprint, fingerprint(fakeToken(62)));
});
