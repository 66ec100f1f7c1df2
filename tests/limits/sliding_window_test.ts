import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_BRAKE, readyAt, StampLog } from "../../src/limits/sliding_window.ts";
import { guardFor, spansOf, type Window } from "../../src/limits/window.ts";

const windowsArbitrary = fc.array(
  fc.record({ limit: fc.integer({ min: 1, max: 6 }), windowMs: fc.integer({ min: 1, max: 400 }) }),
  { minLength: 1, maxLength: 3 },
);

/** The most stamps in any closed window of that length. */
function most(stamps: readonly number[], windowMs: number): number {
  let worst = 0;
  for (const start of stamps) {
    worst = Math.max(
      worst,
      stamps.filter((time) => time >= start && time <= start + windowMs).length,
    );
  }
  return worst;
}

function logFor(windows: readonly Window[]): StampLog {
  return new StampLog(Math.max(...windows.map(({ limit }) => limit)));
}

Deno.test("readyAt() never lets any window hold more than its limit when calls come as they like", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 80 });
  fc.assert(fc.property(windowsArbitrary, gaps, (windows, gaps) => {
    const log = logFor(windows), spans = spansOf(windows, 0.5);
    const stamps: number[] = [];
    let now = 1000;
    for (const gap of gaps) {
      now += gap;
      if (readyAt(log, spans, now).at > now) continue;
      log.push(now);
      stamps.push(now);
    }
    for (const { limit, windowMs } of windows) assert.ok(most(stamps, windowMs) <= limit);
  }));
});

Deno.test("readyAt() lets a call go at the very moment it may when it waits for the answer", () => {
  fc.assert(fc.property(windowsArbitrary, fc.integer({ min: 1, max: 40 }), (windows, calls) => {
    const log = logFor(windows), spans = spansOf(windows, 1);
    const stamps: number[] = [];
    let now = 1000;
    for (let call = 0; call < calls; call++) {
      const { at } = readyAt(log, spans, now);
      if (at > now) {
        // One moment earlier some window would have been too full.
        const tooEarly = [...stamps, at - 0.5];
        assert.ok(spans.some(({ limit, spanMs }) => most(tooEarly, spanMs - 0.25) > limit));
        now = at;
      }
      log.push(now);
      stamps.push(now);
    }
    for (const { limit, spanMs } of spans) assert.ok(most(stamps, spanMs - 0.001) <= limit);
  }));
});

Deno.test("readyAt() forecasts the call after next when each goes as soon as it may", () => {
  const one = fc.record({
    limit: fc.integer({ min: 1, max: 5 }),
    windowMs: fc.integer({ min: 1, max: 300 }),
  });
  const gaps = fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 12 });
  fc.assert(fc.property(one, gaps, fc.integer({ min: 1, max: 20 }), (window, gaps, place) => {
    const log = logFor([window]), spans = spansOf([window], 0);
    let now = 1000;
    for (const gap of gaps) {
      now += gap;
      if (readyAt(log, spans, now).at <= now) log.push(now);
    }
    const forecast = Math.max(now, readyAt(log, spans, now, NO_BRAKE, place).at);
    let time = now;
    for (let call = 1; call <= place; call++) {
      time = Math.max(time, readyAt(log, spans, time).at);
      log.push(time);
    }
    assert.equal(forecast, time);
  }));
});

Deno.test("readyAt() waits for a pause and a rhythm when they are longer than the window", () => {
  const log = new StampLog(10), spans = spansOf([{ limit: 10, windowMs: 1000 }], 0);
  log.push(100);
  const pause = { ...NO_BRAKE, pauseUntil: 500 };
  assert.deepEqual(readyAt(log, spans, 200, pause), { at: 500, reason: "pause" });
  const pace = { ...NO_BRAKE, gapMs: 300, gapUntil: 1000 };
  assert.deepEqual(readyAt(log, spans, 200, pace), { at: 400, reason: "pace" });
  assert.equal(readyAt(log, spans, 200, pace, 2).at, 700);
  assert.equal(readyAt(log, spans, 200, { ...pace, gapUntil: 350 }).at, 350);
  assert.ok(readyAt(log, spans, 200, { ...pace, gapUntil: 150 }).at <= 200);
});

