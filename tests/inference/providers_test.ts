/**
 * Every task of the real client with every provider it knows, jobs that are polled included: whatever it
 * sends, and however, what carries the token has passed the door and is in the audit log.
 */

import assert from "node:assert/strict";
import { PROVIDERS_OR_POLICIES } from "@huggingface/inference";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { connect, type Provider } from "../../src/inference/connect.ts";
import { prompt, testOptions } from "./kit.ts";

/** One answer that holds what any provider's client looks for, in any of its stages. */
function anyAnswer(router: string): unknown {
  const media = "https://media.example/file";
  return {
    ...{ id: "1", request_id: "1", task_id: "1", created: 0, model: "m", object: "x" },
    ...{ status: "COMPLETED", task_status: "SUCCESS", state: "succeeded", progress: 100 },
    status_url: `${router}/status/1`,
    response_url: `${router}/requests/1`,
    polling_url: `${router}/poll/1`,
    urls: { get: `${router}/predictions/1`, result: `${router}/result/1` },
    task: { task_id: "1", status: "TASK_STATUS_SUCCEED" },
    images: [{ url: media, image_url: media }],
    image: { url: media },
    video: { url: media },
    videos: [{ url: media, video_url: media }],
    video_result: [{ url: media }],
    audio: { url: media },
    audio_file: { url: media },
    model_mesh: { url: media },
    output: [media],
    outputs: [media],
    result: { sample: media },
    generated_text: "text",
    text: "text",
    embeddings: [[1, 2]],
    data: [{ url: media, b64_json: btoa("x"), embedding: [1, 2], index: 0 }],
    choices: [{ index: 0, finish_reason: "stop", text: "t", message: { role: "a", content: "t" } }],
  };
}

/** Tasks by the name the Hub gives them, and how the client is asked for one. */
const tasks = {
  "conversational": ["chatCompletion", { messages: [{ role: "user", content: prompt }] }],
  "text-generation": ["textGeneration", { inputs: prompt }],
  "feature-extraction": ["featureExtraction", { inputs: prompt }],
  "text-to-image": ["textToImage", { inputs: prompt }],
  "text-to-video": ["textToVideo", { inputs: prompt }],
  "text-to-speech": ["textToSpeech", { inputs: prompt }],
  "image-to-image": ["imageToImage", { inputs: new Blob(["x"]), parameters: { prompt } }],
  "image-to-video": ["imageToVideo", { inputs: new Blob(["x"]), parameters: { prompt } }],
  "automatic-speech-recognition": ["automaticSpeechRecognition", {
    data: new Blob(["x"], { type: "audio/wav" }),
  }],
} as const;

Deno.test("connect() lets no provider of the client send the token past the door", async () => {
  await using hub = startStandIn();
  const real = globalThis.fetch;
  /** What left this process: where to, and whether with token or placeholder. */
  let left: { origin: string; path: string; token: boolean; placeholder: boolean }[] = [];
  let provider: Provider = "auto", task = "";
  const network: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init?.headers ?? (input as Request).headers);
    const shown = [...headers].map(([, value]) => value).join(" ") + url.href;
    left.push({
      origin: url.origin,
      path: url.pathname,
      token: shown.includes(hub.token),
      placeholder: shown.includes("kept_by_hushbook"),
    });
    if (url.pathname.startsWith("/api/models")) {
      const serves = { status: "live", providerId: "m", task };
      return Promise.resolve(Response.json({
        id: "m/m",
        pipeline_tag: task,
        inferenceProviderMapping: { [provider]: serves },
      }));
    }
    if (url.origin === "https://media.example") return Promise.resolve(new Response("media"));
    return Promise.resolve(Response.json(anyAnswer(`https://router.huggingface.co/${provider}`)));
  };
  globalThis.fetch = network;
  const results: Record<string, number> = {};
  try {
    const options = testOptions(hub, { fetch: network, retry: { maxRetries: 0 } });
    using hf = await connect(options);
    let polled = 0;
    for (provider of PROVIDERS_OR_POLICIES) {
      for (const [name, [method, args]] of Object.entries(tasks)) {
        task = name;
        left = [];
        options.records.length = 0;
        const call = hf[method] as (args: unknown, options: unknown) => Promise<unknown>;
        const patience = { signal: AbortSignal.timeout(2000) };
        const outcome = await call({ model: `${provider}/${name}`, provider, ...args }, patience)
          .then(() => "ok", (error) => error.code ?? error.name);
        results[outcome] = (results[outcome] ?? 0) + 1;
        const about = `${provider} ${name}: ${JSON.stringify(left)}`;
        const withToken = left.filter(({ token }) => token);
        assert.ok(left.every(({ placeholder }) => !placeholder), about);
        assert.ok(
          withToken.every(({ origin }) => /^https:\/\/(router\.)?huggingface\.co$/.test(origin)),
          about,
        );
        const starts = options.records.filter(({ event }) => event === "inference.start");
        assert.ok(withToken.length <= starts.length, about);
        if (withToken.length > 2) polled++;
      }
    }
    assert.ok(polled >= 5, `${polled} jobs were polled`);
  } finally {
    globalThis.fetch = real;
  }
  assert.ok((results["ok"] ?? 0) >= 20, JSON.stringify(results));
});
