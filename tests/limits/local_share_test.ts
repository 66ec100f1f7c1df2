import assert from "node:assert/strict";
import fc from "fast-check";
import { LocalShare } from "../../src/limits/local_share.ts";
import { spansOf } from "../../src/limits/window.ts";

Deno.test("LocalShare never fills more than one window when every process keeps to its share", () => {
  const scenario = fc.record({
    limit: fc.integer({ min: 1, max: 12 }),
    instances: fc.integer({ min: 1, max: 4 }),
    before: fc.array(fc.integer({ min: 0, max: 150 }), { maxLength: 12 }),
    gaps: fc.array(
      fc.record({ gap: fc.nat(60), who: fc.nat(3), wanted: fc.integer({ min: 1, max: 4 }) }),
    ),
  });
  fc.assert(fc.property(scenario, ({ limit, instances, before, gaps }) => {
    const [span] = spansOf([{ limit, windowMs: 100 }], 1);
    const spanMs = span!.spanMs;
    // What the store had recorded, itself within the limit.
    const known: number[] = [];
    for (const age of before.toSorted((a, b) => b - a)) {
      const time = 1000 - age;
      if (known.filter((each) => each > time - spanMs).length < limit) known.push(time);
    }
    const shares = Array.from({ length: instances }, () => new LocalShare([span!], instances));
    for (const share of shares) share.begin(known, -Infinity);
    const all = [...known];
    let now = 1000;
    for (const { gap, who, wanted } of gaps) {
      now += gap;
      const { granted } = shares[who % instances]!.claim(wanted, now);
      for (let i = 0; i < granted; i++) all.push(now);
    }
    for (const start of all) {
      const count = all.filter((time) => time >= start && time < start + spanMs).length;
      assert.ok(count <= limit, `${count} of ${limit}`);
    }
  }));
});

Deno.test("LocalShare lets its part go at once and says when there is more", () => {
  const share = new LocalShare(spansOf([{ limit: 6, windowMs: 100 }], 0), 3);
  assert.deepEqual(share.claim(5, 1000), {
    granted: 2,
    stamps: [1000, 1000],
    waitMs: 100,
    reason: "window",
  });
  assert.deepEqual(share.claim(5, 1099), { granted: 0, stamps: [], waitMs: 1, reason: "window" });
  assert.equal(share.claim(5, 1100).granted, 2);
  share.giveBack(1);
  assert.equal(share.claim(5, 1101).granted, 1);
});

Deno.test("LocalShare waits for calls that the store had recorded to leave the window", () => {
  const share = new LocalShare(spansOf([{ limit: 4, windowMs: 100 }], 0), 2);
  share.begin([950, 960, 970, 980], -Infinity);
  // One more here may mean one more elsewhere: two of the four must have gone.
  assert.deepEqual(share.claim(1, 1000), { granted: 0, stamps: [], waitMs: 60, reason: "window" });
  assert.equal(share.claim(2, 1060).granted, 1);
  assert.equal(share.claim(1, 1080).granted, 1);
});

Deno.test("LocalShare is none when there is less than one call for each, and keeps a pause", () => {
  const none = new LocalShare(spansOf([{ limit: 1, windowMs: 100 }], 0), 2);
  assert.deepEqual(none.claim(1, 1000), {
    granted: 0,
    stamps: [],
    waitMs: Infinity,
    reason: "store",
  });
  const paused = new LocalShare(spansOf([{ limit: 4, windowMs: 100 }], 0), 2);
  paused.pause(1500);
  paused.pause(1200);
  assert.deepEqual(paused.claim(1, 1000), { granted: 0, stamps: [], waitMs: 500, reason: "pause" });
  paused.pause(-Infinity);
  assert.equal(paused.claim(1, 1000).granted, 1);
});
