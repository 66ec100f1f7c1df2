import assert from "node:assert/strict";
import fc from "fast-check";
import { fairShare, type Queueing } from "../../src/limits/share.ts";
import { STEP_MS, TURN_WORDS, TURNS, Turns } from "../../src/limits/turns.ts";

const rows: [string, Queueing, number][] = [
  ["all when nobody else waits", { free: 5, wanted: 3, others: 0, ahead: 0, idleMs: 0 }, 3],
  [
    "what there is when nobody else waits",
    { free: 2, wanted: 3, others: 0, ahead: 0, idleMs: 0 },
    2,
  ],
  ["a fair part when there is enough", { free: 9, wanted: 9, others: 2, ahead: 2, idleMs: 0 }, 3],
  ["one when its turn has come", { free: 1, wanted: 9, others: 2, ahead: 0, idleMs: 0 }, 1],
  ["none when another waits longer", { free: 1, wanted: 9, others: 2, ahead: 1, idleMs: 3 }, 0],
  ["one when the other does not come", { free: 1, wanted: 9, others: 2, ahead: 1, idleMs: 4 }, 1],
  ["one of two when one waits longer", { free: 2, wanted: 9, others: 3, ahead: 1, idleMs: 0 }, 1],
  ["none when nothing is free", { free: 0, wanted: 9, others: 3, ahead: 0, idleMs: 99 }, 0],
];
for (const [title, queueing, take] of rows) {
  Deno.test(`fairShare() gives ${title}`, () => assert.equal(fairShare(queueing).take, take));
}

Deno.test("fairShare() leaves no slot unused for long when whoever is ahead has died", () => {
  const queueing = fc.record({
    free: fc.integer({ min: 1, max: 20 }),
    wanted: fc.integer({ min: 1, max: 20 }),
    others: fc.integer({ min: 0, max: 31 }),
    share: fc.nat(31),
  });
  fc.assert(fc.property(queueing, ({ free, wanted, others, share }) => {
    const ahead = Math.min(share, others);
    const now = fairShare({ free, wanted, others, ahead, idleMs: 0 });
    assert.ok(now.take >= 0 && now.take <= Math.min(free, wanted));
    if (now.take > 0) return;
    assert.ok(now.waitMs > 0 && now.waitMs <= ahead * STEP_MS);
    assert.equal(fairShare({ free, wanted, others, ahead, idleMs: now.waitMs }).take, 1);
  }));
});

Deno.test("Turns lets the process go first that has waited longest, and forgets the late", () => {
  const words = new Float64Array(TURN_WORDS);
  const [a, b, c] = [1, 2, 3].map((id) => new Turns(words, id)) as [Turns, Turns, Turns];
  a.wait(100, 1000, 200);
  b.wait(150, 1000, 200);
  c.wait(120, 300, 200);
  assert.deepEqual([a.ahead(100, 200), b.ahead(150, 200), c.ahead(120, 200)], [0, 2, 1]);
  assert.equal(b.ahead(150, 400), 1, "c promised to look at 300 and did not");
  assert.equal(a.others(400), 1);
  assert.equal(a.leave(), true);
  assert.equal(a.leave(), false);
  assert.equal(b.others(400), 0);
});

Deno.test("Turns believes no promise that a clock step made absurd, and has room for everybody alive", () => {
  const words = new Float64Array(TURN_WORDS);
  new Turns(words, 1).wait(0, 1e12, 0);
  assert.equal(new Turns(words, 2).others(1000), 0);
  for (let id = 10; id < 10 + TURNS + 5; id++) new Turns(words, id).wait(id, 2000, 1000);
  assert.equal(new Turns(words, 2).others(1000), TURNS);
});
