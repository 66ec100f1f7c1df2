/** How soon a call is decided when the store of a shared limit is away. */
import { createLimiter } from "../../../src/limits/limiter.ts";
import { hasProgram } from "../../kit/programs.ts";
import { RedisServer } from "../../kit/redis.ts";
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
  row("nobody listens", refused);
  row("somebody listens and never answers", mute);
  row("the server hangs after the first call", hanging);
  row("the server is killed after the first call", killed);
  return { title, rows, notes };
}
