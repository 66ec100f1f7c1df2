/**
 * `guardedFetch()`: a `fetch` for any client, with a placeholder in place of the token.
 *
 * @module
 */

import type { GuardOptions } from "./guard_options.ts";

/**
 * A guarded `fetch`. It is `Disposable`: declare it with `using`, or call
 * {@link GuardedFetch.close}.
 */
export interface GuardedFetch {
  /** As the global `fetch`. */
  (input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** What clients are given in place of the token. It is no secret. */
  readonly placeholder: string;
  /** Ends the connection: its placeholder opens nothing any more. Calling it again does nothing. */
  close(): void;
  /** As {@link GuardedFetch.close}. */
  [Symbol.dispose](): void;
}

/**
 * Makes a `fetch` that any client can be given: npm `openai`, `@huggingface/hub`, your own code.
 * The client gets the placeholder as its key; the token takes its place at the moment of sending,
 * for Hugging Face and the origins you name. Each call passes, in this order: lockout, budget, the
 * start of its audit record, limit, the door; then it is classified, settled, and its end recorded.
 *
 * Failures come as each client understands them: openai gets a response that it does not repeat,
 * with hushbook's words in it; everything else gets the server's own response, as from any `fetch`,
 * and a {@link RequestError} only where there was none.
 *
 * While the connection is open, requests that carry its placeholder are routed through it even when
 * they are sent with the global `fetch`. Other requests are not touched. What goes another way
 * (`node:http`, npm `undici`, `WebSocket`, a worker, a copy of `fetch` made before) is not routed:
 * it carries the placeholder, which opens nothing, and the server refuses it.
 *
 * Needs `--allow-net` for the hosts called, `--allow-read` and `--allow-write` for the private
 * folder, `--allow-sys=uid`, and `--allow-env` to find folder and token.
 *
 * @param options Token, origins, limits, audit.
 * @returns The guarded fetch.
 * @throws {UsageError} If an address that was named cannot be used.
 * @throws {TokenError} If there is no token, or one that cannot be used.
 *
 * @example The token is on the wire and nowhere else
 * ```ts
 * import { guardedFetch } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const token = ["hf", "x".repeat(34)].join("_");
 * const onTheWire: (string | null)[] = [];
 *
 * using fetch = await guardedFetch({
 *   token,
 *   folder: `${await Deno.makeTempDir()}/hushbook`,
 *   fetch: (_url, init) => {
 *     onTheWire.push(new Headers(init?.headers).get("authorization"));
 *     return Promise.resolve(Response.json({ name: "ada" }));
 *   },
 * });
 * const headers = { Authorization: `Bearer ${fetch.placeholder}` };
 * await fetch("https://huggingface.co/api/whoami-v2", { headers });
 * assert.deepEqual(onTheWire, [`Bearer ${token}`]);
 *
 * await assert.rejects(
 *   fetch("https://example.org/", { headers }),
 *   { code: "request-refused" },
 * );
 * ```
 *
 * @example openai
 * ```ts ignore
 * import OpenAI from "openai";
 * import { guardedFetch } from "hushbook";
 *
 * const fetch = await guardedFetch();
 * const baseURL = "https://router.huggingface.co/v1";
 * const openai = new OpenAI({ baseURL, apiKey: fetch.placeholder, fetch });
 * ```
 */
export async function guardedFetch(options: GuardOptions = {}): Promise<GuardedFetch> {
  const { openConnection } = await import("./connection.ts");
  const connection = await openConnection(options);
  const guarded = (input: RequestInfo | URL, init?: RequestInit) =>
    connection.fetch(undefined, input, init);
  return Object.assign(guarded, {
    placeholder: connection.placeholder,
    close: connection.close,
    [Symbol.dispose]: connection.close,
  });
}
