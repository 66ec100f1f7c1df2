/**
 * The error of a request that failed or was refused.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";

/**
 * What went wrong with a request: `auth` (401, 403), `credits` (402), `rate` (429, or the wait for
 * a free slot is too long), `loading` (503 while a model is loaded), `server` (408 and 5xx, or an
 * answer nobody can read), `network` (no answer), `abort` (the caller's signal), `stream` (an error
 * inside a stream that began well), `request` (any other 4xx: the request itself is wrong),
 * `refused` (hushbook did not send it, or not further).
 */
export type RequestErrorKind =
  | "auth"
  | "credits"
  | "rate"
  | "loading"
  | "server"
  | "network"
  | "abort"
  | "stream"
  | "request"
  | "refused";

/** The facts of a failed request that are safe to show. */
export interface RequestErrorFacts {
  /** Host and, where it is not the usual one, port. */
  readonly host: string;
  /** The path, without query and fragment. */
  readonly path: string;
  /** The HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** The server's id of the request, for its support. */
  readonly requestId?: string | undefined;
  /** How often the request was sent; default 0. */
  readonly attempts?: number | undefined;
  /** Milliseconds until it makes sense to try again, when the server said so. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * A request failed or was refused. It holds neither body, query, header nor token, so it may be
 * shown in a cell.
 */
export class RequestError extends HushbookError<`request-${RequestErrorKind}`> {
  /** What went wrong. */
  readonly kind: RequestErrorKind;
  /** Host and, where it is not the usual one, port. */
  readonly host: string;
  /** The path, without query and fragment. */
  readonly path: string;
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** The server's id of the request, for its support. */
  readonly requestId: string | undefined;
  /** How often the request was sent. */
  readonly attempts: number;
  /** Milliseconds until it makes sense to try again, when the server said so. */
  readonly retryAfterMs: number | undefined;

  /**
   * Creates the error.
   *
   * @param kind What went wrong.
   * @param message The action, the reason and what to do.
   * @param facts Where, and how it was answered.
   */
  constructor(kind: RequestErrorKind, message: string, facts: RequestErrorFacts) {
    super(`request-${kind}`, message);
    this.kind = kind;
    this.host = facts.host;
    this.path = facts.path;
    this.status = facts.status;
    this.requestId = facts.requestId;
    this.attempts = facts.attempts ?? 0;
    this.retryAfterMs = facts.retryAfterMs;
  }
}
