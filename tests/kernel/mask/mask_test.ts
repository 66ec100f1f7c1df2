import assert from "node:assert/strict";
import { environmentTokens } from "../../../src/kernel/mask/environment.ts";
import { maskOutputs } from "../../../src/kernel/mask/mask.ts";
import { Secret } from "../../../src/secret/secret.ts";
import { maskText } from "../../../src/kernel/mask/secrets.ts";
import { MOD_URL, printed, startKernel } from "../../kit/kernel.ts";
import { fakeToken, randomText } from "../../kit/tokens.ts";
import type { Kernel } from "../../../src/kernel/client.ts";

const TOKEN = fakeToken(71);
const MOD = JSON.stringify(MOD_URL);

async function maskedKernel(): Promise<Kernel> {
  const kernel = await startKernel({ env: { HF_TOKEN: TOKEN } });
  await printed(
    kernel,
    `var before = Deno.jupyter, beforeDisplay = Deno.jupyter.display,
      beforeStringify = JSON.stringify, beforeLog = console.log, beforePrompt = prompt;
    var hushbook = await import(${MOD}); undefined`,
  );
  return kernel;
}

Deno.test("maskOutputs() reports each hook, installs once and takes everything out again", async () => {
  await using kernel = await maskedKernel();
  const run = (code: string) => printed(kernel, `console.log(${code})`);
  assert.equal(await run(`hushbook.maskOutputs().status().complete`), "true\n");
  assert.equal(
    await run(
      `hushbook.maskOutputs().status().hooks.map((h) => h.name + "=" + h.inPlace).join()`,
    ),
    "display=true,inspect=true,console=true,errors=true,input=true\n",
  );
  assert.equal(await run(`Deno.jupyter === before`), "true\n");
  await printed(
    kernel,
    `var oneLog = console.log, oneDisplay = Deno.jupyter.display;
    // A second copy of the module, as a notebook with two versions has it.
    var copy = await import(${
      JSON.stringify(MOD_URL.replace("mod.ts", "src/kernel/mask/mask.ts"))
    } + "?again");
    copy.maskOutputs(); undefined`,
  );
  assert.equal(
    await run(`[console.log === oneLog, Deno.jupyter.display === oneDisplay].join()`),
    "true,true\n",
  );
  assert.equal(await run(`copy.maskOutputs().status().complete`), "true\n");
  assert.equal(await run(`Deno.env.get("HF_TOKEN")`), "[masked]\n");
  await printed(kernel, `hushbook.maskOutputs().uninstall()`);
  assert.equal(
    await run(`[console.log === beforeLog, Deno.jupyter === before, prompt === beforePrompt,
      Deno.jupyter.display === beforeDisplay, JSON.stringify === beforeStringify].join()`),
    "true,true,true,true,true\n",
  );
  const shown = await run(`Deno.env.get("HF_TOKEN")`);
  assert.equal(shown, `${TOKEN}\n`);
  assert.equal(
    await printed(kernel, `hushbook.maskOutputs(); Deno.env.get("HF_TOKEN")`),
    `"[masked]"\n`,
  );
});

Deno.test("maskOutputs() says so when the notebook replaces a hook later", async () => {
  await using kernel = await maskedKernel();
  await printed(kernel, `var mask = hushbook.maskOutputs(); console.log = beforeLog; undefined`);
  const text = await printed(
    kernel,
    `const { complete, hooks } = mask.status();
    ({ complete, reason: hooks.find((hook) => hook.name === "console").reason })`,
  );
  assert.match(text, /complete: false/);
  assert.match(text, /something else has taken its place/);
});

