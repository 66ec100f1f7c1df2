/**
 * Turns an answer that is a failure, or no answer at all, into one kind of error.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import { RequestError, type RequestErrorKind } from "../door/request_error.ts";
import { readServerWord } from "../limits/server_word.ts";
import type { Call, Guard } from "./call.ts";
import { readErrorCode } from "./error_codes.ts";
import { failed } from "./explain.ts";

/**
 * The answer behind an error, for callers that want it as it was. Errors themselves do not hold it.
 */
const answers = new WeakMap<RequestError, Response>();

/**
 * The answer that an error was made of.
 *
 * @param error The error.
 * @returns The answer with its body unread, or undefined where there was none.
 */
export function answerOf(error: unknown): Response | undefined {
  return error instanceof RequestError ? answers.get(error) : undefined;
}

/**
 * Lets go of the answer that an error was made of: its body is not read, and its connection is
 * free.
 *
 * @param error The error, or anything else.
 */
export function discardAnswer(error: unknown): void {
  answerOf(error)?.body?.cancel().catch(() => {});
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

/** What the Hub says in `X-Error-Code`. */
const hubCodes: readonly string[] = [
  "RepoNotFound",
  "GatedRepo",
  "DisabledRepo",
  "RevisionNotFound",
  "EntryNotFound",
  "BucketNotFound",
];

/** The server's id of the request, from the headers that the Hub and its caches use. */
export function requestIdOf(headers: Headers): string | undefined {
  const id = headers.get("x-request-id") ?? headers.get("x-amzn-trace-id") ??
    headers.get("x-amz-cf-id");
  return id !== null && /^[\w.:;=+/-]{1,128}$/.test(id) ? id : undefined;
}

/**
 * The runtime says "fetch failed", and why in the cause; both are looked at and neither is shown.
 */
function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.message : "";
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
  const text = thrown instanceof Error ? `${thrown.message} ${causeText(thrown.cause)}` : "";
  if (thrown instanceof Error && /^(NotCapable|PermissionDenied)$/.test(thrown.name)) {
    const detail = `Deno may not use the network for it; run with --allow-net=${call.url.host}`;
    return failed(call, "refused", { detail });
  }
  call.unsent = /\(Connect\)|connection refused|dns error/i.test(text);
  const detail = networkReasons.find(([pattern]) => pattern.test(text))?.[1];
  return failed(call, "network", { detail });
}

/** The largest JSON of an error that is read, in bytes. */
const mostErrorBytes = 64 * 1024;
/** How long it may take to arrive, in milliseconds. */
const errorBodyMs = 2000;

/** Reads the JSON of an error; undefined where there is none, or it is too long or too slow. */
async function errorBody(response: Response): Promise<unknown> {
  if (!(response.headers.get("content-type") ?? "").includes("json")) return undefined;
  const copy = response.clone();
  const reader = copy.body?.getReader();
  if (reader === undefined) return undefined;
  const timer = setTimeout(() => reader.cancel().catch(() => {}), errorBodyMs);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let size = 0; size < mostErrorBytes;) {
      const { done, value } = await reader.read();
      if (done) return JSON.parse(text + decoder.decode());
      size += value.length;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    /* broken off, or no JSON: the status says enough */
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
  return undefined;
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
    const body = await errorBody(response);
    const word = readServerWord({ status, headers, body }, options.now());
    call.word = word;
    const hubCode = headers.get("x-error-code") ?? "";
    const known = readErrorCode(body);
    const error = failed(call, kindOfStatus(status, word.loading), {
      status,
      requestId: requestIdOf(headers),
      errorCode: known?.code ?? hubCodes.find((code) => code === hubCode),
      advice: known?.advice,
      retryAfterMs: word.retryMs,
      token: call.authenticated ? options.token : undefined,
    });
    answers.set(error, response);
    throw error;
  };
}
