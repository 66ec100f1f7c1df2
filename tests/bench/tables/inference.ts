/**
 * Calls through `connect()` and `guardedFetch()` beside the bare client and the bare `fetch`, against a
 * stand-in Hub on this machine.
 */

import { InferenceClient } from "@huggingface/inference";
import { type Seen, type StandIn, startStandIn } from "../../../scripts/stand_in/server.ts";
import { connect } from "../../../src/inference/connect.ts";
import { guardedFetch } from "../../../src/inference/guarded_fetch.ts";
import { MOD_URL, startKernel } from "../../kit/kernel.ts";
import { type BenchOptions, type Row, spread, type Table } from "../table.ts";

export const name = "inference";

const chat = { model: "stand-in/chat", messages: [{ role: "user" as const, content: "Hello" }] };
const many = { windows: [{ limit: 1_000_000, windowMs: 1000 }] };

/** A private folder for one measurement. */
async function freshFolder(): Promise<string> {
  return `${await Deno.makeTempDir()}/hushbook`;
}

/** Calls that arrive within 4 s of a 503 that never ends and says `Retry-After: 20`. */
async function endless503(): Promise<Row> {
  const calls = async (run: (hub: StandIn, signal: AbortSignal) => Promise<unknown>) => {
    await using hub = startStandIn();
    hub.plan({ status: 503, headers: { "retry-after": "20" }, times: Infinity });
    await run(hub, AbortSignal.timeout(4000)).catch(() => {});
    return hub.seen.length;
  };
  const bare = await calls((hub, signal) =>
    new InferenceClient(hub.token, { fetch: hub.fetch, signal }).chatCompletion(chat)
  );
  const guarded = await calls(async (hub, signal) => {
    const folder = await freshFolder();
    using hf = await connect({ token: hub.token, fetch: hub.fetch, folder, signal });
    await hf.chatCompletion(chat);
  });
  return {
    work: "endless 503 for 4 s: calls that arrive",
    median: guarded,
    range: [guarded, guarded],
    unit: "calls",
    runs: 1,
    against: { what: `the bare client (${bare} calls)`, ratio: guarded / bare },
    reach: { text: "at most 4", met: guarded <= 4 },
  };
}

/** Authenticated requests of a fal-ai video job that do not pass the `fetch` the client was given. */
async function escaping(): Promise<Row> {
  const real = globalThis.fetch;
  async function escaped(
    run: (
      hub: StandIn,
      through: (request: Promise<Response>) => Promise<Response>,
    ) => Promise<unknown>,
  ): Promise<{ escaped: number; all: number }> {
    await using hub = startStandIn({ polls: 1 });
    const passed = new Set<Seen>();
    // What the client sends by itself, by the global fetch, comes here as well.
    globalThis.fetch = hub.fetch;
    try {
      await run(hub, async (request) => {
        const response = await request;
        passed.add(hub.seen.at(-1)!);
        return response;
      });
    } finally {
      globalThis.fetch = real;
    }
    const authenticated = hub.seen.filter((seen) => seen.credential === "token");
    return {
      escaped: authenticated.filter((seen) => !passed.has(seen)).length,
      all: hub.seen.length,
    };
  }
  const args = { model: "stand-in/film", provider: "fal-ai" as const, inputs: "a film" };
  const bare = await escaped((hub, through) =>
    new InferenceClient(hub.token, {
      fetch: (input, init) => through(hub.fetch(input, init)),
    }).textToVideo(args)
  );
  const guarded = await escaped(async (hub, through) => {
    const folder = await freshFolder();
    const send: typeof fetch = (input, init) => through(hub.fetch(input, init));
    using hf = await connect({ token: hub.token, fetch: send, folder });
    await hf.textToVideo(args);
  });
  return {
    work: "fal-ai video job: authenticated requests that escape",
    median: guarded.escaped,
    range: [guarded.escaped, guarded.escaped],
    unit: `of ${guarded.all} requests`,
    runs: 1,
    against: {
      what: `the bare client (${bare.escaped} of ${bare.all})`,
      ratio: guarded.escaped / bare.escaped,
    },
    reach: { text: "0", met: guarded.escaped === 0 },
  };
}

/** What a guarded call costs over a bare one, in turns on one connection. */
async function overhead(runs: number): Promise<Row> {
  await using hub = startStandIn();
  const folder = await freshFolder();
  const { token } = hub;
  using guarded = await guardedFetch({
    token,
    folder,
    fetch,
    limit: many,
    env: (name) => ({ ...hub.env })[name], // as the Hub's own origin, so that the lockout is asked too
  });
  const url = `${hub.origin}/v1/chat/completions`;
  const body = JSON.stringify(chat);
  async function time(send: typeof fetch, key: string): Promise<number> {
    const began = performance.now();
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const response = await send(url, { method: "POST", headers, body });
    await response.text();
    return performance.now() - began;
  }
  const p50s: { bare: number; over: number }[] = [];
  for (let run = -1; run < runs; run++) { // the first one warms up
    const bare: number[] = [], kept: number[] = [];
    for (let call = 0; call < 150; call++) {
      bare.push(await time(fetch, token));
      kept.push(await time(guarded, guarded.placeholder));
    }
    const base = spread(bare).median;
    if (run >= 0) p50s.push({ bare: base, over: spread(kept).median - base });
  }
  const over = spread(p50s.map((run) => run.over));
  const bare = spread(p50s.map((run) => run.bare)).median;
  return {
    work: "guarded call over bare fetch, loopback, p50, audit included",
    ...over,
    unit: "ms",
    runs,
    against: { what: "a bare call", ratio: over.median / bare },
    reach: { text: "under 0.5 ms", met: over.median < 0.5 },
  };
}

/** What the first cell of a notebook waits for, in a kernel that has run other cells. */
async function inKernel(runs: number): Promise<Row[]> {
  await using hub = startStandIn();
  const imports: number[] = [], connects: number[] = [];
  for (let run = -1; run < runs; run++) {
    await using kernel = await startKernel({
      env: { ...hub.env, HF_TOKEN: hub.token, HUSHBOOK_HOME: await freshFolder() },
    });
    await kernel.execute("1 + 1");
    const { outputs } = await kernel.execute(`{
      const begin = performance.now();
      const { connect } = await import("${MOD_URL}");
      const loaded = performance.now();
      await connect();
      console.log(JSON.stringify([loaded - begin, performance.now() - loaded]));
    }`);
    const text = outputs.flatMap((output) => output.output_type === "stream" ? [output.text] : []);
    const [imported, connected] = JSON.parse(text.join(""));
    if (run < 0) continue; // the first one fills the caches
    imports.push(imported);
    connects.push(connected);
  }
  const row = (work: string, figures: number[], most: number): Row => {
    const { median, range } = spread(figures);
    const reach = { text: `under ${most} ms`, met: median < most };
    return { work, median, range, unit: "ms", runs, reach };
  };
  return [
    row("import in a warm kernel", imports, 80),
    row("connect() with the token in the environment", connects, 150),
  ];
}

/** Measures. */
export async function run({ runs }: BenchOptions): Promise<Table> {
  return {
    title: "Inference",
    rows: [
      await endless503(),
      await escaping(),
      await overhead(runs),
      ...await inKernel(runs),
    ],
    notes: [
      "The bare client is @huggingface/inference with the token and a fetch of its own; both run " +
      "against the same stand-in Hub on this machine.",
      "A guarded call is checked against the lockout, written into the audit log twice (start and " +
      "end), takes a slot from the ring file, and has its usage read.",
    ],
  };
}
