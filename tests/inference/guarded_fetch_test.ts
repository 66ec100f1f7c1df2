import assert from "node:assert/strict";
import { listModels, whoAmI } from "@huggingface/hub";
import OpenAI from "openai";
import { rateLimited, startStandIn } from "../../scripts/stand_in/server.ts";
import { RequestError } from "../../src/door/request_error.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { Secret } from "../../src/secret/secret.ts";
import { chat, prompt, testOptions } from "./kit.ts";

const router = "https://router.huggingface.co/v1";

Deno.test("guardedFetch() serves openai: chat, stream, models", async () => {
  await using hub = startStandIn();
  using fetch = await guardedFetch(testOptions(hub));
  const openai = new OpenAI({ baseURL: router, apiKey: fetch.placeholder, fetch });
  const reply = await openai.chat.completions.create(chat);
  assert.match(reply.choices[0]!.message.content!, /Hello/);
  let text = "";
  for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true })) {
    text += chunk.choices[0]!.delta.content ?? "";
  }
  assert.equal(text, reply.choices[0]!.message.content);
  assert.deepEqual(hub.seen.map((seen) => seen.credential), ["token", "token"]);
  assert.ok(!Deno.inspect(openai, { depth: 9 }).includes(hub.token));
});

Deno.test("guardedFetch() keeps openai from repeating what it has repeated itself", async (t) => {
  await using hub = startStandIn();
  const table: [string, Parameters<typeof hub.plan>[0], number, number, RegExp][] = [
    ["503", { status: 503, times: 99 }, 503, 4, /503 Cannot call.*server failed/],
    ["429 for an hour", rateLimited(3600, 99), 429, 1, /429 Cannot call.*1\.0 h/],
    ["402", { status: 402, times: 99 }, 402, 1, /credits/],
    ["401", { status: 401, times: 99 }, 401, 1, /not accepted/],
    ["500", { status: 500, times: 99 }, 500, 1, /server failed/],
    ["422", { status: 422, times: 99, body: { error: prompt } }, 422, 1, /did not accept/],
    ["hang up", { hangUp: true, times: 99 }, 502, 1, /no answer/],
  ];
  for (const [name, fault, status, calls, message] of table) {
    await t.step(name, async () => {
      hub.reset();
      hub.plan(fault);
      using fetch = await guardedFetch(testOptions(hub));
      const openai = new OpenAI({ baseURL: router, apiKey: fetch.placeholder, fetch });
      await assert.rejects(openai.chat.completions.create(chat), (error) => {
        assert.ok(error instanceof OpenAI.APIError, String(error));
        assert.equal(error.status, status);
        assert.match(error.message, message);
        const shown = Deno.inspect(error, { depth: 9 }) + JSON.stringify(error);
        assert.ok(!shown.includes(prompt), "no prompt");
        assert.ok(!shown.includes(hub.token), "no token");
        return true;
      });
      assert.equal(hub.seen.length, calls);
    });
  }
});

Deno.test("guardedFetch() lets openai time out and abort as it would anyway", async () => {
  await using hub = startStandIn();
  using fetch = await guardedFetch(testOptions(hub));
  const openai = new OpenAI({
    baseURL: router,
    apiKey: fetch.placeholder,
    fetch,
    timeout: 60,
    maxRetries: 0,
  });
  hub.plan({ delayMs: 300 });
  await assert.rejects(openai.chat.completions.create(chat), OpenAI.APIConnectionTimeoutError);
  hub.plan({ delayMs: 300 });
  const abort = new AbortController();
  const pending = openai.chat.completions.create(chat, { signal: abort.signal, timeout: 5000 });
  setTimeout(() => abort.abort(), 20);
  await assert.rejects(pending, OpenAI.APIUserAbortError);
});

Deno.test("guardedFetch() reports an error inside a stream to openai without the server's words", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using fetch = await guardedFetch(options);
  const openai = new OpenAI({ baseURL: router, apiKey: fetch.placeholder, fetch });
  hub.plan({ errorAfterEvents: 2 });
  let text = "";
  await assert.rejects(async () => {
    for await (const chunk of await openai.chat.completions.create({ ...chat, stream: true })) {
      text += chunk.choices[0]!.delta.content ?? "";
    }
  }, { code: "request-stream" });
  assert.equal(text, "**Hello** from a model on this machine.\n\n");
  assert.equal(options.records.at(-1)!["error.type"], "stream");
});

Deno.test("guardedFetch() serves @huggingface/hub", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using fetch = await guardedFetch(options);
  const me = await whoAmI({ accessToken: fetch.placeholder, fetch });
  assert.equal(me.name, "stand-in");
  const models: string[] = [];
  for await (const model of listModels({ accessToken: fetch.placeholder, fetch })) {
    models.push(model.name);
  }
  assert.ok(models.includes("stand-in/chat"));
  assert.ok(hub.seen.every((seen) => seen.credential === "token"));
  assert.ok(options.records.every((record) => record["gen_ai.operation.name"] === "hub"));
  hub.plan({ status: 401, body: { error: "Invalid username or password." } });
  await assert.rejects(whoAmI({ accessToken: fetch.placeholder, fetch }), { statusCode: 401 });
});

