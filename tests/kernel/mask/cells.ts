/**
 * Cells that show a token, one way each. `T` holds the token, `S` a secret with characters that every
 * encoding treats specially; the setup cell has made both, and `early` and `earlyLog`, taken before
 * the mask was there.
 */

/** A cell that shows a secret when nothing hides it. */
export interface LeakyCell {
  readonly name: string;
  readonly code: string;
}

/** To be run before the mask is installed. It shows nothing. */
export const SETUP = `var T = Deno.env.get("HF_TOKEN"), S = Deno.env.get("OTHER_SECRET");
var { display: early } = Deno.jupyter, { log: earlyLog } = console;
var raw = (bundle, options) => Deno.jupyter.display(bundle, { raw: true, ...options });
var escapeHtml = (text) => text.replace(/[&<>"']/g, (c) => "&" + ({ "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" })[c] + ";");
undefined`;

const RESULTS: Record<string, string> = {
  "a string": `T`,
  "a template": "`the token is ${T}`",
  "an object": `({ token: T })`,
  "an array": `[1, T, null]`,
  "a map": `new Map([["token", T]])`,
  "a set": `new Set([T])`,
  "a key": `({ [T]: 1 })`,
  "headers": `new Headers({ authorization: "Bearer " + T })`,
  "a request": `new Request("http://localhost/", { headers: { authorization: "Bearer " + T } })`,
  "a URL with a password": "new URL(`https://user:${T}@huggingface.co/`)",
  "search parameters": `new URLSearchParams({ token: T })`,
  "the environment": `Deno.env.toObject()`,
  "node's environment": `(await import("node:process")).default.env.HF_TOKEN`,
  "a field of an instance": `new (class Client { accessToken = T })()`,
  "the source of a function": 'String(new Function(`return "${T}"`))',
  "a symbol": `Symbol(T)`,
  "an error as value": `new Error("with " + T)`,
  "a cause": `new Error("outer", { cause: new Error(T) })`,
  "a promise": `({ pending: Promise.resolve(T) })`,
  "a proxy": `new Proxy({ T }, {})`,
  "a getter's value": `Object.entries({ get token() { return T; } })`,
  "custom inspection": `({ [Symbol.for("Deno.customInspect")]: () => T })`,
  "a display symbol": `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": T }) })`,
  "an async display symbol":
    `({ [Symbol.for("Jupyter.display")]: async () => ({ "text/html": T }) })`,
  "html": "Deno.jupyter.html`<b>${T}</b>`",
  "markdown": "Deno.jupyter.md`**${T}**`",
  "svg": "Deno.jupyter.svg`<svg><text>${T}</text></svg>`",
  "an element": `({ outerHTML: "<p>" + T + "</p>" })`,
  "a chart": `({ toSpec: () => ({ $schema: "x", data: { values: [{ t: T }] } }) })`,
  "a data frame":
    `({ schema: { t: { toJSON: () => ({ DataType: "Utf8" }) } }, head() { return this; }, toRecords: () => [{ t: T }] })`,
  "a canvas": `({ toDataURL: () => "data:image/png;base64," + btoa(T) })`,
  "a file": `new File([T], T)`,
  "form data": `(() => { const form = new FormData(); form.set("t", T); return form; })()`,
  "an event": `new CustomEvent("x", { detail: T })`,
  "a regular expression": `new RegExp(T)`,
  "a match": `T.match(/hf_(.*)/)`,
  "a String object": `Object(T)`,
  "node's inspection": `(await import("node:util")).inspect({ T })`,
  "a private field that is read": `class A { #t = T; get t() { return this.#t; } } new A().t`,
  "a clone": `structuredClone({ T })`,
  "the end of a string that inspection cuts": `["x".repeat(9980) + T]`,
};

