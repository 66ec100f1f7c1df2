import assert from "node:assert/strict";
import { InferenceClient } from "@huggingface/inference";
import { loading, outOfCredits, rateLimited, startStandIn } from "../../scripts/stand_in/server.ts";
import { RequestError } from "../../src/door/request_error.ts";
import { connect } from "../../src/inference/connect.ts";
import { chat, prompt, testOptions } from "./kit.ts";

Deno.test("connect() gives the real client, and every task comes through", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using hf = await connect(options);
  assert.ok(hf instanceof InferenceClient);

  const reply = await hf.chatCompletion(chat);
  assert.match(reply.choices[0]!.message.content!, /Hello/);
  assert.equal(
    (await hf.textGeneration({ model: "stand-in/text", inputs: prompt })).generated_text
      .startsWith("**Hello**"),
    true,
  );
  const picture = await hf.textToImage({ model: "stand-in/painter", inputs: prompt }, {
    outputType: "blob",
  });
  assert.equal(picture.type, "image/png");
  assert.equal((await picture.bytes()).length, 87);
  const speech = await hf.textToSpeech({ model: "stand-in/speaker", inputs: prompt });
  assert.equal(speech.type, "audio/wav");
  const heard = await hf.automaticSpeechRecognition({ model: "stand-in/listener", data: speech });
  assert.equal(heard.text, "hello from this machine");
  const vector = await hf.featureExtraction({ model: "stand-in/embedder", inputs: prompt });
  assert.deepEqual(vector, [[0.125, -0.25, 0.5, 1]]);
  const mood = await hf.textClassification({ model: "stand-in/judge", inputs: prompt });
  assert.equal(mood[0]!.label, "POSITIVE");
  const seen = await hf.imageClassification({ model: "stand-in/viewer", data: picture });
  assert.equal(seen[0]!.label, "blue");
  const poster = await hf.textToImage({
    model: "stand-in/poster",
    provider: "replicate",
    inputs: prompt,
  }, { outputType: "blob" });
  assert.equal(poster.type, "image/png");

  let text = "";
  for await (const chunk of hf.chatCompletionStream(chat)) {
    text += chunk.choices[0]!.delta.content ?? "";
  }
  assert.equal(text, reply.choices[0]!.message.content);

  assert.ok(hub.seen.every((seen) => seen.credential === "token" || seen.method === "GET"));
  const ends = options.records.filter((record) => record.event === "inference.end");
  assert.ok(ends.length >= 10);
  assert.ok(ends.every((record) => record.outcome === "ok"));
});

Deno.test("connect() sends provider and billTo with every call that names none", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub, { provider: "groq", billTo: "my-org" } as object));
  await hf.chatCompletion(chat);
  await hf.chatCompletion({ ...chat, provider: "auto" }, { billTo: "other-org" });
  const posts = hub.seen.filter((seen) => seen.method === "POST");
  assert.deepEqual(posts.map((seen) => [seen.path, seen.headers["x-hf-bill-to"]]), [
    ["/groq/openai/v1/chat/completions", "my-org"],
    ["/v1/chat/completions", "other-org"],
  ]);
});

Deno.test("connect() uses an endpoint of one's own, and only the one that was named", async () => {
  await using hub = startStandIn();
  await using stranger = startStandIn({ tokens: [hub.token] });
  using hf = await connect(testOptions(hub, { endpointUrl: `${hub.origin}/v1` }));
  await hf.chatCompletion({ messages: chat.messages });
  assert.deepEqual(hub.seen.map((seen) => [seen.path, seen.credential]), [
    ["/v1/chat/completions", "token"],
  ]);
  for (
    const call of [
      () => hf.chatCompletion({ messages: chat.messages, endpointUrl: stranger.origin }),
      () => hf.endpoint(stranger.origin).chatCompletion({ messages: chat.messages }),
    ]
  ) {
    await assert.rejects(call, { code: "request-refused", message: /allowedHosts/ });
  }
  assert.equal(stranger.seen.length, 0);
});

Deno.test("connect() calls four times at most when a 503 never ends", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using hf = await connect(options);
  hub.plan({ status: 503, times: Infinity });
  await assert.rejects(() => hf.chatCompletion(chat), (error) => {
    assert.ok(error instanceof RequestError);
    assert.equal(error.kind, "server");
    assert.equal(error.status, 503);
    assert.equal(error.attempts, 4);
    assert.equal(error.host, "router.huggingface.co");
    assert.equal(error.path, "/v1/chat/completions");
    assert.match(error.requestId!, /^stand-in-/);
    return true;
  });
  assert.equal(hub.seen.length, 4);
  assert.deepEqual(options.slept, [250, 500, 1000]);
});

Deno.test("connect() recovers when the trouble passes", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using hf = await connect(options);
  hub.plan(loading(20), { status: 429, headers: { "retry-after-ms": "40" } });
  const reply = await hf.chatCompletion(chat);
  assert.ok(reply.choices.length);
  assert.deepEqual(options.slept, [20_000, 40]);
  const end = options.records.at(-1)!;
  assert.equal(end["attempts"], 3);
  assert.equal(end["gen_ai.usage.input_tokens"], 11);
});

