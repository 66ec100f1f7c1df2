import assert from "node:assert/strict";
import fc from "fast-check";
import { WaitQueue } from "../../src/limits/wait_queue.ts";

Deno.test("WaitQueue behaves as a sorted list does when entries come and go", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), priority: fc.integer({ min: -2, max: 2 }) }),
    fc.record({ kind: fc.constant("take" as const) }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat(20) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const queue = new WaitQueue<{ id: number; priority: number; gone: boolean }>();
    let model: { id: number; priority: number; gone: boolean }[] = [];
    let id = 0;
    for (const each of steps) {
      if (each.kind === "add") {
        const entry = { id: id++, priority: each.priority, gone: false };
        queue.add(entry);
        model.push(entry);
        model.sort((a, b) => b.priority - a.priority || a.id - b.id);
      } else if (each.kind === "take") {
        assert.equal(queue.take(), model.shift());
      } else if (model.length > 0) {
        const entry = model[each.which % model.length]!;
        assert.equal(queue.remove(entry), true);
        assert.equal(queue.remove(entry), false);
        model = model.filter((other) => other !== entry);
      }
      assert.equal(queue.size, model.length);
      assert.deepEqual([...queue], model);
    }
  }));
});

Deno.test("WaitQueue keeps little of what was taken when it is long", () => {
  const queue = new WaitQueue<{ id: number; priority: number; gone: boolean }>();
  for (let id = 0; id < 5000; id++) queue.add({ id, priority: 0, gone: false });
  for (let id = 0; id < 4999; id++) assert.equal(queue.take()!.id, id);
  assert.deepEqual([...queue].map(({ id }) => id), [4999]);
});
