/** connect() in cells of a real Deno kernel, against a stand-in Hub: what a person would see. */

import assert from "node:assert/strict";
import { type StandIn, startStandIn } from "../../scripts/stand_in/server.ts";
import { MOD_URL, startKernel } from "../kit/kernel.ts";
import type { Kernel } from "../../src/kernel/client.ts";
import { outputText } from "../../src/kernel/outputs.ts";
import { temporaryFolder } from "../kit/temporary.ts";

const prompt = "canary: a prompt in a cell";
const say = `{ model: "stand-in/chat", messages: [{ role: "user", content: "${prompt}" }] }`;

async function withKernel(body: (kernel: Kernel, hub: StandIn) => Promise<void>): Promise<void> {
  await using hub = startStandIn();
  using folder = temporaryFolder();
  await using kernel = await startKernel({
    env: { ...hub.env, HF_TOKEN: hub.token, HUSHBOOK_HOME: `${folder.path}/state` },
  });
  await body(kernel, hub);
}

Deno.test("connect() in a notebook: client, stream, error and wait, and no token in any of it", async () => {
  await withKernel(async (kernel, hub) => {
    const cells: [string, "ok" | "error", RegExp][] = [
      [
        `import { connect } from "${MOD_URL}"; const hf = await connect(); hf`,
        "ok",
        /InferenceClient/,
      ],
      [`(await hf.chatCompletion(${say})).choices[0].message.content`, "ok", /Hello/],
      [
        `let text = ""; for await (const chunk of hf.chatCompletionStream(${say})) {
           text += chunk.choices[0]?.delta.content ?? "";
         } text`,
        "ok",
        /no token in sight/,
      ],
      [
        `hf.accessToken + JSON.stringify(hf) + Deno.inspect(hf, { showHidden: true })`,
        "ok",
        /hushbook/,
      ],
    ];
    let shown = "";
    for (const [code, status, pattern] of cells) {
      const result = await kernel.execute(code);
      assert.equal(result.status, status, result.error?.stack);
      const outputs = JSON.stringify(result.outputs);
      assert.match(outputText(result.outputs), pattern);
      shown += outputs;
    }
    hub.plan({ status: 402 });
    const refused = await kernel.execute(`await hf.chatCompletion(${say})`);
    assert.equal(refused.status, "error");
    assert.match(refused.error!.message, /credits are used up/);
    shown += JSON.stringify(refused);
    assert.ok(!shown.includes(hub.token));
    assert.ok(!shown.includes(prompt));
    assert.deepEqual(hub.seen.map((seen) => seen.credential), ["token", "token", "token"]);
  });
});

Deno.test("connect() in a notebook tells of a wait in one output that ends in the past tense", async () => {
  await withKernel(async (kernel, hub) => {
    const code = `import { connect } from "${MOD_URL}";
      const hf = await connect({ limit: { windows: [{ limit: 1, windowMs: 900 }] } });
      await hf.chatCompletion(${say}); await hf.chatCompletion(${say}); undefined`;
    const types: string[] = [];
    const result = await kernel.execute(code, {
      onMessage: (message) => types.push(message.header["msg_type"] as string),
    });
    assert.equal(result.status, "ok", result.error?.stack);
    assert.equal(hub.seen.length, 2);
    const displays = result.outputs.filter((output) => output.output_type === "display_data");
    assert.equal(displays.length, 1);
    assert.match(
      String(displays[0]!.data["text/plain"]),
      /^Rate limit reached, waited 0\.[5-9] s$|^Rate limit reached, waited [1-9]/,
    );
    assert.ok(types.filter((type) => type === "update_display_data").length >= 2, types.join(" "));
  });
});