Deno.test("maskOutputs() warns once, and covers the rest, when parts of the runtime are missing", async () => {
  const cases: [remove: string, missing: RegExp, working: string][] = [
    [`delete Deno[Deno.internal].core.ops.op_jupyter_broadcast`, /raw bundles/, `console.log(T)`],
    [`delete Deno[Deno.internal].enableJupyter`, /raw bundles/, `T`],
    [
      `delete Deno[Deno.internal].inspectArgs; Deno[Deno.internal].inspectArgs = 1`,
      /turned into/,
      `console.log(T)`,
    ],
    [`delete Deno[Deno.internal].Console`, /^$/, `console.log({ T }); console.table([{ T }])`],
    [`Object.freeze(JSON)`, /^$/, `throw new Error(T)`],
    [`Object.freeze(JSON); Object.freeze(Error)`, /uncaught errors/, `console.log(T)`],
    [`Object.freeze(console)`, /console/, `T`],
    [`delete Deno[Deno.internal]`, /internals are out of reach/, `console.log(T, { T })`],
  ];
  for (const [remove, missing, working] of cases) {
    await using kernel = await maskedKernel();
    await printed(
      kernel,
      `var T = Deno.env.get("HF_TOKEN"); try { ${remove} } catch {}; undefined`,
    );
    const { outputs } = await kernel.execute(
      `var warnings = []; hushbook.maskOutputs({ onWarning: (w) => warnings.push(w) });
       hushbook.maskOutputs({ onWarning: (w) => warnings.push(w) });
       await Deno.jupyter.display({ "text/plain": warnings.join("\\n---\\n") }, { raw: true });`,
    );
    const [shown] = outputs;
    const warning = shown?.output_type === "display_data" ? String(shown.data["text/plain"]) : "";
    assert.match(warning, missing, remove);
    assert.ok(!warning.includes("---"), "one warning");
    if (missing.source !== "^$") assert.match(warning, /does not cover/);
    const after = await kernel.execute(working);
    assert.ok(after.outputs.length > 0, remove);
    assert.ok(!JSON.stringify(after.outputs).includes(TOKEN), `${remove}: ${working}`);
  }
});

Deno.test("stack traces, prepareStackTrace, BigInt, typed arrays and dates are as before", async () => {
  await using kernel = await maskedKernel();
  const cells = [
    `await import("data:application/typescript," + encodeURIComponent("interface A { a: 1 }\\n\\nexport const x: A = null!; x.a;"))`,
    `class Foo { get bar() { throw new RangeError("x"); } } new Foo().bar`,
    `(0, eval)("(() => { throw new Error('evil') })()")`,
    `await (async function named() { await null; throw new TypeError("later"); })()`,
    `throw new AggregateError([new Error("a")], "b", { cause: 1 })`,
    `Deno.readTextFileSync("/nowhere")`,
    `throw null`,
    `throw { a: 1 }`,
    `Error.prepareStackTrace = (e, sites) => "own " + sites.length; try { console.log(new Error("x").stack); } finally { delete Error.prepareStackTrace }`,
    `Error.prepareStackTrace`,
    `10n ** 30n`,
    `new Uint8Array([104, 102, 95])`,
    `new Float64Array(3)`,
    `[new Date(0), /x/g, -0, NaN, , undefined, new WeakMap()]`,
    `await Deno.jupyter.display({ "application/json": { d: new Date(0), u: undefined, m: new Map([["k", 1]]), f: () => 1, n: null, a: [, undefined, -0, 1.5] } }, { raw: true })`,
    `await Deno.jupyter.display({ "application/json": { big: 10n } }, { raw: true })`,
    `await Deno.jupyter.display({ "application/json": new Uint8Array(2) }, { raw: true })`,
    `JSON.stringify({ name: "n", message: "m", stack: "s", more: 1 }, null, 2)`,
    `JSON.stringify({ name: "n", message: "m", stack: "s" }, ["name"])`,
    `JSON.stringify({ name: "n", message: "m", stack: "s" })`,
    `[JSON.stringify(undefined), JSON.stringify(), JSON.stringify.length, JSON.stringify.name]`,
    `console.group("g"); console.log("inside"); console.groupEnd(); console.log("outside")`,
    `console.count(); console.count(); console.countReset(); console.count()`,
    `console.log("%s %d %i %f %j %o %O %%", "a", 1.5, 1.5, 1.5, { a: 1 }, { b: 2 }, { c: 3 })`,
    `console.table([{ a: 1, b: "x" }, { a: 2 }], ["a"])`,
    `console.assert(true, "no"); console.assert(false)`,
    `console.dir({ a: { b: { c: { d: { e: 1 } } } } }, { depth: 1 })`,
    `Object.keys(console).sort().join()`,
    `Object.keys(Deno.jupyter).sort().join()`,
    `Deno.jupyter.image(Uint8Array.fromBase64("iVBORw0KGgo="))`,
    `Deno.jupyter.html\`<b>\${1}</b>\``,
    `"a".repeat(12000)`,
  ];
  const results = async () => {
    const all: unknown[] = [];
    for (const code of cells) {
      const { status, outputs } = await kernel.execute(code);
      const text = JSON.stringify(outputs, (key, value) => key === "execution_count" ? 0 : value);
      // Where the runtime refuses to send something, the mask is one frame of the stack.
      all.push([code, status, text.replace(/" {4}at file:[^"]*hooks\/display.ts[^"]*",/, "")]);
    }
    return all;
  };
  const before = await results();
  await printed(kernel, `hushbook.maskOutputs(); undefined`);
  assert.deepEqual(await results(), before);
});

