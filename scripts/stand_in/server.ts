/**
 * A stand-in for the Hugging Face Hub and its inference router: an HTTP server on this machine that
 * speaks their wire format, so that the demo and the tests drive real clients through real sockets
 * without network or account.
 *
 * @module
 */

import { listModels } from "./catalogue.ts";
import { type Fault, FaultPlan, faultResponse } from "./faults.ts";
import { JobQueue } from "./jobs.ts";
import { route } from "./routes.ts";
import { credentialOf, type Seen, seen } from "./seen.ts";

export { type Fault, loading, outOfCredits, rateLimited } from "./faults.ts";
export type { Credential, Seen } from "./seen.ts";

/** Options of {@link startStandIn}. */
export interface StandInOptions {
  /** Tokens that are accepted; default one made up for this server. */
  readonly tokens?: readonly string[];
  /** How often a queued job is "in progress" before it is done; default 2. */
  readonly polls?: number;
  /** A fixed window as the Hub keeps one; default none. */
  readonly limit?: { readonly requests: number; readonly seconds: number };
}

/** A running stand-in. */
export interface StandIn extends AsyncDisposable {
  /** Its origin, such as `http://127.0.0.1:40001`. */
  readonly origin: string;
  /** A token it accepts. Made up at run time; worth nothing anywhere else. */
  readonly token: string;
  /** Every request so far, oldest first. */
  readonly seen: readonly Seen[];
  /** The environment under which clients talk to this server instead of the real Hub and router. */
  readonly env: { readonly HF_ENDPOINT: string; readonly HF_INFERENCE_ENDPOINT: string };
  /**
   * As the global `fetch`, but what is meant for `https://huggingface.co` and
   * `https://router.huggingface.co` comes here: for tests of code that names those hosts.
   */
  readonly fetch: typeof fetch;
  /** Plans answers other than the usual ones. */
  plan(...faults: Fault[]): void;
  /** Forgets what it saw and what was planned. */
  reset(): void;
  /** Stops, without waiting for answers still under way. */
  close(): Promise<void>;
}

function madeUpToken(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const random = crypto.getRandomValues(new Uint8Array(34));
  return ["hf", Array.from(random, (byte) => letters[byte % letters.length]).join("")].join("_");
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Starts a stand-in Hub on 127.0.0.1, on a port the system chooses.
 *
 * Needs `--allow-net=127.0.0.1`.
 *
 * @param options Accepted tokens, job length, rate limit.
 * @returns The running server; close it, or declare it with `await using`.
 */
export function startStandIn(options: StandInOptions = {}): StandIn {
  const token = options.tokens?.[0] ?? madeUpToken();
  const tokens = new Set(options.tokens ?? [token]);
  const plan = new FaultPlan();
  const send = fetch; // the real one, whatever a test puts in its place later
  const requests: Seen[] = [];
  let origin = "";
  const jobs = new JobQueue({ polls: options.polls ?? 2, mediaUrl: () => `${origin}/media/film` });
  const models = listModels();
  let window = { ends: 0, left: 0 };

  /** Counts a request in the fixed window; undefined where no limit is set. */
  function count(): { left: number; seconds: number } | undefined {
    if (options.limit === undefined) return undefined;
    const now = Date.now();
    if (now >= window.ends) {
      window = { ends: now + options.limit.seconds * 1000, left: options.limit.requests };
    }
    window.left -= 1;
    return { left: window.left, seconds: Math.ceil((window.ends - now) / 1000) };
  }

  async function answer(request: Request, record: Seen): Promise<Response> {
    const open = /^\/(media|api\/models|api\/tasks|redirect)(\/|$)/.test(record.path);
    const fault = plan.take(record.path);
    if (fault?.delayMs !== undefined) await pause(fault.delayMs);
    if (fault?.hangUp) throw new Error("hang up");
    if (fault?.status !== undefined && fault.status !== 200) {
      return faultResponse(fault, fault.status);
    }
    if (!open && record.credential !== "token") {
      return Response.json({ error: "Invalid username or password." }, { status: 401 });
    }
    const counted = open ? undefined : count();
    const limited = counted !== undefined && counted.left < 0;
    const response = limited
      ? Response.json({ error: "We had to rate limit you" }, { status: 429 })
      : await route({ method: request.method, record, fault, jobs, models });
    for (const [name, value] of Object.entries(fault?.headers ?? {})) {
      response.headers.set(name, value);
    }
    if (counted !== undefined && options.limit !== undefined) {
      const { requests, seconds } = options.limit;
      response.headers.set(
        "ratelimit",
        `"api";r=${Math.max(0, counted.left)};t=${counted.seconds}`,
      );
      response.headers.set("ratelimit-policy", `"fixed window";"api";q=${requests};w=${seconds}`);
    }
    return response;
  }

  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
    onError: () => new Response(null, { status: 500 }),
  }, async (request) => {
    const credential = credentialOf(request.headers, tokens);
    const record = seen(request, await request.text(), credential);
    requests.push(record);
    const response = await answer(request, record).catch(() => undefined);
    if (response === undefined) return hangUp();
    record.status = response.status;
    response.headers.set("x-request-id", `stand-in-${requests.length}`);
    return response;
  });
  origin = `http://127.0.0.1:${server.addr.port}`;

  const here: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== "https://huggingface.co" && url.origin !== "https://router.huggingface.co") {
      return send(input, init);
    }
    const moved = `${origin}${url.pathname}${url.search}`;
    return send(input instanceof Request ? new Request(moved, input) : moved, init);
  };

  const close = async () => {
    // shutdown() alone would wait for streams that nobody reads any more.
    await Promise.race([server.shutdown(), pause(50)]);
  };
  return {
    origin,
    token,
    seen: requests,
    env: { HF_ENDPOINT: origin, HF_INFERENCE_ENDPOINT: origin },
    fetch: here,
    plan: (...faults) => plan.add(...faults),
    reset() {
      requests.length = 0;
      plan.clear();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** An answer whose body fails at once, which resets the connection. */
function hangUp(): Response {
  const body = new ReadableStream({
    start: (controller) => controller.error(new Error("hang up")),
  });
  return new Response(body, { headers: { "content-type": "application/json" } });
}
