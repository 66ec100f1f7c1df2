import assert from "node:assert/strict";
import OpenAI from "openai";
import v8 from "node:v8";
import vm from "node:vm";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { RequestError } from "../../src/door/request_error.ts";
import { connect } from "../../src/inference/connect.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { chat, testOptions } from "./kit.ts";

async function read(stream: AsyncIterable<{ choices: { delta: { content?: string } }[] }>) {
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
  return text;
}

Deno.test("a stream is recorded with its tokens before its reader goes on", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using hf = await connect(options);
  await read(hf.chatCompletionStream({ ...chat, stream_options: { include_usage: true } }));
  const end = options.records.at(-1)!;
  assert.equal(end.event, "inference.end");
  assert.equal(end.outcome, "ok");
  assert.equal(end["gen_ai.usage.output_tokens"], 22);
});

Deno.test("a stream that reports an error, or breaks off, fails as stream and is not repeated", async () => {
  await using hub = startStandIn();
  for (const fault of [{ errorAfterEvents: 2 }, { breakAfterEvents: 2 }]) {
    hub.reset();
    hub.plan(fault);
    const options = testOptions(hub);
    using hf = await connect(options);
    let text = "";
    await assert.rejects(async () => {
      for await (const chunk of hf.chatCompletionStream(chat)) {
        text += chunk.choices[0]!.delta.content ?? "";
      }
    }, (error) => {
      assert.ok(error instanceof RequestError, Deno.inspect(error));
      assert.equal(error.kind, "stream");
      return true;
    });
    assert.equal(text, "**Hello** from a model on this machine.\n\n");
    assert.equal(hub.seen.length, 1);
    assert.equal(options.records.at(-1)!.outcome, "failed");
  }
});

Deno.test("a stream whose reader leaves, or aborts, is aborted and recorded so", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using hf = await connect(options);
  hub.plan({ eventDelayMs: 10, times: 3 });
  for await (const _ of hf.chatCompletionStream(chat)) break;
  assert.equal(options.records.at(-1)!.event, "inference.end");
  assert.equal(options.records.at(-1)!.outcome, "aborted");

  const abort = new AbortController();
  const stream = hf.chatCompletionStream(chat, { signal: abort.signal });
  await stream.next();
  abort.abort();
  await assert.rejects(stream.next(), { code: "request-abort" });
  assert.equal(options.records.at(-1)!.outcome, "aborted");
  assert.equal(options.records.filter((record) => record.event === "inference.end").length, 2);
});

Deno.test("a stream is retried when it fails before its first byte", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using hf = await connect(options);
  hub.plan({ status: 503 });
  assert.match(await read(hf.chatCompletionStream(chat)), /Hello/);
  assert.equal(hub.seen.length, 2);
});

Deno.test("a stream that is thrown away unread is ended when it is collected", async () => {
  v8.setFlagsFromString("--expose-gc");
  const collect: () => void = vm.runInNewContext("gc");
  await using hub = startStandIn();
  const options = testOptions(hub);
  using fetch = await guardedFetch(options);
  hub.plan({ eventDelayMs: 20 });
  await (async () => {
    await fetch("https://router.huggingface.co/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${fetch.placeholder}` },
      body: JSON.stringify({ ...chat, stream: true }),
    });
  })();
  for (let round = 0; round < 20 && options.records.length < 2; round++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(options.records.at(-1)!.outcome, "aborted");
});

Deno.test("a stream that openai aborts ends quietly, as openai ends it, and is recorded", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using fetch = await guardedFetch(options);
  const baseURL = "https://router.huggingface.co/v1";
  const openai = new OpenAI({ baseURL, apiKey: fetch.placeholder, fetch });
  hub.plan({ eventDelayMs: 10 });
  const stream = await openai.chat.completions.create({ ...chat, stream: true });
  let chunks = 0;
  for await (const _ of stream) {
    chunks += 1;
    stream.controller.abort();
  }
  assert.ok(chunks >= 1 && chunks < 5);
  assert.equal(options.records.at(-1)!.outcome, "aborted");
});

Deno.test("a picture whose reader aborts is recorded as aborted", async () => {
  await using hub = startStandIn();
  const abort = new AbortController();
  const options = testOptions(hub, {
    fetch: () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            start: (controller) => controller.enqueue(new Uint8Array([1, 2, 3])),
          }),
          { headers: { "content-type": "image/png" } },
        ),
      ),
  });
  using fetch = await guardedFetch(options);
  const response = await fetch("https://router.huggingface.co/hf-inference/models/painter", {
    method: "POST",
    headers: { authorization: `Bearer ${fetch.placeholder}` },
    signal: abort.signal,
  });
  const reader = response.body!.getReader();
  assert.deepEqual((await reader.read()).value, new Uint8Array([1, 2, 3]));
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(reader.read(), (error) => error === reason);
  assert.equal(options.records.at(-1)!.outcome, "aborted");
});
