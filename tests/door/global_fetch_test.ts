import assert from "node:assert/strict";
import { fetchBelow, openRoute } from "../../src/door/global_fetch.ts";

const real = globalThis.fetch;
const first = "hf_kept_by_hushbook_101";
const second = "hf_kept_by_hushbook_102";

function recorder(name: string) {
  const calls: unknown[][] = [];
  const route = ((...args: unknown[]) => {
    calls.push(args);
    return Promise.resolve(new Response(name));
  }) as typeof fetch;
  return { route, calls };
}

/** Runs a body with a stand-in global fetch, and checks that it is there again afterwards. */
async function withGlobalFetch(
  body: (below: ReturnType<typeof recorder>) => Promise<void>,
): Promise<void> {
  const below = recorder("below");
  globalThis.fetch = below.route;
  try {
    await body(below);
    assert.equal(globalThis.fetch, below.route, "put back");
  } finally {
    globalThis.fetch = real;
  }
}

const text = async (response: Promise<Response>) => await (await response).text();

Deno.test("openRoute() routes requests with the placeholder and passes on all others", async () => {
  await withGlobalFetch(async (below) => {
    const { route, calls } = recorder("routed");
    const close = openRoute(first, route);
    const headers = { Authorization: `Bearer ${first}` };
    assert.equal(await text(fetch("https://a.example/", { headers })), "routed");
    assert.equal(
      await text(fetch("https://a.example/", { headers: new Headers(headers) })),
      "routed",
    );
    assert.equal(
      await text(fetch("https://a.example/", { headers: [["X-API-KEY", first]] })),
      "routed",
    );
    assert.equal(await text(fetch(new Request("https://a.example/", { headers }))), "routed");
    assert.equal(await text(fetch(`https://a.example/?k=${first}`)), "routed");
    assert.equal(calls.length, 5);

    const init = { headers: { a: "b" } };
    assert.equal(await text(fetch("https://b.example/", init)), "below");
    assert.equal(below.calls[0]![0], "https://b.example/");
    assert.equal(below.calls[0]![1], init, "the very same object");
    await fetch("https://c.example/");
    assert.equal(below.calls[1]!.length, 1);
    close();
    close();
    assert.equal(await text(fetch("https://a.example/", { headers })), "below");
  });
});

Deno.test("openRoute() keeps connections apart and restores fetch with the last one", async () => {
  await withGlobalFetch(async (below) => {
    const a = recorder("a");
    const b = recorder("b");
    const closeA = openRoute(first, a.route);
    const routed = globalThis.fetch;
    const closeB = openRoute(second, b.route);
    assert.equal(globalThis.fetch, routed, "one layer for all connections");
    assert.equal(fetchBelow(), below.route);
    const to = (key: string) =>
      text(fetch("https://x.example/", { headers: { authorization: key } }));
    assert.equal(await to(first), "a");
    assert.equal(await to(second), "b");
    closeA();
    assert.equal(await to(second), "b");
    assert.equal(await to(first), "b", "an open connection refuses a closed one's placeholder");
    closeB();
  });
});

Deno.test("openRoute() still routes when something else has replaced the global fetch", async () => {
  await withGlobalFetch(async (below) => {
    const a = recorder("a");
    const b = recorder("b");
    const closeA = openRoute(first, a.route);
    const ours = globalThis.fetch;
    const wrapper = ((...args: Parameters<typeof fetch>) => ours(...args)) as typeof fetch;
    globalThis.fetch = wrapper;
    const closeB = openRoute(second, b.route);
    const to = (key: string) =>
      text(fetch("https://x.example/", { headers: { authorization: key } }));
    assert.equal(await to(first), "a");
    assert.equal(await to(second), "b");
    assert.equal(await to("nothing"), "below");
    closeA();
    closeB();
    assert.equal(globalThis.fetch, wrapper, "the other's fetch stays on top");
    assert.equal(await to(second), "below", "and ours below it only passes on");
    globalThis.fetch = below.route;
  });
});

Deno.test("importing the door changes nothing", async () => {
  await import("../../src/door/door.ts");
  assert.equal(globalThis.fetch, real);
});
