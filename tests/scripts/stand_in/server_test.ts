import assert from "node:assert/strict";
import { loading, rateLimited, startStandIn } from "../../../scripts/stand_in/server.ts";

Deno.test("startStandIn() answers whoami with its token only and never records it", async () => {
  await using hub = startStandIn();
  const ask = (authorization: string) =>
    fetch(`${hub.origin}/api/whoami-v2`, { headers: { authorization } });
  const good = await ask(`Bearer ${hub.token}`);
  assert.equal((await good.json()).name, "stand-in");
  const bad = await ask("Bearer something");
  assert.equal(bad.status, 401);
  await bad.body?.cancel();
  assert.deepEqual(hub.seen.map((seen) => [seen.credential, seen.status]), [
    ["token", 200],
    ["other", 401],
  ]);
  assert.ok(!JSON.stringify(hub.seen).includes(hub.token));
});

Deno.test("startStandIn() makes the trouble it is asked for, in order", async () => {
  await using hub = startStandIn({ limit: { requests: 2, seconds: 60 } });
  const ask = () =>
    hub.fetch("https://router.huggingface.co/v1/chat/completions", {
      method: "POST",
      headers: { authorization: `Bearer ${hub.token}` },
      body: JSON.stringify({ messages: [] }),
    });
  hub.plan(rateLimited(7), loading(3), { hangUp: true });
  const limited = await ask();
  assert.equal(limited.status, 429);
  assert.equal(limited.headers.get("ratelimit"), '"api";r=0;t=7');
  await limited.body?.cancel();
  const busy = await ask();
  assert.equal(busy.status, 503);
  assert.equal((await busy.json()).estimated_time, 3);
  await assert.rejects(async () => await (await ask()).text(), TypeError);
  const statuses: number[] = [];
  for (let call = 0; call < 3; call++) {
    const response = await ask();
    statuses.push(response.status);
    await response.body?.cancel();
  }
  assert.deepEqual(statuses, [200, 200, 429]);
});
