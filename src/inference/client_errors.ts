/**
 * What the Hugging Face client throws by itself, made safe to show: its errors hold the request's
 * body, which is the prompt, and quote answers and addresses.
 *
 * @module
 */

import { HushbookError } from "../errors.ts";
import { RequestError } from "../door/request_error.ts";

/** What a call asked for last. */
export interface LastAsked {
  /** The address, or undefined when nothing was sent yet. */
  url?: URL | undefined;
  /** The body of the last answer. */
  body?: ReadableStream | null;
}

/** Errors of the client that speak of names of models, providers and options only. */
const harmlessNames = new Set(["InputError", "RoutingError"]);

/**
 * Makes an error of the client safe to show.
 *
 * @param thrown What the client threw.
 * @param last What it asked for last.
 * @param signal The call's signal.
 * @returns The error to throw instead; ours, and mistakes of the caller, as they are.
 */
export function safeError(thrown: unknown, last: LastAsked, signal?: AbortSignal): unknown {
  if (thrown instanceof HushbookError) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  if (harmlessNames.has(name)) return thrown;
  const { host = "", pathname: path = "" } = last.url ?? {};
  const facts = { host, path };
  if (signal?.aborted) {
    return new RequestError(
      "abort",
      `Cannot call ${host}${path}: it was aborted by its caller`,
      facts,
    );
  }
  // Nothing sent yet: a mistake in the arguments, which the client's own error explains best.
  if (last.url === undefined) return thrown;
  return new RequestError(
    "server",
    `Cannot use the answer of ${host}${path}: it is not what the client expects; try again, or name ` +
      `another provider or model`,
    facts,
  );
}
