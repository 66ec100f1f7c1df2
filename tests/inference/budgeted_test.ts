import assert from "node:assert/strict";
import OpenAI from "openai";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { BudgetError } from "../../src/errors.ts";
import { connect } from "../../src/inference/connect.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import type { GuardOptions } from "../../src/inference/guard_options.ts";
import { createBudget } from "../../src/limits/budget.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { chat, testOptions } from "./kit.ts";

const tokens = { perDay: 1000 };

function used(folder: string, options: GuardOptions): () => Promise<number> {
  const budget = createBudget({ folder, key: "test", tokens, now: options.now! });
  return async () => (await budget.status())[0]!.used;
}

Deno.test("a budget is settled from what the server says, in replies and streams", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const options = testOptions(hub, {
    folder: folder.path,
    budget: { key: "test", tokens, prices: { "*": { input: 10, output: 20 } } },
  });
  const spent = used(folder.path, options);
  using hf = await connect(options);
  await hf.chatCompletion({ ...chat, max_tokens: 500 });
  assert.equal(await spent(), 33);
  const end = options.records.at(-1)!;
  assert.equal(end.event, "inference.end");
  assert.equal(end.cost_usd, (11 * 10 + 22 * 20) / 1e6);

  const chunks = await Array.fromAsync(hf.chatCompletionStream({ ...chat, max_tokens: 500 }));
  assert.equal(await spent(), 66);
  assert.ok(chunks.every((chunk) => chunk.choices.length === 1), "no event nobody asked for");
  const sent = hub.seen.at(-1)!.body as { stream_options: unknown };
  assert.deepEqual(sent.stream_options, { include_usage: true });

  const asked = { ...chat, max_tokens: 500, stream_options: { include_usage: true } };
  const more = await Array.fromAsync(hf.chatCompletionStream(asked));
  assert.equal(await spent(), 99);
  assert.ok(more.some((chunk) => chunk.choices.length === 0), "the caller asked for it");
});

Deno.test("a budget that is used up refuses the call before it is sent, whoever calls", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const sending = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const options = testOptions(hub, {
    folder: folder.path,
    budget: { key: "test", tokens },
    async fetch(input, init) {
      sending.resolve();
      await release.promise;
      return await hub.fetch(input, init);
    },
  });
  using hf = await connect(options);
  await assert.rejects(hf.chatCompletion({ ...chat, max_tokens: 5000 }), BudgetError);
  // Two that fit alone do not fit together.
  const one = hf.chatCompletion({ ...chat, max_tokens: 700 });
  await sending.promise;
  await assert.rejects(hf.chatCompletion({ ...chat, max_tokens: 700 }), BudgetError);
  release.resolve();
  await one;
  using fetch = await guardedFetch(options);
  const baseURL = "https://router.huggingface.co/v1";
  const openai = new OpenAI({ baseURL, apiKey: fetch.placeholder, fetch });
  await assert.rejects(
    openai.chat.completions.create({ ...chat, max_tokens: 5000 }),
    { status: 402, message: /lower max_tokens or raise the budget/ },
  );
  await assert.rejects(openai.chat.completions.create({ ...chat, max_tokens: 300, n: 4 }));
  assert.equal(hub.seen.length, 1);
  const deny = options.records.find((record) => record.event === "budget.deny")!;
  assert.equal(deny["limit.name"], "tokens-day");
  assert.equal(deny["limit.max"], 1000);
});

Deno.test("a budget gets back what was not billed and keeps what may have been", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const options = testOptions(hub, {
    folder: folder.path,
    budget: { key: "test", tokens },
    retry: { maxRetries: 0 },
  });
  const spent = used(folder.path, options);
  using hf = await connect(options);
  const call = { ...chat, max_tokens: 100 };
  for (const status of [400, 401, 402, 404, 429]) {
    hub.plan({ status, headers: { "retry-after-ms": "1" } });
    await assert.rejects(hf.chatCompletion(call));
  }
  assert.equal(await spent(), 0);
  hub.plan({ status: 500 });
  await assert.rejects(hf.chatCompletion(call));
  const one = await spent();
  assert.ok(one > 100 && one < 150, `estimate kept: ${one}`);
  hub.plan({ eventDelayMs: 10 });
  for await (const _ of hf.chatCompletionStream(call)) break;
  const two = await spent();
  assert.ok(two >= 2 * one, `estimate kept of a stream that was left: ${two}`);
  hub.plan({ breakAfterEvents: 1 });
  await assert.rejects(Array.fromAsync(hf.chatCompletionStream(call)));
  assert.ok(await spent() > two);
});
