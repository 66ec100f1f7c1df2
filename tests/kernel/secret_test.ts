/** Each way in which a value leaves a cell, on a real Deno kernel: none shows what a Secret holds. */

import assert from "node:assert/strict";
import { MOD_URL, sharedKernel } from "../kit/kernel.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(81);
const kernel = sharedKernel({ env: { FAKE: token } });

Deno.test.beforeAll(async () => {
  const { status } = await kernel().execute(`
    import { Secret } from "${MOD_URL}";
    const { display, broadcast } = Deno.jupyter;
    const { log } = console;
    const secret = new Secret(Deno.env.get("FAKE")!);
    class Holder { #own = secret; shown = secret; get own() { return this.#own; } }
    const nested = { list: [secret], map: new Map([["k", secret]]), set: new Set([secret]), h: new Holder() };
    const internals = (Deno as any)[(Deno as any).internal];
  `);
  assert.equal(status, "ok");
});

/** Rows of the table of leaks: the way out, and a cell that takes it. */
const CELLS: readonly (readonly [string, string])[] = [
  ["a cell's last line", `secret`],
  ["a cell's last line, nested", `nested`],
  ["a cell's last line, deep", `({ a: { b: { c: { d: { e: secret } } } } })`],
  ["a cell's last line, in a list", `[secret, [secret], new WeakRef(secret)]`],
  ["a cell's last line, as a promise", `Promise.resolve(secret)`],
  ["a cell's last line, as text", `String(secret) + JSON.stringify(nested)`],
  [
    "an object with Jupyter.display",
    `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": secret, "application/json": { secret }, "text/html": \`<b>\${secret}</b>\` }) })`,
  ],
  [
    "an async Jupyter.display",
    `({ async [Symbol.for("Jupyter.display")]() { return { "text/markdown": "" + secret }; } })`,
  ],
  ["html", "Deno.jupyter.html`<p>${secret}</p>`"],
  ["md", "Deno.jupyter.md`**${secret}**`"],
  ["svg", "Deno.jupyter.svg`<svg><text>${secret}</text></svg>`"],
  ["an element's outerHTML", `({ outerHTML: "<p>" + secret + "</p>" })`],
  [
    "a data frame",
    `({ schema: { fields: [] }, data: [secret], toString() { return "" + secret; } })`,
  ],
  ["display()", `await display(secret)`],
  [
    "display() of a bundle",
    `await display({ "text/plain": secret, "application/json": nested } as any, { raw: true })`,
  ],
  [
    "display() that updates",
    `await display({ "text/plain": "" + secret } as any, { raw: true, display_id: "s" }); await display({ "text/html": "" + secret } as any, { raw: true, display_id: "s", update: true } as any)`,
  ],
  [
    "broadcast()",
    `await broadcast("display_data", { data: { "text/plain": secret, "application/json": { secret } }, metadata: { secret }, transient: {} } as any)`,
  ],
  [
    "a comm",
    `await broadcast("comm_open", { comm_id: "x", target_name: "x", data: { secret } } as any)`,
  ],
  ["console.log", `console.log(secret, nested)`],
  [
    "console.log with formats",
    `console.log("%s %o %O %j %d %i %f %c", secret, secret, secret, secret, secret, secret, secret, secret)`,
  ],
  ["console.error and warn", `console.error(secret); console.warn(nested)`],
  ["console.info and debug", `console.info(secret); console.debug(nested)`],
  ["console.table", `console.table([secret]); console.table([nested]); console.table({ secret })`],
  ["console.dir", `console.dir(secret, { showHidden: true, depth: 99 }); console.dirxml(nested)`],
  ["console.trace", `console.trace(secret)`],
  ["console.group", `console.group(secret); console.groupEnd()`],
  ["console.assert", `console.assert(false, secret, nested)`],
  [
    "console.count and time",
    `console.count(secret as any); console.time(secret as any); console.timeLog(secret as any, secret); console.timeEnd(secret as any)`,
  ],
  ["console.log captured before", `log(secret, nested)`],
  ["node:console", `(await import("node:console")).default.log(secret, nested)`],
  [
    "node:util inspect",
    `(await import("node:util")).inspect(nested, { showHidden: true, depth: 99, getters: true, showProxy: true })`,
  ],
  [
    "Deno.inspect",
    `Deno.inspect(nested, { showHidden: true, depth: 99, getters: true, showProxy: true, iterableLimit: 999, strAbbreviateSize: 99999 } as any)`,
  ],
  ["a proxy", `new Proxy(secret, {})`],
  ["a proxy that is inspected", `Deno.inspect(new Proxy(secret, {}), { showProxy: true })`],
  [
    "a subclass",
    `(() => { class Mine extends Secret { extra = 1; } return new Mine(secret.reveal()); })()`,
  ],
  ["an object that inherits", `Object.create(secret)`],
  ["a thrown error's message", `throw new Error("cannot use " + secret)`],
  ["a thrown error's cause", `throw new Error("no", { cause: secret })`],
  ["a thrown error's fields", `throw Object.assign(new Error("no"), { secret, nested })`],
  ["a thrown error's name", `throw Object.assign(new Error("no"), { name: secret })`],
  [
    "an AggregateError",
    `throw new AggregateError([new Error("" + secret), secret], "no " + secret)`,
  ],
  ["a DOMException", `throw new DOMException("" + secret, "" + secret)`],
  [
    "an error's message that is the secret",
    `throw Object.assign(new Error(), { message: secret })`,
  ],
  [
    "an error thrown by reading",
    `throw { get message() { return secret; }, get stack() { return "" + secret; } }`,
  ],
  ["a thrown Secret", `throw secret`],
  ["a thrown object", `throw { secret, nested, toString: () => "" + secret }`],
  ["a thrown text", `throw "" + secret`],
  ["a rejected promise", `await Promise.reject(secret)`],
  [
    "an error while formatting a result",
    `({ [Symbol.for("Jupyter.display")]() { throw new Error("" + secret); } })`,
  ],
  ["an error of the class itself", `Secret.prototype.reveal.call({} as any)`],
  [
    "an assertion that fails",
    `(await import("node:assert/strict")).default.deepEqual(nested, { x: 1 })`,
  ],
  ["Headers", `new Headers({ "x-a": String(secret) })`],
  ["a header refused by the runtime", `new Headers({ "x-a": secret + "\\n" })`],
  [
    "a Request",
    `new Request("https://huggingface.co/", { headers: { authorization: "Bearer " + secret } })`,
  ],
  ["a URL", `new URL("https://huggingface.co/?t=" + secret)`],
  ["an invalid URL", `new URL("nonsense " + secret)`],
  ["a fetch that fails", `await fetch("nonsense:" + secret)`],
  ["a file that is missing", `Deno.readTextFileSync("/nowhere/" + secret)`],
  ["a long list", `Array.from({ length: 300 }, () => secret)`],
  ["a long text", `("" + secret).repeat(900)`],
  ["characters", `[...String(secret)].join(" ")`],
  ["bytes", `new TextEncoder().encode(String(secret))`],
  ["base64", `btoa(unescape(encodeURIComponent(JSON.stringify(secret))))`],
  ["reversed text", `[...String(secret)].reverse().join("")`],
  ["core.print", `internals.core.print(String(secret) + "\\n")`],
  ["the runtime's own inspection", `internals.inspectArgs([secret, nested])`],
  ["a copy by structuredClone", `structuredClone(secret)`],
  ["a copy by Object.assign", `Object.assign({}, secret)`],
  ["a copy by spreading", `({ ...secret })`],
  ["a copy by JSON", `JSON.parse(JSON.stringify(nested))`],
  [
    "a copy by postMessage",
    `await new Promise((done) => { const { port1, port2 } = new MessageChannel(); port2.onmessage = ({ data }) => { port1.close(); done(data); }; port1.postMessage(secret); })`,
  ],
  [
    "property names",
    `[Reflect.ownKeys(secret), Object.getOwnPropertyDescriptors(secret), Object.getOwnPropertyNames(Secret.prototype)]`,
  ],
  ["the last value", `_`],
  ["the last error", `_error`],
  ["the source of its methods", `[Secret.toString(), secret.reveal.toString()].join()`],
  [
    "a late output",
    `setTimeout(() => console.log(secret, nested), 20); await new Promise((done) => setTimeout(done, 60)); undefined`,
  ],
  [
    "an unhandled rejection",
    `setTimeout(() => Promise.reject(new Error("" + secret)), 1); await new Promise((done) => setTimeout(done, 30)); undefined`,
  ],
  ["performance marks", `performance.mark("" + secret, { detail: 1 })`],
  ["a question", `prompt("Is " + secret + " right?")`],
];