const DISPLAYS: Record<string, string> = {
  "display": `await Deno.jupyter.display(T)`,
  "display of an object": `await Deno.jupyter.display({ T })`,
  "display taken before the mask": `await early({ T })`,
  "raw text": `await raw({ "text/plain": T })`,
  "raw html": `await raw({ "text/html": "<i>" + T + "</i>" })`,
  "raw latex": `await raw({ "text/latex": "$" + T + "$" })`,
  "raw json": `await raw({ "application/json": { a: [{ b: T }] } })`,
  "raw key": `await raw({ "application/json": { [T]: 1 } })`,
  "raw getter": `await raw({ get "text/plain"() { return T; } })`,
  "raw map": `await raw(new Map([["text/plain", T]]))`,
  "raw lines": `await raw({ "text/plain": [T.slice(0, 6), T.slice(6)] })`,
  "a picture": `await raw({ "image/png": btoa("ab" + T) })`,
  "an update":
    `await raw({ "text/plain": "soon" }, { display_id: "u" }); await raw({ "text/plain": T }, { display_id: "u", update: true })`,
  "broadcast display":
    `Deno.jupyter.broadcast("display_data", { data: { "text/plain": T }, metadata: {}, transient: {} })`,
  "broadcast metadata":
    `Deno.jupyter.broadcast("display_data", { data: {}, metadata: { note: T }, transient: {} })`,
  "broadcast stream": `Deno.jupyter.broadcast("stream", { name: "stdout", text: T })`,
  "broadcast error":
    `Deno.jupyter.broadcast("error", { ename: "E", evalue: T, traceback: ["at " + T] })`,
};

const CONSOLE: Record<string, string> = {
  ...Object.fromEntries(
    ["log", "error", "warn", "info", "debug", "dir", "trace", "group", "count"].map((method) => [
      `console.${method}`,
      `console.${method}(T); console.groupEnd()`,
    ]),
  ),
  "console.log of an object": `console.log("options", { headers: { authorization: T } })`,
  "console.log of an error": `console.log(new Error(T))`,
  "console.log with %s": `console.log("token: %s!", T)`,
  "console.log with %o": `console.log("%o", { T })`,
  "console.log with %c": `console.log("%c" + T, "color: red")`,
  "console.table": `console.table([{ token: T }])`,
  "console.assert": `console.assert(false, T)`,
  "console.time": `console.time(T); console.timeLog(T); console.timeEnd(T)`,
  "console.groupCollapsed": `console.groupCollapsed({ T }); console.groupEnd()`,
  "console.dirxml": `console.dirxml({ T })`,
  "node:console": `(await import("node:console")).default.log(T)`,
  "a timer": `setTimeout(() => console.log(T), 1); await new Promise((r) => setTimeout(r, 20))`,
};

