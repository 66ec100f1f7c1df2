import assert from "node:assert/strict";
import { clearOutput } from "../../../src/kernel/show/clear.ts";
import { show } from "../../../src/kernel/show/show.ts";
import type { DisplayOutput, Output } from "../../../src/kernel/outputs.ts";
import { MOD_URL, printed, sharedKernel } from "../../kit/kernel.ts";
import { fakeToken } from "../../kit/tokens.ts";

const TOKEN = fakeToken(91);
const kernel = sharedKernel({ env: { HF_TOKEN: TOKEN } });

const SETUP = `var { show, clearOutput, maskOutputs } = await import(${JSON.stringify(MOD_URL)});
var sleep = (ms) => new Promise((done) => setTimeout(done, ms));
var chunk = (content) => ({ choices: [{ delta: { content } }] });
undefined`;

function data(outputs: readonly Output[]): Record<string, unknown>[] {
  return outputs.map((output) => {
    assert.equal(output.output_type, "display_data");
    return (output as DisplayOutput).data;
  });
}

/** Executes a cell and returns its displays, and how many messages of each type it sent. */
async function shown(code: string) {
  await printed(kernel(), `typeof show === "undefined" ? 1 : 0`);
  const types: string[] = [];
  const { status, error, outputs } = await kernel().execute(code, {
    onMessage: ({ header }) => types.push(header.msg_type),
  });
  assert.equal(status, "ok", error?.stack);
  return { data: data(outputs), types };
}

Deno.test.beforeAll(async () => {
  await printed(kernel(), SETUP);
});

Deno.test("show() lets a stream grow as Markdown in one output", async () => {
  const { data, types } = await shown(`await show((async function* () {
    for (const word of ["# Title\\n", "Hello, ", "**wor", "ld**", " <b>"]) { yield chunk(word); await sleep(30); }
    yield { choices: [], usage: {} };
  })(), { everyMs: 20 })`);
  assert.deepEqual(data, [{
    "text/markdown": "# Title\nHello, **world** &lt;b>",
    "text/plain": "# Title\nHello, **world** <b>",
  }]);
  assert.equal(types.filter((type) => type === "display_data").length, 1);
  assert.ok(types.filter((type) => type === "update_display_data").length >= 3);
});

Deno.test("show() sends a fast stream of many tokens in few messages", async () => {
  const { data, types } = await shown(`await show((async function* () {
    for (let i = 0; i < 3000; i++) yield chunk("w" + i + " ");
  })())`);
  assert.match(String(data[0]?.["text/markdown"]), /w2999 $/);
  assert.ok(types.length < 40, `${types.length} messages`);
});

Deno.test("show() keeps what came before a stream fails, and fails with its error", async () => {
  const { status, error, outputs } = await kernel().execute(`await show((async function* () {
    yield "begun"; throw new RangeError("broken");
  })())`);
  assert.equal(status, "error");
  assert.equal(error?.name, "RangeError");
  assert.equal((outputs[0] as DisplayOutput).data["text/plain"], "begun");
});

Deno.test("show() counts the seconds of a pending promise and puts the value in their place", async () => {
  const { data, types } = await shown(`await show((async () => {
    await sleep(150); return new Blob([Uint8Array.fromBase64("iVBORw0KGgo=")]);
  })(), { progressAfterMs: 30 })`);
  assert.deepEqual(Object.keys(data[0]!), ["image/png", "text/plain"]);
  assert.equal(data.length, 1);
  assert.deepEqual(types.filter((type) => type.includes("display")), [
    "display_data",
    "update_display_data",
  ]);
  const plain = await shown(
    `await show(sleep(100).then(() => ({ a: 1 })), { progressAfterMs: 20 })`,
  );
  assert.deepEqual(plain.data, [{ "text/plain": "{ a: 1 }" }]);
  const waiting = await shown(
    `await show((async function* () { await sleep(100); yield "x"; })(), { progressAfterMs: 20 })`,
  );
  assert.deepEqual(waiting.data, [{ "text/markdown": "x", "text/plain": "x" }]);
});

Deno.test("show() takes the waiting line away when the promise fails", async () => {
  const { status, outputs } = await kernel().execute(
    `await show(sleep(100).then(() => { throw new Error("no"); }), { progressAfterMs: 20 })`,
  );
  assert.equal(status, "error");
  assert.deepEqual((outputs[0] as DisplayOutput).data, { "text/plain": "" });
});

Deno.test("show() shows replies, tables, media and anything else as fits", async () => {
  const cells: [code: string, types: string[]][] = [
    [`await show({ choices: [{ message: { content: "hi" } }] })`, ["text/markdown", "text/plain"]],
    [`await show([{ label: "a", score: 0.5 }])`, ["text/html", "text/plain"]],
    [`await show([[0.1, 0.2], [0.3, 0.4]])`, ["text/html", "text/plain"]],
    [`await show(new TextEncoder().encode("GIF89a"))`, ["image/gif", "text/plain"]],
    [`await show(new Blob(["ID3"]))`, ["text/html", "text/plain"]],
    [`await show({ [Symbol.for("Jupyter.display")]: () => ({ "text/x": "own" }) })`, ["text/x"]],
    [`await show(new Map([[1, 2]]))`, ["text/plain"]],
    [`await show(42)`, ["text/plain"]],
    [`await show(null)`, ["text/plain"]],
  ];
  for (const [code, types] of cells) {
    const { data } = await shown(code);
    assert.deepEqual(data.map((bundle) => Object.keys(bundle)), [types], code);
  }
  assert.deepEqual((await shown(`await show(undefined)`)).data, []);
});

Deno.test("clearOutput() clears at once, or when the next output comes", async () => {
  const text = (code: string) => printed(kernel(), code);
  assert.equal(await text(`console.log("a"); clearOutput(); console.log("b")`), "b\n");
  assert.equal(
    await text(`console.log("a"); clearOutput({ wait: true }); console.log("b")`),
    "b\n",
  );
  assert.equal(await text(`console.log("a"); clearOutput({ wait: true })`), "a\n");
});

Deno.test("show() passes through the output mask", async () => {
  await printed(kernel(), `maskOutputs(); undefined`);
  const { data } = await shown(`await show((async function* () {
    for (const piece of Deno.env.get("HF_TOKEN").match(/.{1,5}/g)) { yield piece; await sleep(5); }
  })(), { everyMs: 1 })`);
  assert.deepEqual(data, [{ "text/markdown": "[masked]", "text/plain": "[masked]" }]);
});

Deno.test("show() and clearOutput() print nothing outside a notebook, unless asked to", async () => {
  let written = "";
  const write = (text: string) => void (written += text);
  async function* stream() {
    yield "a";
    yield "b";
  }
  await show(stream());
  await show({ choices: [{ message: { content: "hi" } }] });
  clearOutput();
  await show(stream(), { write });
  await show(Promise.resolve([{ label: "x", score: 0.25 }]), { write });
  await show({ a: 1 }, { write });
  assert.equal(written, "ablabel  score\nx      0.25\n{ a: 1 }\n");
});