Deno.test("prompt and confirm work as before, their text is masked, a typed token is registered", async () => {
  await using kernel = await maskedKernel();
  await printed(kernel, `hushbook.maskOutputs(); undefined`);
  const typed = fakeToken(72);
  const asked: string[] = [];
  const answers = ["", typed, "y", null];
  const text = await printed(
    kernel,
    `const a = prompt("Name for " + Deno.env.get("HF_TOKEN"), "nobody");
     const b = prompt("Token", "", { password: true });
     [a, b.length, b, confirm("Sure?"), prompt("Age")].join()`,
    { input: ({ prompt }) => (asked.push(prompt), answers[asked.length - 1]!) },
  );
  assert.deepEqual(asked, ["Name for [masked] [nobody]", "Token", "Sure? [y/N] ", "Age"]);
  assert.equal(text, `"nobody,37,[masked],true,"\n`);
});

Deno.test("what the notebook has put in place of prompt, display or console.log stays", async () => {
  await using kernel = await maskedKernel();
  await printed(
    kernel,
    `globalThis.prompt = () => "mine";
    var calls = 0, native = console.log; console.log = (...args) => { calls++; native(...args); };
    hushbook.maskOutputs(); undefined`,
  );
  assert.equal(await printed(kernel, `prompt("x")`), `"mine"\n`);
  assert.equal(
    await printed(
      kernel,
      `console.log(Deno.env.get("HF_TOKEN"), { t: Deno.env.get("HF_TOKEN") }); calls`,
    ),
    `[masked] { t: "[masked]" }\n1\n`,
  );
});

Deno.test("the console of kernels before Deno 2.9, which is no native code, is replaced as a whole", async () => {
  await using kernel = await maskedKernel();
  await printed(
    kernel,
    `var T = Deno.env.get("HF_TOKEN"), { core, Console } = Deno[Deno.internal];
    var older = new Console((text, level) => core.print(text, level > 1));
    for (const key of Object.keys(older)) console[key] = older[key];
    hushbook.maskOutputs(); undefined`,
  );
  // Each argument alone is no secret.
  assert.equal(await printed(kernel, `console.log("%s".repeat(T.length), ...T)`), "[masked]\n");
});

Deno.test("a bound function that the notebook has put in place of console.log stays", async () => {
  await using kernel = await maskedKernel();
  await printed(
    kernel,
    `var calls = 0, native = console.log;
    console.log = function (...args) { this.calls++; native(...args); }.bind(globalThis);
    hushbook.maskOutputs(); undefined`,
  );
  assert.equal(
    await printed(kernel, `console.log(Deno.env.get("HF_TOKEN")); calls`),
    `[masked]\n1\n`,
  );
});