/** Everything that would betray the token: parts of it, forwards, backwards, spaced out, encoded. */
function betrays(text: string): string | undefined {
  const reversed = [...token].reverse().join("");
  const encoded = [0, 1, 2].map((shift) => btoa("x".repeat(shift) + token).slice(4, -4));
  const dense = text.replace(/\\n|[\s,"']+/g, "");
  for (let at = 3; at + 8 <= token.length; at++) {
    const part = token.slice(at, at + 8);
    if (text.includes(part) || dense.includes(part)) return `characters from ${at} on`;
    if (text.includes(reversed.slice(at, at + 8))) return "reversed";
  }
  if (encoded.some((part) => text.includes(part.slice(0, 12)))) return "base64";
  const bytes = [...new TextEncoder().encode(token.slice(3, 11))].join("");
  return dense.includes(bytes) ? "bytes" : undefined;
}

for (const [way, cell] of CELLS) {
  Deno.test(`Secret shows nothing of its value on a real kernel through ${way}`, async () => {
    const seen: unknown[] = [];
    const result = await kernel().execute(cell, {
      onMessage: (message) => seen.push(message.header, message.content, message.metadata),
      input: () => null,
    });
    const text = JSON.stringify([seen, result.outputs, result.error ?? null]);
    assert.equal(betrays(text), undefined, text.slice(0, 2000));
  });
}

Deno.test("Secret is missed by none of these tests: the value itself is seen in every spelling", async () => {
  const spelled: Readonly<Record<string, string>> = {
    plain: `secret.reveal()`,
    characters: `[...secret.reveal()].join(" ")`,
    reversed: `[...secret.reveal()].reverse().join("")`,
    base64: `btoa("x" + secret.reveal())`,
    bytes: `new TextEncoder().encode(secret.reveal())`,
    error: `throw new Error(secret.reveal())`,
  };
  for (const [spelling, cell] of Object.entries(spelled)) {
    const { outputs, error } = await kernel().execute(cell);
    assert.notEqual(betrays(JSON.stringify([outputs, error ?? null])), undefined, spelling);
  }
});
