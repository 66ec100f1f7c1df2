/**
 * `connect()`: the Hugging Face inference client, holding a placeholder in place of the token.
 *
 * @module
 */

import type {
  InferenceClient,
  InferenceProviderOrPolicy,
  Logger,
  Options,
} from "@huggingface/inference";
import { type LastAsked, safeError } from "./client_errors.ts";
import { type Connection, openConnection } from "./connection.ts";
import type { GuardOptions } from "./guard_options.ts";

/** Options of {@link connect}. */
export interface ConnectOptions extends GuardOptions {
  /** The inference provider for calls that name none; default `auto`. */
  readonly provider?: InferenceProviderOrPolicy | undefined;
  /** The organisation that pays for calls that name none. */
  readonly billTo?: string | undefined;
  /** Aborts every call of this client. */
  readonly signal?: AbortSignal | undefined;
}

/** The client: an `InferenceClient` that can be closed. */
export type ConnectedClient = InferenceClient & Disposable & {
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
 * Connects to Hugging Face's models.
 *
 * @param options Token, provider, limits, audit.
 * @returns The client.
 */
export async function connect(options: ConnectOptions = {}): Promise<ConnectedClient> {
  const token = options.token;
  if (token === undefined) throw new TypeError("token");
  const { InferenceClient, setLogger } = await import("@huggingface/inference");
  setLogger(quietLogger(options.onNotice ?? (() => {})));
  const connection = openConnection({ ...options, token });
  return dressed(InferenceClient, connection, options);
}

/** The client reports on the console how it chose a provider, in every cell; its warnings are kept. */
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