Deno.test("uninstall() puts every property back as it was, whichever copy of the module is asked", async () => {
  await using kernel = await maskedKernel();
  await printed(
    kernel,
    `var describe = () => {
      const holder = Deno[Deno.internal], list = [];
      const objects = { globalThis, Deno, console, JSON, Error, holder, jupyter: Deno.jupyter,
        ops: holder.core.ops, results: holder.jupyter };
      for (const [name, object] of Object.entries(objects)) {
        for (const key of Reflect.ownKeys(object ?? {})) {
          if (/hushbook|^(describe|copies|first|_|_error)$/.test(String(key))) continue;
          const d = Object.getOwnPropertyDescriptor(object, key);
          list.push([name + "." + String(key), d]);
        }
      }
      return list;
    }, first = describe(), copies = [hushbook];
    for (const query of ["?2", "?3"]) {
      copies.push(await import(${
      JSON.stringify(MOD_URL.replace("mod.ts", "src/kernel/mask/mask.ts"))
    } + query));
    }
    for (const copy of copies) copy.maskOutputs();
    copies[2].maskOutputs().uninstall(); undefined`,
  );
  const text = await printed(
    kernel,
    `var later = new Map(describe());
    var parts = ["value", "get", "set", "writable", "enumerable", "configurable"];
    console.log(JSON.stringify([later.has("ops.op_jupyter_broadcast"), first.filter(([key, d]) => {
      const now = later.get(key);
      return now === undefined || parts.some((part) => !Object.is(d[part], now[part]));
    }).map(([key]) => key), later.size === new Map(first).size + 2]))`,
  );
  // Only the two variables of this cell are new.
  assert.equal(text, `[true,[],true]\n`);
});

Deno.test("comm messages keep their buffers, and their data is masked", async () => {
  await using kernel = await maskedKernel();
  await printed(kernel, `hushbook.maskOutputs(); undefined`);
  const seen: unknown[] = [];
  await kernel.execute(
    `Deno.jupyter.broadcast("comm_msg", { comm_id: "c", data: { state: { value: Deno.env.get("HF_TOKEN") } } },
       { metadata: { version: "2" }, buffers: [new Uint8Array([1, 255])] })`,
    {
      onMessage: ({ header, content, metadata, buffers }) => {
        if (header.msg_type === "comm_msg") {
          seen.push(content, metadata, buffers.map((b) => [...b]));
        }
      },
    },
  );
  assert.deepEqual(seen, [
    { comm_id: "c", data: { state: { value: "[masked]" } } },
    { version: "2" },
    [[1, 255]],
  ]);
});

Deno.test("removeFromEnvironment takes tokens out of the environment of child processes", async () => {
  await using kernel = await maskedKernel();
  await printed(
    kernel,
    `var held = Deno.env.get("HF_TOKEN");
    hushbook.maskOutputs({ removeFromEnvironment: true }); undefined`,
  );
  assert.equal(await printed(kernel, `Deno.env.has("HF_TOKEN")`), "false\n");
  const child =
    `new TextDecoder().decode((await new Deno.Command("env").output()).stdout).includes(`;
  assert.equal(await printed(kernel, `${child}held)`), "false\n");
  assert.equal(await printed(kernel, `${child}"PATH=")`), "true\n");
  assert.equal(await printed(kernel, `held`), `"[masked]"\n`);
});

Deno.test("maskOutputs() outside a notebook hooks nothing, and takes strings and Secrets", () => {
  const { log } = globalThis.console;
  const { stringify } = JSON;
  const phrase = randomText(20, 9);
  const mask = maskOutputs({ secrets: [phrase, new Secret(fakeToken(73))], environment: {} });
  assert.deepEqual({ ...mask.status(), secrets: 0 }, {
    inKernel: false,
    complete: false,
    secrets: 0,
    hooks: [],
  });
  assert.equal(globalThis.console.log, log);
  assert.equal(JSON.stringify, stringify);
  assert.equal(maskText(`${phrase} ${fakeToken(73)}`), "[masked] [masked]");
  mask.uninstall();
  assert.throws(() => maskOutputs({ secrets: ["short"], environment: {} }), {
    name: "UsageError",
    message: /fewer than 8 characters/,
  });
});

Deno.test("environmentTokens() finds tokens whole, wrapped and inside URLs, and nothing else", () => {
  const token = fakeToken(74);
  const found = environmentTokens({
    A: token,
    B: ` "${token}"\n`,
    C: `https://user:${token}@huggingface.co`,
    D: ["hf", "x".repeat(34)].join("_"),
    HOME: "/home/hf_user",
    HF_HOME: "/data/hf_cache",
    EMPTY: "",
  });
  assert.deepEqual(found.map(({ name }) => name), ["A", "B", "C", "D"]);
  for (const { secrets } of found.slice(0, 3)) assert.ok(secrets.includes(token));
});