Deno.test("StampLog pulls times back when the clock was put back", () => {
  const log = new StampLog(4);
  for (const time of [10, 20, 5000, 6000]) log.push(time);
  log.clampTo(30);
  assert.deepEqual([1, 2, 3, 4, 5].map((place) => log.newest(place)), [30, 30, 20, 10, -Infinity]);
});

Deno.test("StampLog counts the calls after a time as a plain filter does", () => {
  const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 });
  fc.assert(fc.property(times, fc.integer({ min: 0, max: 60 }), (times, since) => {
    const sorted = times.toSorted((a, b) => a - b);
    const log = new StampLog(8);
    for (const time of sorted) log.push(time);
    assert.equal(log.countAfter(since), sorted.slice(-8).filter((time) => time > since).length);
  }));
});

Deno.test("guardFor() stays between 20 and 50 ms", () => {
  assert.deepEqual([1, 800, 1200, 2000, 60_000].map(guardFor), [20, 20, 30, 50, 50]);
});

const refused: [string, readonly Window[], number?][] = [
  ["no window", []],
  ["nine windows", Array(9).fill({ limit: 1, windowMs: 1 })],
  ["a limit of 0", [{ limit: 0, windowMs: 1 }]],
  ["a broken limit", [{ limit: 1.5, windowMs: 1 }]],
  ["a huge limit", [{ limit: 1e7, windowMs: 1 }]],
  ["a window of 0", [{ limit: 1, windowMs: 0 }]],
  ["a window of NaN", [{ limit: 1, windowMs: NaN }]],
  ["a window of a year", [{ limit: 1, windowMs: 365 * 86_400_000 }]],
  ["a negative guard", [{ limit: 1, windowMs: 1 }], -1],
];
for (const [title, windows, guardMs] of refused) {
  Deno.test(`spansOf() refuses ${title}`, () => {
    assert.throws(() => spansOf(windows, guardMs), RangeError);
  });
}

Deno.test("StampLog.move() keeps the window for when calls are sent when some are sent late", () => {
  const call = fc.record({ gap: fc.nat(150), lateMs: fc.option(fc.nat(600), { nil: 0 }) });
  fc.assert(fc.property(windowsArbitrary, fc.array(call, { maxLength: 60 }), (windows, calls) => {
    const log = logFor(windows), spans = spansOf(windows, 0.5);
    const shortest = Math.min(...spans.map(({ spanMs }) => spanMs));
    const sent: number[] = [];
    let late: { from: number; at: number }[] = [];
    let now = 1000;
    const sendDue = (until: number) => {
      for (const { from, at } of late.toSorted((a, b) => a.at - b.at)) {
        if (at > until) continue;
        log.move(from, at);
        sent.push(at);
      }
      late = late.filter(({ at }) => at > until);
    };
    for (const { gap, lateMs } of calls) {
      now += gap;
      sendDue(now);
      if (readyAt(log, spans, now).at > now) continue;
      log.push(now);
      if (lateMs === 0) sent.push(now);
      else late.push({ from: now, at: now + Math.min(lateMs, shortest * 0.9) });
    }
    sendDue(Infinity);
    for (const { limit, windowMs } of windows) assert.ok(most(sent, windowMs) <= limit);
  }));
});

Deno.test("StampLog.move() takes the place of the earlier time, and adds where there is none", () => {
  const log = new StampLog(4);
  for (const time of [1, 2, 3]) log.push(time);
  log.move(2, 9);
  assert.deepEqual([3, 2, 1].map((place) => log.newest(place)), [1, 3, 9]);
  assert.equal(log.total, 3);
  log.move(2, 10);
  assert.deepEqual([4, 3, 2, 1].map((place) => log.newest(place)), [1, 3, 9, 10]);
});