Deno.test("connect() rejects with the kind of failure and what to do about it", async (t) => {
  await using hub = startStandIn();
  const table: [string, Parameters<typeof hub.plan>[0], string, number, RegExp][] = [
    ["401", { status: 401 }, "auth", 1, /not accepted.*rotate/],
    ["403", { status: 403 }, "auth", 1, /may not do this/],
    ["402", outOfCredits(), "credits", 1, /credits are used up.*billTo/],
    [
      "404",
      { status: 404, headers: { "x-error-code": "RepoNotFound" } },
      "request",
      1,
      /RepoNotFound/,
    ],
    ["422", { status: 422, body: { error: `bad: ${prompt}` } }, "request", 1, /did not accept/],
    [
      "400 with a code",
      { status: 400, body: { error: { message: prompt, code: "context_length_exceeded" } } },
      "request",
      1,
      /shorten the prompt or lower max_tokens \(status 400, context_length_exceeded/,
    ],
    [
      "400 with a parameter",
      { status: 400, body: { error: { type: "invalid_value", param: "temperature" } } },
      "request",
      1,
      /value of a parameter is not allowed \(temperature\)/,
    ],
    ["500", { status: 500 }, "server", 1, /server failed/],
    ["429 for an hour", rateLimited(3600, 9), "rate", 1, /try again in 1\.0 h/],
    ["503 loading for ever", loading(20, 9), "loading", 4, /still being loaded/],
    ["hang up", { hangUp: true, times: 9 }, "network", 1, /no answer/],
    [
      "an answer that is no JSON",
      { status: 200, body: `{"a": ${prompt}` },
      "server",
      1,
      /not what/,
    ],
  ];
  for (const [name, fault, kind, calls, message] of table) {
    await t.step(name, async () => {
      hub.reset();
      const options = testOptions(hub);
      using hf = await connect(options);
      hub.plan(fault);
      await assert.rejects(() => hf.chatCompletion(chat), (error) => {
        assert.ok(error instanceof RequestError, Deno.inspect(error));
        assert.equal(error.kind, kind);
        assert.equal(error.code, `request-${kind}`);
        assert.match(error.message, message);
        assert.equal(error.host, "router.huggingface.co");
        return true;
      });
      assert.equal(hub.seen.length, calls);
    });
  }
});

Deno.test("connect() refuses calls when the connection is closed", async () => {
  await using hub = startStandIn();
  const hf = await connect(testOptions(hub));
  hf.close();
  hf.close();
  await assert.rejects(() => hf.chatCompletion(chat), { message: /connection is closed/ });
  assert.equal(hub.seen.length, 0);
});

Deno.test("connect() refuses a fetch for one call", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub));
  assert.throws(() => hf.chatCompletion(chat, { fetch }), TypeError);
});

Deno.test("connect() lets nothing of a fal-ai video job escape the door", async () => {
  await using hub = startStandIn({ polls: 1 });
  const real = globalThis.fetch;
  // Whatever would leave by the global fetch comes to the stand-in as well, and is seen there.
  globalThis.fetch = hub.fetch;
  try {
    const options = testOptions(hub);
    using hf = await connect(options);
    const video = await hf.textToVideo({
      model: "stand-in/film",
      provider: "fal-ai",
      inputs: prompt,
    });
    assert.equal(video.type, "video/mp4");
    assert.deepEqual(
      hub.seen.map((seen) => [seen.method, seen.path.split("/")[1], seen.credential]),
      [
        ["GET", "api", "token"],
        ["POST", "fal-ai", "token"],
        ["GET", "fal-ai", "token"],
        ["GET", "fal-ai", "token"],
        ["GET", "fal-ai", "token"],
        ["GET", "media", "none"],
      ],
    );
    const ends = options.records.filter((record) => record.event === "inference.end");
    assert.deepEqual(ends.map((end) => end["gen_ai.operation.name"]), [
      "hub",
      "inference",
      "poll",
      "poll",
      "poll",
    ]);
  } finally {
    globalThis.fetch = real;
  }
});

Deno.test("connect() finds the token in the environment and names it when the Hub refuses it", async () => {
  await using hub = startStandIn();
  const { token: _none, ...options } = testOptions(hub);
  const variables: Record<string, string> = { HF_TOKEN: `"${hub.token}"\n` };
  using hf = await connect({
    ...options,
    env: (name) => variables[name],
    load: { cwd: "/", person: null },
  });
  await hf.chatCompletion(chat);
  hub.plan({ status: 401 });
  await assert.rejects(hf.chatCompletion(chat), {
    message: /the token [0-9a-f]{12} \(from HF_TOKEN\) was not accepted/,
  });
  assert.deepEqual(
    options.records.slice(0, 2).map(({ event, source }) => [event, source]),
    [["token.load", "env:HF_TOKEN"], ["token.reveal", "env:HF_TOKEN"]],
  );
});

Deno.test("connect() follows HF_ENDPOINT and HF_INFERENCE_ENDPOINT, which the client ignores", async () => {
  await using hub = startStandIn();
  const { fetch: _none, ...options } = testOptions(hub);
  using hf = await connect({ ...options, env: (name) => ({ ...hub.env })[name] });
  await hf.chatCompletion(chat);
  await hf.textToImage({ model: "stand-in/painter", inputs: prompt, provider: "hf-inference" });
  // The client may know the model from a test before and not ask the Hub about it.
  const posts = hub.seen.filter((seen) => seen.method === "POST");
  assert.deepEqual(posts.map((seen) => [seen.path, seen.credential]), [
    ["/v1/chat/completions", "token"],
    ["/hf-inference/models/painter", "token"],
  ]);
  assert.equal(options.records.at(-1)!["gen_ai.provider.name"], "hf-inference");
});

Deno.test("connect() says that no token was sent where the client sends none", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub));
  hub.plan({ status: 401, path: /api.models/ });
  await assert.rejects(hf.textToImage({ model: "private/model", inputs: prompt }), {
    code: "request-auth",
    message: /the client sent none.*name the provider/,
  });
});
