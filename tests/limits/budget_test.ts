import assert from "node:assert/strict";
import fc from "fast-check";
import { BudgetError } from "../../src/errors.ts";
import { type BudgetOptions, createBudget } from "../../src/limits/budget.ts";
import { runDeno, sourceUrl, startDeno } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const NOON = Date.parse("2026-03-15T12:00:00Z");

function bench(options: BudgetOptions = {}) {
  const folder = temporaryFolder();
  const clock = { now: NOON };
  const notices: string[] = [];
  const budget = createBudget({
    folder: folder.path,
    now: () => clock.now,
    onNotice: (notice) => void notices.push(notice),
    ...options,
  });
  const left = async () => (await budget.status()).map(({ left }) => left);
  return { folder, clock, notices, budget, left, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

Deno.test("createBudget() reserves the estimate and settles what was used", async () => {
  using b = bench({ tokens: { perDay: 1000, perMonth: 5000 } });
  const call = await b.budget.reserve({ inputTokens: 100, maxTokens: 400 });
  assert.equal(call.tokens, 500);
  assert.deepEqual(await b.left(), [500, 4500]);
  assert.equal(await call.settle({ inputTokens: 90, outputTokens: 10 }), undefined);
  assert.deepEqual(await b.left(), [900, 4900]);
  await call.settle({ inputTokens: 1, outputTokens: 1 }); // once is enough
  await call.cancel();
  assert.deepEqual(await b.left(), [900, 4900]);
});

Deno.test("createBudget() keeps the estimate when the use is not known", async () => {
  using b = bench({ tokens: { perDay: 2000 } });
  const call = await b.budget.reserve({ inputTokens: 100 });
  await call.settle();
  await call.settle({ inputTokens: 0, outputTokens: 0 });
  assert.deepEqual(await b.left(), [2000 - 100 - 1024]);
});

Deno.test("createBudget() gives everything back when the call was never sent", async () => {
  using b = bench({ tokens: { perDay: 2000 } });
  await (await b.budget.reserve({ inputTokens: 100 })).cancel();
  assert.deepEqual(await b.left(), [2000]);
});

Deno.test("createBudget() counts a use above the estimate, and then refuses", async () => {
  using b = bench({ tokens: { perDay: 1000 } });
  const call = await b.budget.reserve({ inputTokens: 10, maxTokens: 10 });
  await call.settle({ inputTokens: 900, outputTokens: 600 });
  assert.deepEqual(await b.left(), [0]);
  await assert.rejects(b.budget.reserve({ inputTokens: 1, maxTokens: 0 }), BudgetError);
});

Deno.test("createBudget() refuses with what is left and when it resets", async () => {
  using b = bench({ tokens: { perMonth: 10_000 } });
  await b.budget.reserve({ inputTokens: 8766, maxTokens: 0 });
  await assert.rejects(
    b.budget.reserve({ inputTokens: 1000, maxTokens: 500 }),
    (error: unknown) => {
      assert.ok(error instanceof BudgetError);
      assert.equal(error.code, "budget-exceeded");
      assert.equal(
        error.message,
        "Cannot make the call: it may use 1,500 tokens and the budget has 1,234 tokens of 10,000 " +
          "tokens left this month; lower max_tokens, raise the budget, or wait until it resets at " +
          "2026-04-01T00:00:00.000Z",
      );
      assert.deepEqual(error.facts, {
        unit: "tokens",
        period: "month",
        ceiling: 10_000,
        left: 1234,
        resetsAt: new Date("2026-04-01T00:00:00Z"),
      });
      return true;
    },
  );
  await assert.rejects(b.budget.reserve({ inputTokens: 20_000 }), (error: unknown) => {
    assert.ok(error instanceof BudgetError && !error.message.includes("wait until"));
    return true;
  });
  assert.deepEqual(await b.left(), [1234], "a refused call reserves nothing");
});

Deno.test("createBudget() counts dollars by the model's price", async () => {
  const prices = {
    "meta-llama/Llama-3.1-8B-Instruct": { input: 0.1, output: 0.2 },
    "meta-llama/Llama-3.1-8B-Instruct:groq": { input: 1, output: 2 },
    "fal-ai": { call: 0.03 },
  };
  using b = bench({ dollars: { perDay: 0.5 }, prices });
  const model = "meta-llama/Llama-3.1-8B-Instruct";
  const plain = await b.budget.reserve({ model, inputTokens: 1_000_000, maxTokens: 500_000 });
  assert.equal(plain.dollars, 0.2);
  assert.equal(await plain.settle({ inputTokens: 100_000, outputTokens: 50_000 }), 0.02);
  const routed = await b.budget.reserve({
    model: `${model}:groq`,
    inputTokens: 1000,
    maxTokens: 0,
  });
  assert.equal(routed.dollars, 0.001);
  const picture = await b.budget.reserve({ model: "a/b", provider: "fal-ai" });
  assert.equal(picture.dollars, 0.03);
  assert.equal(await picture.settle(), 0.03);
  assert.deepEqual(await b.left(), [0.449]);
  await assert.rejects(b.budget.reserve({ model: "other/model" }), {
    code: "budget-no-price",
    message: /the model other\/model has no price/,
  });
  await assert.rejects(b.budget.reserve({ model: "odd\nmodel" }), (error: Error) => {
    assert.ok(!error.message.includes("odd"));
    return true;
  });
});

Deno.test("createBudget() begins anew with the day and the month of UTC", async () => {
  using b = bench({ tokens: { perDay: 100, perMonth: 150 } });
  b.clock.now = Date.parse("2026-03-31T23:59:59.999Z");
  const late = await b.budget.reserve({ inputTokens: 100, maxTokens: 0 });
  assert.deepEqual((await b.budget.status()).map(({ resetsAt }) => resetsAt.toISOString()), [
    "2026-04-01T00:00:00.000Z",
    "2026-04-01T00:00:00.000Z",
  ]);
  b.clock.now++;
  assert.deepEqual(await b.left(), [100, 150]);
  // What was reserved yesterday is settled yesterday.
  await late.settle({ inputTokens: 10, outputTokens: 0 });
  assert.deepEqual(await b.left(), [100, 150]);
  b.clock.now--;
  assert.deepEqual(await b.left(), [90, 140], "turning the clock back gives nothing back");
});

Deno.test("createBudget() forgets days long past, and no others", async () => {
  using b = bench({ tokens: { perDay: 100 } });
  for (let day = 0; day < 70; day++) {
    b.clock.now = NOON + day * 86_400_000;
    await b.budget.reserve({ inputTokens: 1, maxTokens: 0 });
  }
  const text = await Deno.readTextFile(`${b.folder.path}/budgets.json`);
  assert.equal(text.match(/"\d{4}-\d\d-\d\d"/g)!.length, 62);
  assert.equal(text.match(/"\d{4}-\d\d"/g)!.length, 3);
});

Deno.test("createBudget() keeps budgets of different keys apart, in a private file", async () => {
  using b = bench({ tokens: { perDay: 100 }, key: { fingerprint: "0123456789ab" } });
  const other = createBudget({ folder: b.folder.path, tokens: { perDay: 100 }, key: "__proto__" });
  await b.budget.reserve({ inputTokens: 60, maxTokens: 0 });
  await other.reserve({ inputTokens: 60, maxTokens: 0 });
  assert.deepEqual(await b.left(), [40]);
  assert.equal((await Deno.stat(`${b.folder.path}/budgets.json`)).mode! & 0o777, 0o600);
});

for (
  const text of [
    "",
    "{",
    "[]",
    '{"version":2,"budgets":{}}',
    '{"version":1,"budgets":{"a":{"x":1}}}',
  ]
) {
  Deno.test(`createBudget() refuses, and changes nothing, when its file holds ${text || "nothing"}`, async () => {
    using b = bench({ tokens: { perDay: 100 } });
    await Deno.writeTextFile(`${b.folder.path}/budgets.json`, text);
    await assert.rejects(b.budget.reserve({ inputTokens: 1 }), { code: "budget-unreadable" });
    await assert.rejects(b.budget.status(), { code: "budget-unreadable" });
    assert.equal(await Deno.readTextFile(`${b.folder.path}/budgets.json`), text);
  });
}

Deno.test("Reservation.settle() does not throw when the file was damaged meanwhile", async () => {
  using b = bench({ tokens: { perDay: 10_000 } });
  const call = await b.budget.reserve({ inputTokens: 1 });
  await Deno.writeTextFile(`${b.folder.path}/budgets.json`, "damaged");
  await call.settle({ inputTokens: 1, outputTokens: 1 });
  assert.equal(b.notices.length, 1);
});

Deno.test("createBudget() refuses options that make no sense", () => {
  assert.throws(() => createBudget({ tokens: { perDay: -1 } }), RangeError);
  assert.throws(() => createBudget({ dollars: { perDay: NaN }, prices: {} }), RangeError);
  assert.throws(() => createBudget({ dollars: { perDay: 1 } }), TypeError);
  assert.throws(() => createBudget({ prices: { a: { input: -1 } } }), RangeError);
});

Deno.test("createBudget() never passes a ceiling when processes reserve side by side", async () => {
  using folder = temporaryFolder();
  const code = `
    import { createBudget } from ${JSON.stringify(sourceUrl("src/limits/budget.ts"))};
    const budget = createBudget({ folder: ${
    JSON.stringify(folder.path)
  }, tokens: { perMonth: 100 } });
    let got = 0;
    const worker = async () => {
      for (let i = 0; i < 4; i++) {
        try {
          const call = await budget.reserve({ inputTokens: 7, maxTokens: 3 });
          got++;
          if (i === 3) { await call.cancel(); got--; }
        } catch (error) {
          if (error.code !== "budget-exceeded") throw error;
        }
      }
    };
    await Promise.all([worker(), worker()]);
    console.log(got);
  `;
  const results = await Promise.all([1, 2, 3].map(() => runDeno(code)));
  const got = results.map(({ stdout, stderr }) => (assert.equal(stderr, ""), Number(stdout)));
  const [month] = await createBudget({ folder: folder.path, tokens: { perMonth: 100 } }).status();
  assert.equal(month!.used, 10 * got.reduce((a, b) => a + b));
  assert.ok(month!.used <= 100);
});

Deno.test("createBudget() keeps the estimate counted when the process is killed", async () => {
  using folder = temporaryFolder();
  const child = startDeno(`
    import { createBudget } from ${JSON.stringify(sourceUrl("src/limits/budget.ts"))};
    const budget = createBudget({ folder: ${
    JSON.stringify(folder.path)
  }, tokens: { perMonth: 100 } });
    await budget.reserve({ inputTokens: 30, maxTokens: 0 });
    Deno.kill(Deno.pid, "SIGKILL");
  `);
  assert.equal((await child.output()).signal, "SIGKILL");
  const budget = createBudget({ folder: folder.path, tokens: { perMonth: 100 } });
  await budget.reserve({ inputTokens: 70, maxTokens: 0 }); // no lock is left behind
  assert.equal((await budget.status())[0]!.left, 0);
});

Deno.test("createBudget() never counts less than was settled when calls come in any order", async () => {
  const call = fc.record({
    input: fc.nat(50),
    output: fc.nat(50),
    used: fc.option(fc.record({ inputTokens: fc.nat(60), outputTokens: fc.nat(60) }), {
      nil: undefined,
    }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 8 }), async (calls) => {
      using b = bench({ tokens: { perDay: 200 } });
      let counted = 0;
      for (const { input, output, used } of calls) {
        try {
          const reservation = await b.budget.reserve({ inputTokens: input, maxTokens: output });
          assert.ok(counted + input + output <= 200);
          await reservation.settle(used);
          counted += used ? used.inputTokens + used.outputTokens : input + output;
        } catch (error) {
          if (!(error instanceof BudgetError)) throw error;
          assert.ok(counted + input + output > 200);
        }
      }
      assert.equal((await b.budget.status())[0]!.used, counted);
    }),
    { numRuns: 25 },
  );
});
