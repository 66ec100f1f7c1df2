import assert from "node:assert/strict";
import { kernelSink, terminalSink, waitLine } from "../../src/inference/wait_line.ts";

/** A line whose clock and ticks are moved by hand. */
function line() {
  let now = 0;
  let tick: (() => void) | undefined;
  const shown: string[] = [];
  const tell = waitLine({
    sink: { show: (text) => shown.push(text), end: (text) => shown.push(`end: ${text}`) },
    clock: () => now,
    every: (_ms, callback) => {
      tick = callback;
      return () => tick = undefined;
    },
  });
  return {
    tell,
    shown,
    pass(ms: number) {
      now += ms;
      tick?.();
    },
    ticking: () => tick !== undefined,
  };
}

Deno.test("waitLine() prints once, counts down in place and ends in the past tense", () => {
  const { tell, shown, pass, ticking } = line();
  tell({ id: "a", reason: "rate", remainingMs: 3200, done: false });
  pass(200);
  tell({ id: "a", reason: "rate", remainingMs: 2500, done: false });
  pass(200);
  pass(2300);
  tell({ id: "a", reason: "rate", remainingMs: 0, done: true });
  assert.deepEqual(shown, [
    "Rate limit reached, waiting 3.2 s",
    "Rate limit reached, waiting 3.0 s",
    "Rate limit reached, waiting 2.3 s",
    "Rate limit reached, waiting 0.1 s",
    "end: Rate limit reached, waited 2.7 s",
  ]);
  assert.ok(!ticking());
  tell({ id: "a", reason: "rate", remainingMs: 0, done: true });
  assert.equal(shown.length, 5, "an end that nobody began says nothing");
});

Deno.test("waitLine() has one line for many calls, the soonest first", () => {
  const { tell, shown, pass } = line();
  tell({ id: "a", reason: "rate", remainingMs: 3000, done: false });
  tell({ id: "b", reason: "loading", remainingMs: 20_000, done: false });
  pass(200);
  tell({ id: "a", reason: "rate", remainingMs: 0, done: true });
  tell({ id: "b", reason: "loading", remainingMs: 0, done: true });
  assert.deepEqual(shown, [
    "Rate limit reached, waiting 3.0 s",
    "Rate limit reached, waiting 2.8 s (2 calls)",
    "The model is being loaded, waiting 19.8 s",
    "end: The model was being loaded, waited 0.2 s",
  ]);
});

Deno.test("waitLine() is silent about a short wait after a failure", () => {
  const { tell, shown } = line();
  tell({ id: "a", reason: "failure", remainingMs: 400, done: false });
  tell({ id: "a", reason: "failure", remainingMs: 0, done: true });
  assert.deepEqual(shown, []);
});

Deno.test("kernelSink() updates one output and begins another for the next wait", () => {
  const sent: [string, Record<string, unknown>][] = [];
  const sink = kernelSink({
    broadcast(type, content) {
      sent.push([type, content]);
      return Promise.resolve();
    },
  });
  sink.show("one");
  sink.show("two");
  sink.end("three");
  sink.show("four");
  assert.deepEqual(sent.map(([type]) => type), [
    "display_data",
    "update_display_data",
    "update_display_data",
    "display_data",
  ]);
  const ids = sent.map(([, content]) =>
    (content["transient"] as { display_id: string }).display_id
  );
  assert.equal(new Set(ids.slice(0, 3)).size, 1);
  assert.notEqual(ids[3], ids[0]);
  assert.deepEqual(sent[2]![1]["data"], { "text/plain": "three" });
});

Deno.test("terminalSink() writes over its line and leaves nothing", () => {
  let written = "";
  const sink = terminalSink((text) => written += text);
  sink.show("one");
  sink.end("over");
  assert.equal(written, "\rone\x1b[K\r\x1b[K");
});
