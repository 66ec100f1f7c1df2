/**
 * How each client is told of a failure. They cooperate only with opposite answers: the Hugging Face
 * client repeats a 503 without pause and hides other causes, so it gets an error; openai's takes an
 * error for a lost connection and repeats the call, so it gets a response that says not to.
 *
 * @module
 */

import { BudgetError, HushbookError, LockoutError } from "../errors.ts";
import { RequestError } from "../door/request_error.ts";
import type { Call, Caller } from "./call.ts";
import { answerOf, discardAnswer } from "./classified.ts";

/**
 * Tells clients apart by the headers they send.
 *
 * @param headers The request's headers.
 * @returns Which client.
 */
export function callerOf(headers: Headers): Caller {
  if (headers.get("user-agent")?.startsWith("@huggingface/inference/")) return "huggingface";
  if (headers.has("x-stainless-lang")) return "openai";
  return "other";
}

/** The status that tells openai's client the kind of a failure that had no answer. */
const standInStatus: Readonly<Record<RequestError["kind"], number>> = {
  auth: 401,
  credits: 402,
  rate: 429,
  loading: 503,
  server: 500,
  network: 502,
  abort: 499,
  stream: 502,
  request: 400,
  refused: 400,
};

/**
 * Refuses what openai's client repeats by itself. It is told not to repeat answers, so what it
 * repeats is a call that took longer than its own timeout, and that the server may have done and
 * billed.
 *
 * @param call The call.
 * @throws {RequestError} Of kind `refused`, if the call is such a repetition.
 */
export function refuseRepetition(call: Call): void {
  const count = call.request.headers.get("x-stainless-retry-count") ?? "0";
  if (call.caller !== "openai" || count === "0" || call.idempotent) return;
  const { host, pathname: path } = call.url;
  throw new RequestError(
    "refused",
    `Cannot call ${host}${path} once more: the client's own timeout ran out and it repeats the call, ` +
      `which may have been billed already; raise the client's timeout, for waiting for a free slot ` +
      `counts too`,
    { host, path },
  );
}

/**
 * Answers a client whose call failed.
 *
 * @param error What happened.
 * @param call Whose call it was.
 * @returns The response to give, for openai and for callers that want the server's own answer.
 * @throws The error, for all others; the signal's reason where `fetch` would throw it.
 */
export function answerFailure(
  error: unknown,
  call: { readonly caller: Caller; readonly signal: AbortSignal | undefined },
): Response {
  if (call.caller !== "other") discardAnswer(error);
  if (!(error instanceof HushbookError) || call.caller === "huggingface") throw error;
  if (error instanceof RequestError && error.kind === "abort") {
    throw call.signal?.aborted ? call.signal.reason : error;
  }
  if (call.caller === "other") {
    const answer = answerOf(error);
    if (answer === undefined) throw error;
    return answer;
  }
  const status = error instanceof RequestError
    ? error.status ?? standInStatus[error.kind]
    : error instanceof BudgetError
    ? standInStatus.credits
    : error instanceof LockoutError
    ? standInStatus.auth
    : standInStatus.refused;
  const requestId = error instanceof RequestError ? error.requestId : undefined;
  const kind = error instanceof RequestError ? error.kind : "refused";
  return Response.json(
    { error: { message: error.message, type: kind, code: error.code, param: null } },
    {
      status,
      headers: {
        "x-should-retry": "false",
        ...(requestId === undefined ? {} : { "x-request-id": requestId }),
      },
    },
  );
}

/** The call as {@link answerFailure} needs it, when the request could not even be read. */
export type FailedCall = Pick<Call, "caller" | "signal">;
