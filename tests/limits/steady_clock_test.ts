import assert from "node:assert/strict";
import { SteadyClock } from "../../src/limits/steady_clock.ts";

function clocks() {
  const time = { wall: 1_700_000_000_000, steady: 5000 };
  const clock = new SteadyClock({ wall: () => time.wall, steady: () => time.steady });
  return { time, clock };
}

Deno.test("SteadyClock turns wall times into steady ones, none of them after now", () => {
  const { time, clock } = clocks();
  assert.equal(clock.seen(time.wall - 700), 4300);
  for (const wall of [time.wall, time.wall + 1, time.wall + 1e9, 0, -5, NaN, Infinity]) {
    assert.equal(clock.seen(wall), 5000);
  }
});

Deno.test("SteadyClock runs on when the wall clock steps, and jumps when the machine slept", () => {
  const { time, clock } = clocks();
  const steps: [number, number, number][] = [ // wall, steady, steady time afterwards
    [100, 100, 5100],
    [-7_200_000, 100, 5200],
    [3_000_000, 100, 5300],
    [8 * 3_600_000, 100, 5300 + 8 * 3_600_000],
  ];
  for (const [wall, steady, expected] of steps) {
    time.wall += wall;
    time.steady += steady;
    clock.tick();
    assert.equal(clock.now, expected);
  }
});
