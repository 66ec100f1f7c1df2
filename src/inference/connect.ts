/**
 * `connect()`: the Hugging Face inference client, holding a placeholder in place of the token.
 *
 * @module
 */

import type { InferenceClient, Logger, Options } from "@huggingface/inference";
import { defaultNotice } from "../token/load.ts";
import { type LastAsked, safeError } from "./client_errors.ts";
import type { Connection } from "./connection.ts";
import type { GuardOptions } from "./guard_options.ts";
import { defaultWaitLine } from "./wait_line.ts";

/** The `InferenceClient` of `@huggingface/inference`. */
export type HuggingFaceClient = InstanceType<
  (typeof import("@huggingface/inference"))["InferenceClient"]
>;

/** An inference provider such as `groq` or `fal-ai`, or `auto`. */
export type Provider = (typeof import("@huggingface/inference"))["PROVIDERS_OR_POLICIES"][number];

/** Options of {@link connect}. */
export interface ConnectOptions extends GuardOptions {
  /** The inference provider for calls that name none; default `auto`. */
  readonly provider?: Provider | undefined;
  /** The organisation that pays for calls that name none. */
  readonly billTo?: string | undefined;
  /** Aborts every call of this client. */
  readonly signal?: AbortSignal | undefined;
}

/** The client: an `InferenceClient` that can be closed. */
export type ConnectedClient = HuggingFaceClient & Disposable & {
  /** Ends the connection: the client's placeholder opens nothing any more. */
  close(): void;
};

type Method = (args: Record<string, unknown>, options?: Options) => unknown;

/** Options of the client that one call cannot have a way of its own for. */
function refuseOwnFetch(options: Options | undefined): void {
  if (options?.fetch !== undefined) {
    throw new TypeError(
      "Cannot use a fetch for one call: give it to connect({ fetch }) for all calls",
    );
  }
}

/**
 * Connects to Hugging Face's models: finds the token (see `loadToken()`) and gives the real
 * `InferenceClient` of `@huggingface/inference`, with all its methods, streams included. The client
 * holds a placeholder; printing or serialising it, its errors or its requests cannot show the
 * token.
 *
 * Calls are limited (10 in 60 s by default, over all kernels and processes), retried once and in
 * one place, recorded in the audit log, and fail with a {@link RequestError} that says what to do
 * and holds neither prompt nor token. In a notebook or a terminal one line tells when a call waits.
 *
 * Needs `--allow-net` for the hosts called, `--allow-read` and `--allow-write` for the private
 * folder, `--allow-sys=uid`, and `--allow-env` to find folder and token.
 *
 * @param options Token, provider, origins, limits, audit.
 * @returns The client. Close it, or declare it with `using`, where it should not live as long as
 * the notebook.
 * @throws {UsageError} If an address that was named cannot be used.
 * @throws {TokenError} If there is no token, or one that cannot be used.
 *
 * @example Ask a model
 * ```ts
 * import { connect } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const token = ["hf", "x".repeat(34)].join("_");
 * const answer = {
 *   id: "1",
 *   created: 0,
 *   model: "meta-llama/Llama-3.1-8B-Instruct",
 *   choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }],
 *   usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
 * };
 * using hf = await connect({
 *   token, // leave it out: it is found in the environment, the encrypted file, or asked for
 *   folder: `${await Deno.makeTempDir()}/hushbook`,
 *   fetch: () => Promise.resolve(Response.json(answer)), // in place of the network
 * });
 * const reply = await hf.chatCompletion({
 *   model: "meta-llama/Llama-3.1-8B-Instruct",
 *   messages: [{ role: "user", content: "Say hello" }],
 * });
 * assert.equal(reply.choices[0]?.message.content, "Hello");
 * assert.ok(!Deno.inspect(hf, { showHidden: true }).includes(token));
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedClient> {
  const loading = import("@huggingface/inference");
  // Loaded here, so that whoever only loads a token does not wait for it.
  const { openConnection } = await import("./connection.ts");
  const onNotice = options.onNotice ?? defaultNotice();
  const connection = await openConnection({
    ...options,
    onNotice,
    onWait: options.onWait ?? defaultWaitLine(),
  });
  const { InferenceClient, setLogger } = await loading;
  setLogger(quietLogger(onNotice));
  return dressed(InferenceClient, connection, options);
}

/**
 * The client reports on the console how it chose a provider, in every cell; its warnings are kept.
 */
function quietLogger(notice: (sentence: string) => void): Logger {
  const quiet = () => {};
  return { debug: quiet, info: quiet, log: quiet, warn: notice, error: notice };
}

function joined(
  one: AbortSignal | undefined,
  other: AbortSignal | undefined,
): AbortSignal | undefined {
  return one === undefined || other === undefined ? one ?? other : AbortSignal.any([one, other]);
}

/** The client with every method's calls sent through the connection and its errors made safe. */
function dressed(
  Client: typeof InferenceClient,
  connection: Connection,
  options: ConnectOptions,
  endpointUrl: string | undefined = options.endpointUrl,
): ConnectedClient {
  const { provider, billTo } = options;
  const send: typeof fetch = (input, init) => connection.fetch("huggingface", input, init);
  const defaults = {
    fetch: send,
    retry_on_error: false,
    ...(billTo === undefined ? {} : { billTo }),
    ...(endpointUrl === undefined ? {} : { endpointUrl }),
  };
  const plain = new Client(connection.placeholder, defaults);
  const client = Object.create(Client.prototype);
  const hidden = (name: string | symbol, value: unknown) =>
    Object.defineProperty(client, name, { value, enumerable: false });

  for (const name of Object.getOwnPropertyNames(plain)) {
    const method: unknown = Reflect.get(plain, name);
    if (typeof method !== "function") continue;
    hidden(name, (args: Record<string, unknown>, own?: Options) => {
      refuseOwnFetch(own);
      const asked: LastAsked = {};
      const signal = joined(own?.signal, options.signal);
      const watching: typeof fetch = async (input, init) => {
        const url = URL.parse(input instanceof Request ? input.url : input);
        asked.url = url ?? asked.url;
        const response = await send(input, { ...init, signal: init?.signal ?? signal ?? null });
        asked.body = response.body;
        return response;
      };
      const named = args?.["endpointUrl"] ?? endpointUrl;
      const withProvider = provider === undefined || named !== undefined
        ? args
        : { provider, ...args };
      const outcome = (method as Method)(withProvider, {
        ...own,
        fetch: watching,
        retry_on_error: false,
        ...(signal === undefined ? {} : { signal }),
      });
      return outcome instanceof Promise
        ? outcome.catch((thrown) => {
          throw safeError(thrown, asked, signal);
        })
        : safeStream(outcome as AsyncGenerator, asked, signal);
    });
  }
  hidden("accessToken", connection.placeholder);
  hidden("endpoint", (url: string) => dressed(Client, connection, options, url));
  hidden("close", () => connection.close());
  hidden(Symbol.dispose, () => connection.close());
  return client;
}

/** Passes a stream on; when its reader leaves early, the request is ended, not left running. */
async function* safeStream(
  stream: AsyncGenerator,
  asked: LastAsked,
  signal: AbortSignal | undefined,
): AsyncGenerator {
  try {
    yield* stream;
  } catch (thrown) {
    throw safeError(thrown, asked, signal);
  } finally {
    // The client stops reading without saying so. After a stream's own end this does nothing.
    await asked.body?.cancel().catch(() => {});
  }
}
