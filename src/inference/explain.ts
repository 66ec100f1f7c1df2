/**
 * Says in words what went wrong with a call and what to do: the text a person reads in a cell.
 * Nothing of the server's own text is used, for servers repeat prompts and keys in their errors.
 *
 * @module
 */

import { RequestError, type RequestErrorKind } from "../door/request_error.ts";
import type { Call } from "./call.ts";

/** What is known about a failure besides the call itself. */
export interface FailureFacts {
  /** The status, if there was an answer. */
  readonly status?: number | undefined;
  /** The server's id of the request. */
  readonly requestId?: string | undefined;
  /** The Hub's or server's own code for the failure, such as `GatedRepo`, from a fixed set. */
  readonly errorCode?: string | undefined;
  /** Milliseconds until it makes sense to try again. */
  readonly retryAfterMs?: number | undefined;
  /** What the code means and what to do, from a fixed set. */
  readonly advice?: string | undefined;
  /** A few words on the reason, from a fixed set. */
  readonly detail?: string | undefined;
  /** Where the token came from and its fingerprint, in words; undefined if it was not sent. */
  readonly token?: string | undefined;
}

/**
 * A time a person can do something with.
 *
 * @param ms Milliseconds.
 * @returns Such as `3.2 s`, `12 min` or `1.5 h`.
 */
export function spokenTime(ms: number): string {
  if (ms < 59_950) return `${(Math.max(ms, 100) / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.ceil(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

const settings = "https://huggingface.co/settings";

function reason(kind: RequestErrorKind, facts: FailureFacts): string {
  const { status, retryAfterMs, token } = facts;
  const soon = retryAfterMs === undefined
    ? "try again a little later"
    : `try again in ${spokenTime(retryAfterMs)}`;
  switch (kind) {
    case "auth":
      if (token === undefined) {
        return "it needs a token, and the client sent none; the Hugging Face client looks up the " +
          `provider "auto" without one, so name the provider of a private model`;
      }
      return status === 403
        ? `${token} may not do this; give it the right at ${settings}/tokens ("Make calls to ` +
          `Inference Providers"), or ask for access on the model's page if it is gated`
        : `${token} was not accepted; make a new one at ${settings}/tokens and put it in place with ` +
          `"hushbook token rotate", or where the old one came from`;
    case "credits":
      return `the credits are used up; see ${settings}/billing, or name an organisation that pays ` +
        `with billTo`;
    case "rate":
      return `${facts.detail ?? "too many requests"}; ${soon}`;
    case "loading":
      return `the model is still being loaded; ${soon}`;
    case "server":
      return `the server failed${
        facts.detail === undefined ? "" : ` (${facts.detail})`
      }; ${soon}, ` +
        `or name another provider`;
    case "network":
      return `there was no answer${
        facts.detail === undefined ? "" : ` (${facts.detail})`
      }; check ` +
        `the address and the network`;
    case "abort":
      return "it was aborted by its caller";
    case "stream":
      return facts.detail ?? "the stream broke off";
    case "request":
      if (facts.advice !== undefined) return facts.advice;
      return status === 404
        ? "there is no such model or page; check the names of model and provider, and that the token " +
          "may read it if it is private or gated"
        : status === 413
        ? "it is too large; send less"
        : "the server did not accept it; check model, provider and parameters";
    case "refused":
      return facts.detail ?? "it was not sent";
  }
}

/**
 * Makes the error of a failed call.
 *
 * @param call The call.
 * @param kind What went wrong.
 * @param facts What is known about it.
 * @returns The error, safe to show.
 */
export function failed(
  call: Pick<Call, "url" | "attempts">,
  kind: RequestErrorKind,
  facts: FailureFacts = {},
): RequestError {
  const { host, pathname: path } = call.url;
  const { status, requestId, errorCode, retryAfterMs } = facts;
  const marks = [
    ...(status === undefined ? [] : [`status ${status}`]),
    ...(errorCode === undefined ? [] : [errorCode]),
    ...(call.attempts > 1 ? [`${call.attempts} attempts`] : []),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
  ];
  const tail = marks.length === 0 ? "" : ` (${marks.join(", ")})`;
  return new RequestError(kind, `Cannot call ${host}${path}: ${reason(kind, facts)}${tail}`, {
    host,
    path,
    status,
    requestId,
    attempts: call.attempts,
    retryAfterMs,
  });
}
