import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decideRetry,
  type FailedTry,
  fullJitter,
  type RetryDecision,
} from "../../src/limits/retry_timing.ts";
import { readServerWord } from "../../src/limits/server_word.ts";

function failed(change: Partial<FailedTry> & { headers?: Record<string, string>; body?: unknown }) {
  const { headers, body, ...rest } = change;
  const status = change.status ?? 503;
  const word = status === "network"
    ? undefined
    : readServerWord({ status, headers: new Headers(headers), body });
  return {
    status,
    attempt: 1,
    elapsedMs: 0,
    idempotent: false,
    ...(word === undefined ? {} : { word }),
    ...rest,
  };
}

const middle = () => 0.5;

for (const status of [408, 429, 500, 502, 503, 504, "network"] as const) {
  Deno.test(`decideRetry() retries ${status} when the call is idempotent`, () => {
    const decision = decideRetry(failed({ status, idempotent: true }), {}, middle);
    assert.equal(decision.retry, true);
    assert.equal(decision.retry && decision.waitMs, 250);
  });
  Deno.test(`decideRetry() treats ${status} as billed or not when the call is not idempotent`, () => {
    const decision = decideRetry(failed({ status }), {}, middle);
    if (status === 429 || status === 503) assert.equal(decision.retry, true);
    else assert.deepEqual(decision, { retry: false, reason: "billed", pauseMs: 0 });
  });
}

for (const status of [400, 401, 402, 403, 404, 409, 413, 422, 425, 451, 200, 301, 501, 505]) {
  Deno.test(`decideRetry() never retries ${status}`, () => {
    assert.deepEqual(
      decideRetry(failed({ status, idempotent: true, headers: { "Retry-After": "1" } })),
      status >= 400
        ? { retry: false, reason: "status", serverWaitMs: 1000, pauseMs: 0 }
        : { retry: false, reason: "status", pauseMs: 0 },
    );
  });
}

const rows: { title: string; failed: FailedTry; decision: RetryDecision }[] = [
  {
    title: "stops after the first streamed byte",
    failed: failed({ status: 429, streamed: true, idempotent: true }),
    decision: { retry: false, reason: "streamed", pauseMs: 0 },
  },
  {
    title: "retries a refused connection of any call",
    failed: failed({ status: "network", unsent: true }),
    decision: { retry: true, waitMs: 250, timing: "jitter", pauseMs: 0 },
  },
  {
    title: "keeps the server's time without jitter",
    failed: failed({ headers: { "Retry-After": "20" } }),
    decision: { retry: true, waitMs: 20_000, timing: "server", pauseMs: 0 },
  },
  {
    title: "pauses everybody after a 429 with a time",
    failed: failed({ status: 429, headers: { RateLimit: '"api";r=0;t=5' } }),
    decision: { retry: true, waitMs: 6000, timing: "server", pauseMs: 6000 },
  },
  {
    title: "pauses everybody after a 429 without a time",
    failed: failed({ status: 429 }),
    decision: { retry: true, waitMs: 250, timing: "jitter", pauseMs: 250 },
  },
  {
    title: "pauses nobody after a 429 of another limit",
    failed: failed({ status: 429, headers: { RateLimit: '"api";r=9;t=241' } }),
    decision: { retry: true, waitMs: 250, timing: "jitter", pauseMs: 0 },
  },
  {
    title: "fails fast with the time when the server asks for too long",
    failed: failed({ status: 429, headers: { "Retry-After": "120" } }),
    decision: { retry: false, reason: "server-wait", serverWaitMs: 120_000, pauseMs: 120_000 },
  },
  {
    title: "fails fast when the server's time lies beyond the deadline",
    failed: failed({ headers: { "Retry-After": "50" }, elapsedMs: 80_000 }),
    decision: { retry: false, reason: "server-wait", serverWaitMs: 50_000, pauseMs: 0 },
  },
  {
    title: "tries a loading model every 30 s",
    failed: failed({ body: { estimated_time: 70 } }),
    decision: { retry: true, waitMs: 30_000, timing: "server", pauseMs: 0 },
  },
  {
    title: "fails fast when a model needs longer to load than there is time",
    failed: failed({ body: { estimated_time: 1809 } }),
    decision: { retry: false, reason: "server-wait", serverWaitMs: 1_809_000, pauseMs: 0 },
  },
  {
    title: "stops after three retries and still pauses the others",
    failed: failed({ status: 429, attempt: 4, headers: { "Retry-After": "2" } }),
    decision: { retry: false, reason: "attempts", serverWaitMs: 2000, pauseMs: 2000 },
  },
  {
    title: "stops at the deadline",
    failed: failed({ elapsedMs: 119_900, attempt: 3 }),
    decision: { retry: false, reason: "deadline", pauseMs: 0 },
  },
];

for (const { title, failed, decision } of rows) {
  Deno.test(`decideRetry() ${title}`, () => {
    assert.deepEqual(decideRetry(failed, {}, middle), decision);
  });
}

Deno.test("decideRetry() refuses options that are no numbers", () => {
  assert.throws(() => decideRetry(failed({}), { maxRetries: NaN }), RangeError);
  assert.throws(() => decideRetry(failed({}), { deadlineMs: -1 }), RangeError);
});

Deno.test("fullJitter() stays between 0 and a bound that doubles from 0.5 s to 30 s", () => {
  const bounds = [1, 2, 3, 4, 5, 6, 7, 8, 40].map((attempt) => fullJitter(attempt, {}, () => 1));
  assert.deepEqual(bounds, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  assert.equal(fullJitter(5, {}, () => 0), 0);
});

Deno.test("decideRetry() ends every call within four tries and the deadline", () => {
  const step = fc.record({
    status: fc.constantFrom(408, 429, 500, 502, 503, 504, "network" as const),
    after: fc.option(fc.nat(200).map(String), { nil: undefined }),
    tookMs: fc.nat(20_000),
  });
  fc.assert(fc.property(fc.infiniteStream(step), fc.boolean(), (steps, idempotent) => {
    let elapsedMs = 0, sent = 0;
    for (const { status, after, tookMs } of steps) {
      assert.ok(elapsedMs <= 120_000);
      sent++;
      elapsedMs += tookMs;
      const headers = after === undefined ? {} : { "Retry-After": after };
      const decision = decideRetry(
        failed({ status, attempt: sent, elapsedMs, idempotent, headers }),
      );
      if (!decision.retry) break;
      elapsedMs += decision.waitMs;
    }
    assert.ok(sent <= 4);
  }));
});
