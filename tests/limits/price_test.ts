import assert from "node:assert/strict";
import { estimateInputTokens } from "../../src/limits/estimate.ts";
import { nextPeriod, periodName } from "../../src/limits/period.ts";
import { costOf, priceOf } from "../../src/limits/price.ts";

Deno.test("costOf() gives exact billionths of a dollar, rounded up", () => {
  const rows: [Parameters<typeof costOf>, number][] = [
    [[{ input: 0.1, output: 0.2 }, 1_000_000, 0], 100_000_000],
    [[{ input: 0.1, output: 0.2 }, 3, 0], 300],
    [[{ input: 0.07 }, 1, 0], 70],
    [[{ input: 0.00033 }, 1, 0], 1],
    [[{ call: 0.03 }, 5, 5], 30_000_000],
    [[{}, 5, 5], 0],
  ];
  for (const [args, nano] of rows) assert.equal(costOf(...args), nano);
});

Deno.test("priceOf() takes the nearest price", () => {
  const prices = {
    "a/b:groq": { call: 1 },
    "a/b": { call: 2 },
    groq: { call: 3 },
    "*": { call: 4 },
  };
  const rows: [string | undefined, string | undefined, number][] = [
    ["a/b:groq", undefined, 1],
    ["a/b", "groq", 1],
    ["a/b", "together", 2],
    ["a/b:together", undefined, 2],
    ["c/d", "groq", 3],
    ["c/d:groq", undefined, 3],
    ["c/d", undefined, 4],
    [undefined, undefined, 4],
  ];
  for (const [model, provider, call] of rows) {
    assert.equal(priceOf(prices, model, provider)?.call, call, `${model} ${provider}`);
  }
  assert.equal(priceOf({ "a/b": {} }, "toString"), undefined);
});

Deno.test("nextPeriod() names the first moment after the day or month", () => {
  const rows = [
    ["day", "2026-12-31T23:59:59Z", "2026-12-31", "2027-01-01T00:00:00.000Z"],
    ["month", "2026-12-01T00:00:00Z", "2026-12", "2027-01-01T00:00:00.000Z"],
    ["day", "2028-02-28T10:00:00Z", "2028-02-28", "2028-02-29T00:00:00.000Z"],
  ] as const;
  for (const [period, time, name, next] of rows) {
    assert.equal(periodName(period, Date.parse(time)), name);
    assert.equal(nextPeriod(period, Date.parse(time)).toISOString(), next);
  }
});

Deno.test("estimateInputTokens() counts text, scripts and pictures, rather too many", () => {
  const chat = (content: unknown) => ({ model: "a/b", messages: [{ role: "user", content }] });
  const english = "The quick brown fox jumps over the lazy dog. ".repeat(20); // about 200 tokens
  const tokens = estimateInputTokens(chat(english));
  assert.ok(tokens >= 200 && tokens < 400, `${tokens}`);
  assert.ok(estimateInputTokens(chat("敏捷的棕色狐狸".repeat(10))) >= 70);
  const picture = `data:image/png;base64,${"A".repeat(1_000_000)}`;
  assert.ok(estimateInputTokens(chat([{ image_url: { url: picture } }])) < 2000);
  assert.equal(estimateInputTokens([1, 2, 3]), 3);
  assert.equal(estimateInputTokens(undefined), 0);
  let deep: unknown = "x";
  for (let i = 0; i < 100_000; i++) deep = [deep];
  assert.equal(estimateInputTokens(deep), 1);
});
