/**
 * Asking a service that keeps secrets (Vault, the Hub's sign-in) one question over HTTP, so that
 * every way it can go wrong is told apart and nothing secret is repeated.
 *
 * @module
 */

import { SourceError } from "../errors.ts";

/** More than any answer of a secret store; a longer one is not read, in bytes. */
const MOST_BYTES = 1024 * 1024;

/** One question to a service. */
export interface ServiceQuestion {
  /** The service's name for people, such as `Vault`. */
  readonly service: string;
  /** Where to ask. Only its host is ever named in an error. */
  readonly url: URL;
  /** The HTTP method. Default `GET`. */
  readonly method?: string;
  /** The header fields; they may hold secrets and must be clean. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly body?: string;
  /** How requests are sent. */
  readonly fetch: typeof globalThis.fetch;
  /** Longest wait in ms, body included. */
  readonly timeoutMs: number;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** What a service answered. */
export interface ServiceAnswer {
  /** The HTTP status; never 3xx. */
  readonly status: number;
  /** The header fields. */
  readonly headers: Headers;
  /** The body as JSON; undefined if it is none. */
  readonly json: unknown;
}

/**
 * Asks, and reads the whole answer. Redirects are refused: a runtime sends header fields such as
 * `X-Vault-Token` along to whatever host a redirect names.
 *
 * @param question What to ask, where, for how long.
 * @returns Status, header fields and body.
 * @throws {SourceError} If the service cannot be reached, its certificate is not trusted, it is too
 * slow, it redirects, or it answers more than 1 MiB. An aborted `signal` rejects with its reason.
 */
export async function askService(question: ServiceQuestion): Promise<ServiceAnswer> {
  const { service, url, method = "GET", headers = {}, body, timeoutMs } = question;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = question.signal ? AbortSignal.any([question.signal, timeout]) : timeout;
  const at = `${service} at ${url.host}`;
  let response: Response;
  try {
    response = await question.fetch(url, {
      method,
      headers,
      redirect: "manual",
      signal,
      ...(body === undefined ? {} : { body }),
    });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new SourceError(
        "source-redirect",
        `Cannot ask ${at}: it redirects to another address, and a credential is not sent after a ` +
          "redirect; configure the address it redirects to, if you trust it",
      );
    }
    const bytes = await readAtMost(response, MOST_BYTES, at);
    return { status: response.status, headers: response.headers, json: parse(bytes) };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    question.signal?.throwIfAborted();
    throw unreachable(error, at, timeoutMs, timeout.aborted);
  }
}

async function readAtMost(response: Response, most: number, at: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > most) {
      throw new SourceError(
        "source-malformed",
        `Cannot read the answer of ${at}: it is longer than ${most} bytes, so it is not the service ` +
          "it should be; check the address",
      );
    }
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined; // A proxy's HTML page; what the caller says of it depends on the status.
  }
}

/** The runtime's error quotes the address, which may hold a credential: only its sort is kept. */
function unreachable(error: unknown, at: string, timeoutMs: number, late: boolean): SourceError {
  if (late) {
    return new SourceError(
      "source-timeout",
      `Cannot ask ${at}: it did not answer within ${
        timeoutMs / 1000
      } s; check that it is up and that ` +
        "no firewall or proxy is in between, then try again",
    );
  }
  // The reason is in the cause: the message itself only says that fetch failed.
  const said = error instanceof Error ? `${error.message} ${(error.cause as Error)?.message}` : "";
  if (/certificate|tls|ssl|InvalidContentType/iu.test(said)) {
    return new SourceError(
      "source-tls",
      `Cannot ask ${at}: no trusted TLS connection came about (an unknown or expired certificate, or a ` +
        "server without TLS); name your organisation's certificates in DENO_CERT, or check the address",
    );
  }
  if (error instanceof Deno.errors.NotCapable) {
    return new SourceError(
      "source-setup",
      `Cannot ask ${at}: permission is missing; add --allow-net for that host`,
    );
  }
  return new SourceError(
    "source-unreachable",
    `Cannot ask ${at}: no connection came about; check the address and that the service is up`,
  );
}
