/**
 * Turns an answer that is a failure, or no answer at all, into one kind of error.
 *
 * @module
 */

import { HushbookError, type RequestError, type RequestErrorKind } from "../errors.ts";
import { readServerWord } from "../limits/server_word.ts";
import type { Call, Guard } from "./call.ts";
import { failed } from "./explain.ts";

/** No error of a server needs more; the rest is not read. */
const mostErrorBytes = 256 * 1024;

/** The answer behind an error, for callers that want it as it was. Errors themselves do not hold it. */
const answers = new WeakMap<RequestError, Response>();

/**
 * The answer that an error was made of.
 *
 * @param error The error.
 * @returns The answer with its body unread, or undefined where there was none.
 */
export function answerOf(error: RequestError): Response | undefined {
  return answers.get(error);
}

/**
 * The kind of failure a status stands for.
 *
 * @param status A status of 400 or more.
 * @param loading Whether the answer says that a model is being loaded.
 * @returns The kind.
 */
export function kindOfStatus(status: number, loading: boolean): RequestErrorKind {
  if (status === 401 || status === 403) return "auth";
  if (status === 402) return "credits";
  if (status === 429) return "rate";
  if (status === 503 && loading) return "loading";
  return status === 408 || status >= 500 ? "server" : "request";
}

/** What the runtime's network errors are about; their own text holds the address with its query. */
const networkReasons: readonly [RegExp, string][] = [
  [/connection refused/i, "connection refused"],
  [/dns error|failed to lookup|name or service not known/i, "the host's name was not found"],
  [/certificate|invalid peer|tls|handshake/i, "no secure connection could be made"],
  [/network is unreachable|no route to host/i, "the network is unreachable"],
  [/timed? ?out/i, "timed out"],
  [/reset|closed|incomplete|broken pipe|unexpected (eof|end)/i, "the connection was closed"],
];

/** The server's id of the request, from the headers that the Hub and its caches use. */
export function requestIdOf(headers: Headers): string | undefined {
  const id = headers.get("x-request-id") ?? headers.get("x-amzn-trace-id") ??
    headers.get("x-amz-cf-id");
  return id !== null && /^[\w.:;=+/-]{1,128}$/.test(id) ? id : undefined;
}

/**
 * Makes one kind of error of whatever sending threw.
 *
 * @param call The call.
 * @param thrown What was thrown.
 * @returns The error to throw instead.
 */
export function networkFailure(call: Call, thrown: unknown): HushbookError {
  if (thrown instanceof HushbookError) return thrown;
  if (call.signal?.aborted) return failed(call, "abort");
  const text = thrown instanceof Error ? thrown.message : "";
  if (thrown instanceof Error && /^(NotCapable|PermissionDenied)$/.test(thrown.name)) {
    const detail = `Deno may not use the network for it; run with --allow-net=${call.url.host}`;
    return failed(call, "refused", { detail });
  }
  call.unsent = /\(Connect\)|connection refused|dns error/i.test(text);
  const detail = networkReasons.find(([pattern]) => pattern.test(text))?.[1];
  return failed(call, "network", { detail });
}

async function errorBody(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= mostErrorBytes) break; // leaving the loop cancels the rest
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/** Options of {@link classified}. */
export interface ClassifiedOptions {
  /** Where the token came from and its fingerprint, in words. */
  readonly token?: string | undefined;
  /** The wall clock, in milliseconds, to read dates in `Retry-After` against. */
  readonly now: () => number;
}

/**
 * Throws for every answer of 400 and more, after reading what the server says about time.
 *
 * @param options What the error may say about the token, and the clock.
 * @returns The guard.
 */
export function classified(options: ClassifiedOptions): Guard {
  return (next) => async (call) => {
    let response: Response;
    try {
      response = await next(call);
    } catch (thrown) {
      throw networkFailure(call, thrown);
    }
    const { status, headers } = response;
    if (status < 400) {
      call.word = readServerWord({ status, headers }, options.now());
      return response;
    }
    let bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    try {
      bytes = await errorBody(response);
    } catch (thrown) {
      if (call.signal?.aborted) throw networkFailure(call, thrown);
      // The status says enough without its body.
    }
    const body = status === 503 ? parsed(bytes) : undefined;
    const word = readServerWord({ status, headers, body }, options.now());
    call.word = word;
    const errorCode = headers.get("x-error-code") ?? undefined;
    const error = failed(call, kindOfStatus(status, word.loading), {
      status,
      requestId: requestIdOf(headers),
      errorCode: errorCode !== undefined && /^[A-Za-z]{1,40}$/.test(errorCode)
        ? errorCode
        : undefined,
      retryAfterMs: word.retryMs,
      token: options.token,
    });
    answers.set(error, rebuilt(response, bytes));
    throw error;
  };
}

/**
 * The same answer with another body.
 *
 * @param response The answer as it came.
 * @param body The body to give on.
 * @returns An answer that tells status, headers, address and redirection as the first one.
 */
export function rebuilt(response: Response, body: BodyInit | null): Response {
  const { status, statusText, headers, url, redirected } = response;
  const bodiless = status === 204 || status === 205 || status === 304;
  const result = new Response(bodiless ? null : body, { status, statusText, headers });
  Object.defineProperty(result, "url", { value: url });
  Object.defineProperty(result, "redirected", { value: redirected });
  return result;
}