Deno.test("guardedFetch() is a fetch: answers come as they are, lost connections as errors", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using fetch = await guardedFetch(options);
  const headers = { Authorization: `Bearer ${fetch.placeholder}` };
  const init = { method: "POST", headers, body: JSON.stringify(chat) };
  const url = `${router}/chat/completions`;

  const good = await fetch(url, init);
  assert.equal(good.status, 200);
  assert.equal(good.url, `${hub.origin}/v1/chat/completions`);
  assert.equal((await good.json()).object, "chat.completion");

  hub.plan({ status: 422, body: { error: "max_tokens is too large" } });
  const bad = await fetch(url, init);
  assert.equal(bad.status, 422);
  assert.deepEqual(await bad.json(), { error: "max_tokens is too large" });

  hub.plan({ hangUp: true });
  await assert.rejects(fetch(url, init), RequestError);

  const abort = new AbortController();
  hub.plan({ delayMs: 300 });
  const pending = fetch(url, { ...init, signal: abort.signal });
  const reason = new Error("mine");
  setTimeout(() => abort.abort(reason), 20);
  await assert.rejects(pending, (error) => error === reason);
});

Deno.test("guardedFetch() hands a request with another connection's placeholder to that connection", async () => {
  await using hub = startStandIn();
  await using other = startStandIn();
  using here = await guardedFetch(testOptions(hub));
  using there = await guardedFetch(testOptions(other));
  const response = await here("https://huggingface.co/api/whoami-v2", {
    headers: { authorization: `Bearer ${there.placeholder}` },
  });
  assert.equal(response.status, 200);
  await response.body?.cancel();
  assert.deepEqual([hub.seen.length, other.seen.length], [0, 1]);
});

Deno.test("guardedFetch() routes the global fetch while it is open and counts nothing twice", async () => {
  await using hub = startStandIn();
  const real = globalThis.fetch;
  const options = testOptions(hub);
  const guarded = await guardedFetch(options);
  const init = { headers: { authorization: `Bearer ${guarded.placeholder}` } };
  const ask = async () => {
    const response = await fetch("https://huggingface.co/api/whoami-v2", init);
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask(), 200);
  assert.equal(options.records.length, 2);
  await assert.rejects(fetch(`${hub.origin}/api/whoami-v2`, init), { code: "request-refused" });
  guarded.close();
  assert.equal(globalThis.fetch, real);
  await assert.rejects(guarded("https://huggingface.co/api/whoami-v2", init), {
    message: /connection is closed/,
  });
});

Deno.test("guardedFetch() tells the person what a 401 or 402 means, though the caller gets the answer", async () => {
  await using hub = startStandIn();
  const notices: string[] = [];
  using fetch = await guardedFetch(testOptions(hub, { onNotice: (text) => notices.push(text) }));
  const headers = { authorization: `Bearer ${fetch.placeholder}` };
  for (const status of [401, 402, 404]) {
    hub.plan({ status });
    const response = await fetch("https://huggingface.co/api/whoami-v2", { headers });
    assert.equal(response.status, status);
    await response.body?.cancel();
  }
  assert.equal(notices.length, 2);
  assert.match(notices[0]!, /the token [0-9a-f]{12} \(from HF_TOKEN\) was not accepted/);
  assert.match(notices[1]!, /credits are used up/);
});

Deno.test("guardedFetch() lets go of the answers it does not hand on, however long they are", async () => {
  let cancelled = 0;
  const endless = () =>
    new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
      cancel: () => void (cancelled += 1),
    });
  const statuses = [500, 502, 503, 429];
  await using hub = startStandIn();
  const answer = (status: number): typeof fetch => () =>
    Promise.resolve(
      new Response(endless(), {
        status,
        headers: { "content-type": "application/json", "retry-after-ms": "1" },
      }),
    );
  for (const status of statuses) {
    cancelled = 0;
    using guarded = await guardedFetch(testOptions(hub, { fetch: answer(status) }));
    const openai = new OpenAI({ baseURL: router, apiKey: guarded.placeholder, fetch: guarded });
    await assert.rejects(openai.models.list(), { status });
    assert.equal(cancelled, 4, `${status}: each of four answers`);
  }
});

Deno.test("guardedFetch() shows nothing of a token that cannot be sent", async () => {
  await using hub = startStandIn();
  const broken = `${hub.token}\nX-Injected: 1`;
  const { token: loaded, ...options } = testOptions(hub);
  using guarded = await guardedFetch({
    ...options,
    token: { ...loaded, secret: new Secret(broken) },
  });
  await assert.rejects(
    guarded("https://huggingface.co/api/whoami-v2", {
      headers: { authorization: `Bearer ${guarded.placeholder}` },
    }),
    (error) => {
      assert.ok(error instanceof RequestError);
      assert.ok(!(Deno.inspect(error) + error.stack).includes(hub.token));
      return true;
    },
  );
  await assert.rejects(guardedFetch({ ...options, token: broken }), { name: "TokenError" });
});

Deno.test("guardedFetch() gives a place back when a stream ends, breaks off or is left", async () => {
  await using hub = startStandIn();
  using guarded = await guardedFetch(testOptions(hub, {
    limit: { store: "memory", windows: [{ limit: 1000, windowMs: 1000 }], concurrency: 1 },
  }));
  const ask = () =>
    guarded(`${router}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${guarded.placeholder}` },
      body: JSON.stringify({ ...chat, stream: true }),
      signal: AbortSignal.timeout(3000), // a place that is not given back would be waited for
    });
  hub.plan({ breakAfterEvents: 1 }, { eventDelayMs: 5 }, {});
  await assert.rejects(async () => await (await ask()).text());
  await (await ask()).body!.cancel();
  await (await ask()).text();
  assert.match(await (await ask()).text(), /DONE/);
});
