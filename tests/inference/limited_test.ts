import assert from "node:assert/strict";
import OpenAI from "openai";
import { rateLimited, startStandIn } from "../../scripts/stand_in/server.ts";
import { connect } from "../../src/inference/connect.ts";
import { guardedFetch } from "../../src/inference/guarded_fetch.ts";
import type { CallWait } from "../../src/inference/waiting.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { chat, prompt, testOptions } from "./kit.ts";

const onePerHour = { store: "memory" as const, windows: [{ limit: 1, windowMs: 3_600_000 }] };

Deno.test("calls wait for their slot, tell so, and record it", async () => {
  await using hub = startStandIn();
  const waits: CallWait[] = [];
  const options = testOptions(hub, {
    limit: { store: "memory", windows: [{ limit: 2, windowMs: 800 }] },
    onWait: (wait) => waits.push(wait),
  });
  using hf = await connect(options);
  const began = Date.now();
  await Promise.all([1, 2, 3].map(() => hf.chatCompletion(chat)));
  const third = hub.seen.map((seen) => seen.at).sort((a, b) => a - b)[2]! - began;
  assert.ok(third >= 800, `third after ${third} ms`);
  assert.ok(waits.some((wait) => wait.reason === "rate" && !wait.done && wait.remainingMs > 100));
  assert.equal(waits.at(-1)!.done, true);
  const noted = options.records.find((record) => record.event === "limit.wait")!;
  assert.ok(Number(noted["wait_ms"]) >= 400);
});

Deno.test("retries take slots too", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub, {
    limit: { store: "memory", windows: [{ limit: 2, windowMs: 200 }] },
  });
  using hf = await connect(options);
  hub.plan({ status: 503, times: 2 });
  const began = Date.now();
  await hf.chatCompletion(chat);
  assert.equal(hub.seen.length, 3);
  assert.ok(hub.seen[2]!.at - began >= 200);
});

Deno.test("polling of a job is recorded but not charged", async () => {
  await using hub = startStandIn({ polls: 1 });
  const options = testOptions(hub, { limit: onePerHour });
  using hf = await connect(options);
  const video = await hf.textToVideo({
    model: "stand-in/film",
    provider: "fal-ai",
    inputs: prompt,
  });
  assert.equal(video.type, "video/mp4");
  const polls = options.records.filter((record) => record["gen_ai.operation.name"] === "poll");
  assert.equal(polls.length, 2 * 3);
});

Deno.test("providers have limits of their own", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub, { limit: onePerHour }));
  await hf.chatCompletion(chat);
  await hf.chatCompletion({ ...chat, provider: "groq" });
  await assert.rejects(
    hf.chatCompletion(chat, { signal: AbortSignal.timeout(30) }),
    { code: "request-abort" },
  );
  assert.equal(hub.seen.filter((seen) => seen.method === "POST").length, 2);
});

Deno.test("an abort while waiting rejects at once and takes no slot", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub, {
    limit: { store: "memory", windows: [{ limit: 1, windowMs: 2000 }] },
  }));
  await hf.chatCompletion(chat);
  const abort = new AbortController();
  const pending = hf.chatCompletion(chat, { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  const began = performance.now();
  await assert.rejects(pending, { code: "request-abort" });
  assert.ok(performance.now() - began < 1500, "before the slot would have been free");
  await hf.chatCompletion(chat);
  assert.equal(hub.seen.length, 2);
});

Deno.test("one 429 pauses other connections of the same token", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const limit = { store: "file" as const };
  const one = testOptions(hub, { limit, folder: folder.path, retry: { maxRetries: 0 } });
  const waits: CallWait[] = [];
  const other = testOptions(hub, {
    limit,
    folder: folder.path,
    onWait: (wait) => waits.push(wait),
  });
  using first = await connect(one);
  using second = await connect(other);
  hub.plan({ status: 429, headers: { "retry-after-ms": "300" } });
  const began = Date.now();
  await assert.rejects(first.chatCompletion(chat), { code: "request-rate", retryAfterMs: 300 });
  await second.chatCompletion(chat);
  const after = hub.seen[1]!.at - began;
  assert.ok(after >= 300, `second after ${after} ms`);
  assert.ok(waits.length > 0);
  assert.ok(one.records.some((record) => record.event === "limit.pause"));
});

Deno.test("a pause that is too long fails every call at once, with the time", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub));
  hub.plan(rateLimited(1800));
  await assert.rejects(hf.chatCompletion(chat), { message: /try again in 31 min/ });
  const began = performance.now();
  await assert.rejects(hf.chatCompletion(chat), {
    code: "request-rate",
    message: /the server asked everybody to wait 31 min; try again in 31 min/,
  });
  assert.ok(performance.now() - began < 5000);
  assert.equal(hub.seen.length, 1);
});

Deno.test("openai is told at once when the wait is longer than its timeout for a call", async () => {
  await using hub = startStandIn();
  using fetch = await guardedFetch(testOptions(hub, { limit: onePerHour }));
  const baseURL = "https://router.huggingface.co/v1";
  const openai = new OpenAI({ baseURL, apiKey: fetch.placeholder, fetch });
  await openai.chat.completions.create(chat);
  const began = performance.now();
  await assert.rejects(openai.chat.completions.create(chat, { timeout: 5000 }), (error) => {
    assert.ok(error instanceof OpenAI.RateLimitError, String(error));
    assert.match(error.message, /limit of 1 calls? in 3600 s is used up/);
    return true;
  });
  assert.ok(performance.now() - began < 4000, "before the client's timeout");
  assert.equal(hub.seen.length, 1);
});

