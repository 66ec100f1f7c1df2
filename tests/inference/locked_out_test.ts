import assert from "node:assert/strict";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { LockoutError } from "../../src/errors.ts";
import { connect } from "../../src/inference/connect.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { chat, testOptions } from "./kit.ts";

function optionsWithLockout(hub: ReturnType<typeof startStandIn>, folder: string) {
  const lockout = new Lockout({ folder, audit: { append: () => Promise.resolve() } });
  return { ...testOptions(hub), lockout };
}

Deno.test("five refusals by the Hub lock the token, over connections, until it is cleared", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const options = optionsWithLockout(hub, `${folder.path}/state`);
  hub.plan({ status: 401, times: 5 });
  using one = await connect(options);
  for (let call = 0; call < 3; call++) {
    await assert.rejects(one.chatCompletion(chat), { code: "request-auth", status: 401 });
  }
  using two = await connect(options);
  for (let call = 0; call < 2; call++) {
    await assert.rejects(two.chatCompletion(chat), { code: "request-auth" });
  }
  assert.equal(hub.seen.length, 5);
  for (const hf of [one, two]) await assert.rejects(hf.chatCompletion(chat), LockoutError);
  assert.equal(hub.seen.length, 5, "nothing was sent");
  await options.lockout.clear();
  await one.chatCompletion(chat);
});

Deno.test("a success in between starts the count over", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const options = optionsWithLockout(hub, `${folder.path}/state`);
  using hf = await connect(options);
  for (let round = 0; round < 3; round++) {
    hub.plan({ status: 401, times: 4 });
    for (let call = 0; call < 4; call++) await assert.rejects(hf.chatCompletion(chat));
    await hf.chatCompletion(chat);
  }
  assert.deepEqual(await options.lockout.status(), []);
});

Deno.test("only what the Hub says about the token counts", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const options = {
    ...optionsWithLockout(hub, `${folder.path}/state`),
    endpointUrl: `${hub.origin}/v1`,
  };
  using hf = await connect(options);
  hub.plan({ status: 401, times: Infinity });
  for (let call = 0; call < 6; call++) {
    // An endpoint of one's own may have keys of its own.
    await assert.rejects(hf.chatCompletion({ messages: chat.messages }), { status: 401 });
  }
  using fetch = await guardedFetch(options);
  for (let call = 0; call < 6; call++) {
    // Without the token a 401 says nothing about it.
    const response = await fetch("https://huggingface.co/api/whoami-v2");
    await response.body?.cancel();
    assert.equal(response.status, 401);
  }
  for (const status of [403, 500]) {
    hub.reset();
    hub.plan({ status, times: 9 });
    for (let call = 0; call < 6; call++) {
      await assert.rejects(hf.chatCompletion({ ...chat, endpointUrl: hub.origin }), { status });
    }
  }
  assert.deepEqual(await options.lockout.status(), []);
});
