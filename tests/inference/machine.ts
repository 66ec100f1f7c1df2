/** Processes with connections, over real sockets to one server that notes when calls arrive. */
import assert from "node:assert/strict";
import { type StandIn, startStandIn } from "../../scripts/stand_in/server.ts";
import { runDeno, sourceUrl } from "../kit/child.ts";
import { temporaryFolder } from "../kit/temporary.ts";

/** Bare specifiers of the sources resolve here. */
const flags = ["--allow-all", `--import-map=${new URL("../../deno.json", import.meta.url)}`];

/** How much later than it came the server, which shares this process, may note a call. */
const NOTED_LATE_MS = 100;

/** A chat. */
export const say = { model: "stand-in/chat", messages: [{ role: "user", content: "hello" }] };

/** A hub, a private folder, and processes that call one through the other. */
export class Machine implements AsyncDisposable {
  readonly hub: StandIn = startStandIn();
  readonly #folder = temporaryFolder();
  readonly folder = `${this.#folder.path}/state`;
  readonly env: Record<string, string> = {
    ...this.hub.env,
    HF_TOKEN: this.hub.token,
    HUSHBOOK_HOME: this.folder,
  };

  /** A process's code: `call()` sends one chat and gives its status; `say` is its body. */
  code(options: string, body: string): string {
    return `
      import { guardedFetch } from ${JSON.stringify(sourceUrl("src/inference/guarded_fetch.ts"))};
      const fetch = await guardedFetch(${options});
      /** A chat. */
export const say = ${JSON.stringify(say)};
      const headers = {
        authorization: "Bearer " + fetch.placeholder, "content-type": "application/json",
      };
      async function call(more = {}, signal) {
        const response = await fetch("https://router.huggingface.co/v1/chat/completions", {
          method: "POST", headers, body: JSON.stringify({ ...say, ...more }), signal,
        });
        await response.body?.cancel();
        return response.status;
      }
      ${body}
      fetch.close();
    `;
  }

  /** Runs processes side by side and gives what each printed, as JSON. */
  // deno-lint-ignore no-explicit-any -- whatever the test lets them print
  async run(codes: readonly string[]): Promise<any[]> {
    const results = await Promise.all(codes.map((code) => runDeno(code, { env: this.env, flags })));
    return results.map(({ stdout, stderr }) => {
      assert.equal(stderr, "");
      return JSON.parse(stdout);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.close();
    this.#folder[Symbol.dispose]();
  }
}

/** Fails where the hub saw more than `limit` calls in a window. */
export function assertWindow(hub: StandIn, limit: number, windowMs: number): void {
  const at = hub.seen.map((seen) => seen.at).sort((a, b) => a - b);
  for (let i = limit; i < at.length; i++) {
    const apart = at[i]! - at[i - limit]!;
    assert.ok(
      apart > windowMs - NOTED_LATE_MS,
      `call ${i}: ${apart} ms after the ${limit}th before`,
    );
  }
}
