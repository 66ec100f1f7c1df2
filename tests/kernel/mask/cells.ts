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
  "a class with a static field": `class Static { static token = T; } Static`,
  "a function's properties": `Object.assign(() => {}, { T })`,
  "a key that is a symbol": `({ [Symbol(T)]: 1 })`,
  "a tag of its own": `({ [Symbol.toStringTag]: T })`,
  "an object without prototype": `Object.assign(Object.create(null), { T })`,
  "a getter that inspection reads":
    `class Getter { get t() { return T; } } Deno.inspect({ get t() { return T; } }, { getters: true })`,
  "a response": `new Response(null, { headers: { "set-cookie": "t=" + T }, statusText: T })`,
  "an event of an error":
    `new ErrorEvent("error", { message: T, error: new Error(T), filename: T })`,
  "performance marks": `performance.mark(T); performance.getEntries()`,
  "a URL pattern": `new URLPattern({ pathname: "/" + T })`,
  "a string that inspection wraps":
    `(await import("node:util")).inspect({ a: ("x ".repeat(30) + T + "\\n").repeat(3) })`,
  "a value that contains itself": `(() => { const o = { T }; o.o = o; return o; })()`,
  "a promise as the cell's value": `Promise.resolve(T)`,
  "node's format": `(await import("node:util")).format("%s %j %o %O", T, { T }, { T }, { T })`,
  "what a child process printed":
    `new TextDecoder().decode((await new Deno.Command("sh", { args: ["-c", "echo $HF_TOKEN"] }).output()).stdout)`,
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
  "lines of html": `await raw({ "text/html": ["<b>", T.slice(0, 10), T.slice(10), "</b>"] })`,
  "a picture in html, as a data URL":
    `await raw({ "text/html": "<img src='data:image/svg+xml;base64," + btoa("<svg>" + T + "</svg>") + "'>" })`,
  "JSON as a string": `await raw({ "application/json": JSON.stringify({ T }) })`,
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
  "console.table with columns": `console.table([{ a: 1, token: T }, { token: T }], ["token"])`,
  "console.table of a map": `console.table(new Map([[T, { x: T }]]))`,
  "console.dir with options": `console.dir({ T }, { colors: true, showHidden: true })`,
  "console.timeEnd without a timer": `console.timeEnd(T)`,
  "console.trace of an object": `console.trace({ T }, T)`,
  "an error's own properties":
    `console.error(Object.assign(new Error("x"), { config: { headers: { T } } }))`,
  "node's custom inspection":
    `console.log({ [Symbol.for("nodejs.util.inspect.custom")]: () => T })`,
  "a progress line": `console.log("\\r" + T.slice(0, 20) + "\\r" + T.slice(20))`,
  "each character an argument of a template": `console.log("%s".repeat(T.length), ...T)`,
  "a worker's message":
    `{ const worker = new Worker("data:text/javascript,postMessage(Deno.env.get('HF_TOKEN'))", { type: "module" });
    await new Promise((done) => worker.onmessage = ({ data }) => done(console.log(data))); worker.terminate(); }`,
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
  "a proxy of an error": `throw new Proxy(new Error(T), {})`,
  "an object with toPrimitive": `throw { [Symbol.toPrimitive]: () => T }`,
  "a getter for the stack":
    `throw Object.defineProperty(new Error("x"), "stack", { get: () => "at " + T })`,
  "a suppressed error": `throw new SuppressedError(new Error(T), new Error(T), T)`,
  "Deno.errors": `throw new Deno.errors.NotFound(T)`,
  "an import over the network": `await import("http://127.0.0.1:1/" + T + ".ts")`,
  "a package that is missing":
    `(await import("node:module")).createRequire("file:///nowhere/")("./" + T)`,
  "a file in node:fs": `(await import("node:fs")).readFileSync("/nowhere/" + T)`,
  "a command in node:child_process":
    `(await import("node:child_process")).execSync("false " + T, { stdio: "pipe" })`,
  "eval": `(0, eval)(T)`,
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
  "each byte percent-encoded": `[...T].map((c) => "%" + c.charCodeAt(0).toString(16)).join("")`,
  "base64 in lines of 76":
    `btoa("Some words in front. ".repeat(2) + T + " and some behind it").replace(/.{76}/g, "$&\\n")`,
  "JSON in JSON in JSON": `JSON.stringify({ a: JSON.stringify({ b: JSON.stringify({ T }) }) })`,
  "a link around a part":
    `console.log("\\x1b]8;;http://x\\x1b\\\\" + T.slice(0, 10) + "\\x1b]8;;\\x1b\\\\" + T.slice(10))`,
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
  {
    name: "a Console of the notebook's own, with the runtime's print",
    code:
      `new (Deno[Deno.internal].Console)((text) => Deno[Deno.internal].core.print(text)).log(T)`,
  },
  { name: "the runtime's own print", code: `Deno[Deno.internal].core.print(T)` },
];
