/**
 * Limit, pause, budget and lockout of connections in several processes and kernels, over real sockets to
 * one server that notes when calls arrive.
 */

import assert from "node:assert/strict";
import { createBudget } from "../../src/limits/budget.ts";
import { HEAD_BYTES, RingHead } from "../../src/limits/ring_head.ts";
import { startDeno } from "../kit/child.ts";
import { MOD_URL, printed, startKernel } from "../kit/kernel.ts";
import { fakeToken } from "../kit/tokens.ts";
import { assertWindow, Machine, say } from "./machine.ts";

Deno.test("connections in four processes, one of them killed, keep to one window between them", async () => {
  await using machine = new Machine();
  const options = "{ limit: { windows: [{ limit: 6, windowMs: 800 }] } }";
  const many = "await Promise.all(Array.from({ length: 6 }, () => call()));";
  const victim = startDeno(machine.code(options, "while (true) await call();"), {
    env: machine.env,
    piped: false,
  });
  while (machine.hub.seen.length < 2) await new Promise((done) => setTimeout(done, 5));
  victim.kill("SIGKILL");
  const code = machine.code(options, `${many} console.log(1);`);
  const [, ...done] = await Promise.all([
    victim.status,
    ...[1, 2, 3].map(() => machine.run([code])),
  ]);
  assert.deepEqual(done.flat(), [1, 1, 1]);
  assertWindow(machine.hub, 6, 800);
  assert.ok(machine.hub.seen.length >= 20);
});

Deno.test("connections in two kernels and a process keep to one window, and one 429 pauses them all", async () => {
  await using machine = new Machine();
  const kernels = await Promise.all([1, 2].map(() => startKernel({ env: machine.env })));
  try {
    const open = `import { connect } from "${MOD_URL}";
      const hf = await connect({ limit: { windows: [{ limit: 4, windowMs: 700 }] }, retry: { maxRetries: 0 },
        onWait() {} });
      const say = () => hf.chatCompletion(${
      JSON.stringify(say)
    }).then(() => 200, (error) => error.status);`;
    await Promise.all(kernels.map((kernel) => printed(kernel, open)));
    const options =
      "{ limit: { windows: [{ limit: 4, windowMs: 700 }] }, retry: { maxRetries: 0 } }";
    await Promise.all([
      ...kernels.map((kernel) =>
        printed(kernel, "await Promise.all([say(), say(), say(), say()])")
      ),
      machine.run([machine.code(options, "await call(); await call(); console.log(1);")]),
    ]);
    assert.equal(machine.hub.seen.length, 10);
    assertWindow(machine.hub, 4, 700);

    machine.hub.plan({ status: 429, headers: { "retry-after-ms": "3000" } });
    assert.equal(await printed(kernels[0]!, "await say()"), "429\n");
    const before = machine.hub.seen.length;
    const refusedAt = machine.hub.seen.at(-1)!.at;
    await Promise.all([
      ...kernels.map((kernel) => printed(kernel, "await say()")),
      machine.run([machine.code(options, "await call(); console.log(1);")]),
    ]);
    const after = machine.hub.seen.slice(before).map(({ at }) => at - refusedAt);
    assert.equal(after.length, 3);
    assert.ok(after.every((ms) => ms >= 3000), `${after} ms after the 429`);
  } finally {
    await Promise.all(kernels.map((kernel) => kernel.shutdown()));
  }
});

Deno.test("connections in four processes never pass a budget between them", async () => {
  await using machine = new Machine();
  // What the stand-in's replies use is more than is estimated: 33 tokens each.
  const options = `{
    limit: { windows: [{ limit: 1000, windowMs: 1000 }] },
    budget: { key: "shared", tokens: { perDay: 400 } },
  }`;
  const codes = [1, 2, 3, 4].map(() =>
    machine.code(
      options,
      `let sent = 0, refused = 0;
       for (let i = 0; i < 8; i++) {
         try { await call({ max_tokens: 40 }); sent++; } catch (error) {
           if (error.code !== "budget-exceeded") throw error;
           refused++;
         }
       }
       console.log(JSON.stringify({ sent, refused }));`,
    )
  );
  const results = await machine.run(codes);
  const sent = results.reduce((sum, each) => sum + each.sent, 0);
  assert.equal(sent, machine.hub.seen.length);
  assert.equal(results.reduce((sum, each) => sum + each.refused, 0), 32 - sent);
  const budget = createBudget({ folder: machine.folder, key: "shared", tokens: { perDay: 400 } });
  const [{ used, left } = { used: 0, left: 0 }] = await budget.status();
  // Cancelled bodies keep their estimate: so much was reserved for each call, and not one more fitted.
  assert.ok(used <= 400, `${used}`);
  assert.equal(used + left, 400);
  assert.ok(left < 60, `${left} left of 400`);
});

Deno.test("refusals of a token in several processes lock it for all of them", async () => {
  await using machine = new Machine();
  machine.env["HF_TOKEN"] = fakeToken();
  const options = "{ limit: { windows: [{ limit: 1000, windowMs: 1000 }] } }";
  const body = `const seen = [];
    for (let i = 0; i < 6; i++) {
      await call().then((status) => seen.push(status), (error) => seen.push(error.code));
    }
    console.log(JSON.stringify(seen));`;
  const results: unknown[] = (await machine.run([1, 2, 3].map(() => machine.code(options, body))))
    .flat();
  const refused = results.filter((each) => each === 401).length;
  assert.equal(refused, machine.hub.seen.length);
  // Three processes: two more calls may be under way when the fifth refusal arrives.
  assert.ok(refused >= 5 && refused <= 7, `${refused} reached the Hub`);
  assert.ok(results.every((each) => each === 401 || each === "lockout"), `${results}`);
});

Deno.test("an abort while another process holds the last slot uses none", async () => {
  await using machine = new Machine();
  const limit = { windows: [{ limit: 2, windowMs: 60_000 }] };
  const options = JSON.stringify({ limit });
  await machine.run([machine.code(options, "await call(); console.log(1);")]);
  const [took] = await machine.run([machine.code(
    options,
    `await call();
     const controller = new AbortController();
     const waiting = call({}, controller.signal);
     await new Promise((done) => setTimeout(done, 50));
     const began = performance.now();
     controller.abort(new Error("enough"));
     await waiting.catch(() => {});
     console.log(performance.now() - began);`,
  )]);
  assert.ok(took < 10_000, `${took} ms`);
  const [ring] = await Array.fromAsync(Deno.readDir(`${machine.folder}/limits`));
  const head = new RingHead();
  const bytes = await Deno.readFile(`${machine.folder}/limits/${ring!.name}`);
  head.bytes.set(bytes.subarray(0, HEAD_BYTES));
  assert.ok(head.isValid());
  assert.equal(head.total, 2, "slots that were ever taken");
  assert.equal(machine.hub.seen.length, 2);
});