Deno.test("openai does not repeat a call that took longer than its timeout", async () => {
  await using hub = startStandIn();
  using fetch = await guardedFetch(testOptions(hub));
  const baseURL = "https://router.huggingface.co/v1";
  const openai = new OpenAI({ baseURL, apiKey: fetch.placeholder, fetch, timeout: 1000 });
  hub.plan({ delayMs: 4000, times: 9 });
  await assert.rejects(openai.chat.completions.create(chat), {
    status: 400,
    message: /own timeout ran out.*may have been billed already/,
  });
  assert.equal(hub.seen.length, 1);
});

Deno.test("a pause holds for calls that take no slot, too", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub);
  using fetch = await guardedFetch(options);
  const headers = { authorization: `Bearer ${fetch.placeholder}` };
  const ask = async () => {
    const response = await fetch("https://huggingface.co/api/whoami-v2", { headers });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await ask(), 200);
  hub.plan({ status: 429, headers: { "retry-after": "30" } });
  assert.equal(await ask(), 200);
  assert.equal(options.slept[0], 30_000, "the call that was refused");
  assert.ok(options.slept[1]! > 29_000, "and, as the limiter's time has not passed, once more");
  options.slept.length = 0;
  assert.equal(await ask(), 200);
  assert.ok(options.slept[0]! > 29_000, "and the next one");
  hub.plan(rateLimited(1800));
  assert.equal(await ask(), 429);
  const seen = hub.seen.length;
  await assert.rejects(ask(), { code: "request-rate", message: /wait 31 min/ });
  assert.equal(hub.seen.length, seen);
});

Deno.test("closing the connection ends the calls that wait", async () => {
  await using hub = startStandIn();
  const options = testOptions(hub, { limit: onePerHour });
  const hf = await connect(options);
  await hf.chatCompletion(chat);
  const pending = hf.chatCompletion(chat);
  setTimeout(() => hf.close(), 20);
  await assert.rejects(pending, { code: "request-refused", message: /connection is closed/ });
  assert.equal(options.records.at(-1)!.outcome, "refused");
});

Deno.test("limits that make no sense are refused when connecting", async () => {
  await using hub = startStandIn();
  const limit = { windows: [{ limit: 0, windowMs: 1000 }] };
  await assert.rejects(connect(testOptions(hub, { limit })), RangeError);
});

Deno.test("a call counts from when it went out when a cell computes without pause meanwhile", async () => {
  await using hub = startStandIn();
  using hf = await connect(testOptions(hub, {
    limit: { store: "memory", windows: [{ limit: 1, windowMs: 1000 }] },
    // The runtime sends what `fetch` was given only when the cell lets it.
    fetch: async (input, init) => {
      const busyUntil = performance.now() + 400;
      while (performance.now() < busyUntil);
      await new Promise((resolve) => setTimeout(resolve, 0));
      return await hub.fetch(input, init);
    },
  }));
  await hf.chatCompletion(chat);
  await hf.chatCompletion(chat);
  const [first, second] = hub.seen.map(({ at }) => at);
  // The second call, too, comes 400 ms after its slot; counted from its slot, the first would let it
  // come at 1000. How long the way to the server takes differs by less than the 200 between.
  assert.ok(second! - first! >= 1000 + 400 - 200, `${second! - first!} ms`);
});

Deno.test("a connection of higher priority goes first in its process, and concurrency holds over both", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  const limit = { windows: [{ limit: 1, windowMs: 1000 }] }; // all are asked for long before it ends
  const common = { folder: folder.path, limit };
  using low = await connect(testOptions(hub, common));
  using high = await connect(testOptions(hub, { ...common, priority: 5 }));
  const order: string[] = [];
  const call = async (name: string, hf: typeof low) => {
    await hf.chatCompletion(chat);
    order.push(name);
  };
  await call("first", low);
  const waiting = [call("low", low), call("low", low)];
  await new Promise((done) => setTimeout(done, 20));
  await Promise.all([...waiting, call("high", high)]);
  assert.deepEqual(order, ["first", "high", "low", "low"]);

  const one = {
    folder: folder.path,
    limit: { windows: [{ limit: 99, windowMs: 250 }], concurrency: 1 },
  };
  using a = await connect(testOptions(hub, one));
  using b = await connect(testOptions(hub, one));
  hub.reset();
  hub.plan({ delayMs: 200, times: 2 });
  await Promise.all([a.chatCompletion(chat), b.chatCompletion(chat)]);
  const apart = hub.seen[1]!.at - hub.seen[0]!.at;
  assert.ok(apart >= 195, `${apart} ms apart`);
});

Deno.test("closing one connection ends its own waiting calls only", async () => {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  // It is closed long before the window ends.
  const common = { folder: folder.path, limit: { windows: [{ limit: 1, windowMs: 1000 }] } };
  const one = await connect(testOptions(hub, common));
  using other = await connect(testOptions(hub, common));
  await one.chatCompletion(chat);
  const mine = one.chatCompletion(chat);
  const theirs = other.chatCompletion(chat);
  setTimeout(() => one.close(), 20);
  await assert.rejects(mine, { code: "request-refused", message: /connection is closed/ });
  await theirs;
  await other.chatCompletion(chat);
  assert.equal(hub.seen.length, 3);
});