const ERRORS: Record<string, string> = {
  "an error": `throw new Error("bad token " + T)`,
  "a string": `throw T`,
  "an object with toString": `throw { toString: () => T }`,
  "a symbol": `throw Symbol(T)`,
  "an error that is awaited": `await Promise.reject(new TypeError(T))`,
  "an error after a timer":
    `await new Promise((_, reject) => setTimeout(() => reject(new Error(T)), 5))`,
  "a DOMException": `throw new DOMException(T, "AbortError")`,
  "a frozen error": `throw Object.freeze(new Error(T))`,
  "a getter for the message":
    `throw Object.defineProperty(new Error("x"), "message", { get: () => T })`,
  "a name": `throw Object.assign(new Error("x"), { name: "E" + T })`,
  "a class with a name of its own":
    `throw new (class Mine extends Error { get name() { return T; } })("x")`,
  "a stack of its own": `throw Object.assign(new Error("x"), { stack: "at " + T })`,
  "a function's name in the stack": `({ [T]() { throw new Error("x"); } })[T]()`,
  "an AggregateError": `throw new AggregateError([new Error(T)], "several: " + T)`,
  "Promise.any":
    `await Promise.any([Promise.reject(new Error(T))]).catch((e) => { throw e.errors[0]; })`,
  "a path": `await Deno.readTextFile("/nowhere/" + T)`,
  "a path, synchronously": `Deno.readTextFileSync("/nowhere/" + T)`,
  "an import": `await import("/nowhere/" + T + ".ts")`,
  "a syntax error in an import": `await import("data:text/javascript,let " + T + " = ;")`,
  "a property of null": `null[T]`,
  "a program that does not exist": `new Deno.Command("nowhere" + T).spawn()`,
  "node:assert": `(await import("node:assert")).default.deepEqual({ a: T }, { a: 1 })`,
  "an invalid URL": `new URL(T)`,
  "fetch with an invalid URL": `await fetch("no url " + T)`,
  "a header with a line feed": `new Headers({ authorization: "Bearer " + T + "\\nx" })`,
  "formatting that throws": `({ [Symbol.for("Jupyter.display")]() { throw new Error(T); } })`,
  "formatting that throws a string": `({ [Symbol.for("Jupyter.display")]() { throw T; } })`,
  "formatting that rejects":
    `({ [Symbol.for("Jupyter.display")]: () => Promise.reject(new Error(T)) })`,
  "the notebook's own prepareStackTrace":
    `Error.prepareStackTrace = (e) => "own: " + e.message; try { throw new Error(T).stack; } finally { delete Error.prepareStackTrace; }`,
};

const SPELLINGS: Record<string, string> = {
  "base64": `btoa(T)`,
  "base64 after one byte": `btoa("a" + T + "b")`,
  "base64 after two bytes": `btoa("ab" + T + "c")`,
  "base64 of credentials": `console.log("Authorization: Basic " + btoa("user:" + T))`,
  "base64url": `Buffer.from("{" + T + "}").toString("base64url")`,
  "JSON in JSON": `JSON.stringify(JSON.stringify({ T }))`,
  "a colour inside": `console.log("\\x1b[31m" + T.slice(0, 9) + "\\x1b[39m" + T.slice(9))`,
  "a colour at each character": `console.log([...T].map((c) => "\\x1b[1m\\x1b[32m" + c).join(""))`,
  "a head": `T.slice(0, 14) + "…"`,
  "a tail": `console.log("…" + T.slice(-12))`,
  "two prints": `console.log(T.slice(0, 20)); console.log(T.slice(20))`,
  "several tokens": `console.log(T + T, T)`,
  "text of a megabyte": `console.log("x".repeat(1 << 19) + T + "y".repeat(1 << 19))`,
  "another secret": `S`,
  "another secret in JSON": `console.log(JSON.stringify({ S }))`,
  "another secret in a URL": `console.log(encodeURIComponent(S))`,
  "another secret in a form": `console.log(String(new URLSearchParams({ S })))`,
  "another secret in HTML": "Deno.jupyter.html`<b>${escapeHtml(S)}</b>`",
  "another secret in base64": `btoa("x" + S)`,
  "a token in a variable that holds a URL": `Deno.env.get("GIT_URL")`,
};

function named(group: string, cells: Record<string, string>): LeakyCell[] {
  return Object.entries(cells).map(([name, code]) => ({ name: `${group}: ${name}`, code }));
}

/** Every cell that the mask must make harmless. */
export const COVERED: readonly LeakyCell[] = [
  ...named("result", RESULTS),
  ...named("display", DISPLAYS),
  ...named("console", CONSOLE),
  ...named("error", ERRORS),
  ...named("spelling", SPELLINGS),
];

/** What the documentation says is not covered. Each of these shows the token, mask or not. */
export const NOT_COVERED: readonly LeakyCell[] = [
  { name: "a console method taken before the mask", code: `earlyLog(T)` },
  {
    name: "display taken before the mask, with a raw bundle",
    code: `await early({ "text/html": T }, { raw: true })`,
  },
  { name: "the runtime's own print", code: `Deno[Deno.internal].core.print(T)` },
];
