/** How soon a call is decided when the store of a shared limit is away. */
import { guardedFetch } from "../../../src/inference/guarded_fetch.ts";
import { createLimiter } from "../../../src/limits/limiter.ts";
import { hasProgram } from "../../kit/programs.ts";
import { RedisServer } from "../../kit/redis.ts";
import { fakeToken } from "../../kit/tokens.ts";
import { type BenchOptions, type Row, spread, type Table } from "../table.ts";

export const name = "limits-outage";

/** Milliseconds until a call is decided; with `harm`, until the call after that is done to the server. */
async function decided(store: string, harm?: () => void): Promise<number> {
  using limiter = createLimiter({ store, instances: 2, key: crypto.randomUUID() });
  if (harm !== undefined) await limiter.acquire();
  harm?.();
  const began = performance.now();
  await limiter.acquire();
  return performance.now() - began;
}

/**
 * Milliseconds until a call of a connection is answered, or told that it waits, after the server of its
 * limit was killed.
 */
async function decidedForCall(onStoreDown: "local-share" | "block"): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "hushbook-bench-" });
  await using server = await RedisServer.start();
  let told = Promise.withResolvers<void>();
  try {
    using fetch = await guardedFetch({
      token: fakeToken(),
      folder: `${folder}/state`,
      fetch: () => Promise.resolve(Response.json({})),
      limit: { store: server.url, onStoreDown, instances: 2 },
      onNotice: () => {},
      onWait: () => told.resolve(),
    });
    const signal = AbortSignal.timeout(3000);
    const call = () =>
      fetch("https://router.huggingface.co/v1/chat/completions", {
        method: "POST",
        headers: { authorization: `Bearer ${fetch.placeholder}` },
        body: JSON.stringify({ model: "bench", messages: [] }),
        signal,
      }).then((response) => response.body?.cancel());
    await call(); // may wait, too: a young server first asks everybody what they know
    told = Promise.withResolvers();
    server.signal("SIGKILL");
    const began = performance.now();
    const answered = call();
    await (onStoreDown === "block" ? told.promise : answered);
    const took = performance.now() - began;
    fetch.close();
    await answered.catch(() => {});
    return took;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs it. */
export async function run({ runs }: BenchOptions): Promise<Table> {
  const rows: Row[] = [];
  const row = (work: string, figures: readonly number[]) =>
    rows.push({
      work,
      ...spread(figures),
      unit: "ms",
      runs: figures.length,
      reach: { text: "within 300 ms", met: Math.max(...figures) <= 300 },
    });
  const title = "A call while Redis is away, onStoreDown local-share";
  const notes = [
    "The worst run counts. The client is loaded once before: that takes its own time.",
  ];
  if (!hasProgram("redis-server")) return { title, rows, notes: ["redis-server is missing"] };
  const nobody = RedisServer.absent();
  await decided(nobody.url);
  const refused: number[] = [], mute: number[] = [], hanging: number[] = [], killed: number[] = [];
  for (let i = 0; i < runs; i++) {
    refused.push(await decided(nobody.url));
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    mute.push(await decided(`redis://127.0.0.1:${listener.addr.port}`));
    listener.close();
    {
      await using server = await RedisServer.start();
      hanging.push(await decided(server.url, () => server.signal("SIGSTOP")));
    }
    {
      await using server = await RedisServer.start();
      killed.push(await decided(server.url, () => server.signal("SIGKILL")));
    }
  }
  await nobody[Symbol.asyncDispose]();
  const shares: number[] = [], blocks: number[] = [];
  for (let i = 0; i < runs; i++) {
    shares.push(await decidedForCall("local-share"));
    blocks.push(await decidedForCall("block"));
  }
  row("nobody listens", refused);
  row("somebody listens and never answers", mute);
  row("the server hangs after the first call", hanging);
  row("the server is killed after the first call", killed);
  row("through guardedFetch(), the server is killed: until the call is answered", shares);
  row(
    "through guardedFetch(), block, the server is killed: until the call is told to wait",
    blocks,
  );
  return { title, rows, notes };
}
