import assert from "node:assert/strict";
import fc from "fast-check";
import { readServerWord, type ServerWord } from "../../src/limits/server_word.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const silent: ServerWord = { pauseMs: 0, otherLimit: false, loading: false, quotas: [] };

/** `word` holds what differs from silence. */
interface Row {
  readonly title: string;
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly word: Partial<ServerWord>;
}

const rows: Row[] = [
  { title: "nothing on a plain success", status: 200, word: silent },
  { title: "nothing on a 429 without headers", status: 429, word: silent },
  {
    title: "Retry-After seconds",
    status: 429,
    headers: { "Retry-After": "20" },
    word: { retryMs: 20_000, source: "retry-after", pauseMs: 20_000 },
  },
  {
    title: "Retry-After decimals",
    status: 503,
    headers: { "Retry-After": "1.5" },
    word: { retryMs: 1500, source: "retry-after", pauseMs: 0 },
  },
  {
    title: "Retry-After zero",
    status: 429,
    headers: { "Retry-After": "0" },
    word: { retryMs: 0, source: "retry-after", pauseMs: 0 },
  },
  {
    title: "Retry-After as an IMF date against the local clock",
    status: 429,
    headers: { "Retry-After": "Sun, 01 Mar 2026 12:00:30 GMT" },
    word: { retryMs: 30_000, source: "retry-after", pauseMs: 30_000 },
  },
  {
    title: "Retry-After as a date against the server's own clock",
    status: 429,
    headers: {
      "Retry-After": "Sun, 01 Mar 2026 15:00:30 GMT",
      Date: "Sun, 01 Mar 2026 15:00:20 GMT",
    },
    word: { retryMs: 10_000, source: "retry-after", pauseMs: 10_000 },
  },
  {
    title: "Retry-After as an RFC 850 date",
    status: 503,
    headers: { "Retry-After": "Sunday, 01-Mar-26 12:00:10 GMT" },
    word: { retryMs: 10_000, source: "retry-after" },
  },
  {
    title: "Retry-After as an asctime date",
    status: 503,
    headers: { "Retry-After": "Sun Mar  1 12:00:05 2026" },
    word: { retryMs: 5000, source: "retry-after" },
  },
  {
    title: "a date in the past as no wait",
    status: 429,
    headers: { "Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT" },
    word: { retryMs: 0, source: "retry-after" },
  },
  {
    title: "retry-after-ms before Retry-After",
    status: 429,
    headers: { "retry-after-ms": "1250", "Retry-After": "2" },
    word: { retryMs: 1250, source: "retry-after-ms", pauseMs: 1250 },
  },
  {
    title: "a used-up window as t+1 s",
    status: 429,
    headers: { RateLimit: '"api";r=0;t=30' },
    word: { retryMs: 31_000, source: "ratelimit", pauseMs: 31_000 },
  },
  {
    title: "the longest of several used-up windows",
    status: 429,
    headers: { RateLimit: '"a";r=0;t=5, "b";r=0;t=50, "c";r=3;t=500' },
    word: {
      retryMs: 51_000,
      source: "ratelimit",
      pauseMs: 51_000,
      pace: { gapMs: 166_667, forMs: 500_000 },
    },
  },
  {
    title: "the longer of Retry-After and a used-up window",
    status: 429,
    headers: { RateLimit: '"api";r=0;t=5', "Retry-After": "60" },
    word: { retryMs: 60_000, source: "retry-after", pauseMs: 60_000 },
  },
  {
    title: "another limit when calls are left on a 429",
    status: 429,
    headers: {
      RateLimit: '"api";r=99794;t=241',
      "RateLimit-Policy": '"fixed window";"api";q=100000;w=300',
    },
    word: { otherLimit: true },
  },
  {
    title: "Retry-After of another limit",
    status: 429,
    headers: { RateLimit: '"api";r=9;t=241', "Retry-After": "7" },
    word: {
      retryMs: 7000,
      source: "retry-after",
      pauseMs: 7000,
      otherLimit: true,
      pace: { gapMs: 26_778, forMs: 241_000 },
    },
  },
  {
    title: "a window used up by a success as a pause, without a retry",
    status: 200,
    headers: { RateLimit: '"api";r=0;t=9' },
    word: { pauseMs: 10_000 },
  },
  {
    title: "no pause from r=0 without t",
    status: 429,
    headers: { RateLimit: '"api";r=0' },
    word: silent,
  },
  {
    title: "few calls left as a slower rhythm",
    status: 200,
    headers: { RateLimit: '"api";r=20;t=60', "RateLimit-Policy": '"api";q=1000;w=300' },
    word: { pauseMs: 0, pace: { gapMs: 3000, forMs: 60_000 } },
  },
  {
    title: "many calls left as no rhythm",
    status: 200,
    headers: { RateLimit: '"api";r=100;t=60', "RateLimit-Policy": '"api";q=1000;w=300' },
    word: silent,
  },
  {
    title: "few calls left of an unknown quota",
    status: 200,
    headers: { RateLimit: '"api";r=10;t=5' },
    word: { pace: { gapMs: 500, forMs: 5000 } },
  },
  {
    title: "the slowest rhythm of several",
    status: 200,
    headers: { RateLimit: '"a";r=10;t=5, "b";r=2;t=5' },
    word: { pace: { gapMs: 2500, forMs: 5000 } },
  },
  {
    title: "estimated_time of a loading model",
    status: 503,
    body: { error: "Model is currently loading", estimated_time: 20.5 },
    word: { retryMs: 20_500, source: "estimated-time", loading: true, pauseMs: 0 },
  },
  {
    title: "Retry-After before estimated_time",
    status: 503,
    headers: { "Retry-After": "3" },
    body: { estimated_time: 20 },
    word: { retryMs: 3000, source: "retry-after", loading: true },
  },
  {
    title: "no estimated_time outside 503",
    status: 500,
    body: { estimated_time: 5 },
    word: silent,
  },
  ...[-1, NaN, Infinity, "20", null].map((estimated_time) => ({
    title: `no estimated_time of ${estimated_time}`,
    status: 503,
    body: { estimated_time },
    word: silent,
  })),
  { title: "no body that is text", status: 503, body: "estimated_time", word: silent },
  ...["-5", "soon", "", "1e3", "Infinity", "2026-03-01", "20 s", "Sun, 99 Foo 2026 12:00:30 GMT"]
    .map((value) => ({
      title: `nothing in Retry-After: ${value}`,
      status: 429,
      headers: { "Retry-After": value },
      word: silent,
    })),
  {
    title: "no Retry-After on a success",
    status: 200,
    headers: { "Retry-After": "20", "retry-after-ms": "20" },
    word: silent,
  },
  {
    title: "Retry-After when retry-after-ms is nonsense",
    status: 429,
    headers: { "Retry-After": "2", "retry-after-ms": "1s" },
    word: { retryMs: 2000, source: "retry-after", pauseMs: 2000 },
  },
];

for (const { title, status, headers, body, word } of rows) {
  Deno.test(`readServerWord() reads ${title}`, () => {
    const read = readServerWord({ status, headers: new Headers(headers), body }, NOW);
    const expected = { ...silent, ...word, quotas: read.quotas };
    assert.deepEqual(read, expected);
  });
}

Deno.test("readServerWord() gives finite times and never throws when headers are any text", () => {
  const value = fc.string({
    unit: fc.constantFrom(...'0123456789.:,;=-" rtSunMarGMT'),
    maxLength: 40,
  });
  const status = fc.constantFrom(200, 408, 429, 500, 503);
  fc.assert(fc.property(status, value, value, value, (status, after, ms, field) => {
    const headers = new Headers({ "Retry-After": after, "retry-after-ms": ms, RateLimit: field });
    const word = readServerWord({ status, headers }, NOW);
    assert.ok(word.retryMs === undefined || (word.retryMs >= 0 && Number.isFinite(word.retryMs)));
    assert.ok(word.pauseMs >= 0 && Number.isFinite(word.pauseMs));
    assert.equal(word.retryMs === undefined, word.source === undefined);
  }));
});
