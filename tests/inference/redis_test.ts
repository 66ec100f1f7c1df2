/** Connections in several processes that share their limit in Redis, which dies and comes back. */

import assert from "node:assert/strict";
import { needs } from "../kit/programs.ts";
import { RedisServer } from "../kit/redis.ts";
import { assertWindow, Machine } from "./machine.ts";

const windows = [{ limit: 6, windowMs: 700 }];
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Calls as often as it may for a while, and prints the longest that any call took. */
function hammering(machine: Machine, limit: unknown, forMs: number): string {
  return machine.code(
    JSON.stringify({ limit }),
    `const end = performance.now() + ${forMs}, longest = [0, 0];
     await Promise.all(longest.map(async (_, which) => {
       while (performance.now() < end) {
         const began = performance.now();
         await call();
         longest[which] = Math.max(longest[which], performance.now() - began);
       }
     }));
     console.log(Math.max(...longest));`,
  );
}

/** Lets three processes call, kills the server and starts it anew; gives calls while it was away. */
async function through(onStoreDown: "local-share" | "block"): Promise<{
  machine: Machine;
  away: number;
  after: number;
  longest: number[];
}> {
  const machine = new Machine();
  await using server = await RedisServer.start();
  await sleep(1200); // a young server first asks everybody what they know
  const limit = { store: server.url, windows, onStoreDown, instances: 3 };
  const running = machine.run([1, 2, 3].map(() => hammering(machine, limit, 6500)));
  while (machine.hub.seen.length < 8) await sleep(10);
  await server.kill();
  await sleep(800); // the calls under way, and those that were allowed before
  const gone = machine.hub.seen.length;
  await sleep(1400);
  const away = machine.hub.seen.length - gone;
  await server.restart();
  const before = machine.hub.seen.length;
  const longest = await running;
  return { machine, away, after: machine.hub.seen.length - before, longest };
}

Deno.test({
  ...needs("connections share the limit by number while Redis is away, under load", "redis-server"),
  async fn() {
    const { machine, away, after } = await through("local-share");
    await using _ = machine;
    assert.ok(away >= 4, `${away} calls while it was away`);
    assert.ok(after >= 6, `${after} calls when it was back`);
    assertWindow(machine.hub, 6, 700);
  },
});

Deno.test({
  ...needs(
    "connections wait while Redis is away where they are told to, under load",
    "redis-server",
  ),
  async fn() {
    const { machine, away, after, longest } = await through("block");
    await using _ = machine;
    assert.equal(away, 0);
    assert.ok(after >= 6, `${after} calls when it was back`);
    assert.ok(longest.every((ms) => ms >= 1400), `${longest}`);
    assertWindow(machine.hub, 6, 700);
  },
});
