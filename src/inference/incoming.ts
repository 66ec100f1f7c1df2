/**
 * Makes a call of a request: reads what it is about, and asks for the tokens used where the budget
 * needs them.
 *
 * @module
 */

import type { Outgoing } from "../door/outgoing.ts";
import { placeholderIn } from "../door/swap.ts";
import { estimateInputTokens } from "../limits/estimate.ts";
import { callerOf } from "./answered.ts";
import type { Call, Caller } from "./call.ts";
import { describe } from "./describe.ts";

/** What {@link toCall} needs besides the request. */
export interface IncomingContext {
  /** Where the request will really go, once it has been checked. */
  readonly url: URL;
  /** Who sends, where that is known already. */
  readonly caller?: Caller | undefined;
  /** Whether an address is the router's. */
  readonly isRouter: (url: URL) => boolean;
  /** Whether streams should report the tokens used. */
  readonly wantsUsage: boolean;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
}

const idempotentMethods = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

function jsonBody(request: Outgoing): Record<string, unknown> | undefined {
  const { body } = request;
  const text = typeof body === "string" ? body : body instanceof Uint8Array && body[0] === 0x7b // {
    ? new TextDecoder().decode(body)
    : undefined;
  if (text === undefined || !text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the server will say so
  }
}

/** openai's client says after how many seconds it gives up; waiting longer would be for nothing. */
function patienceOf(headers: Headers): number {
  const seconds = Number(headers.get("x-stainless-timeout") ?? NaN);
  return seconds > 0 ? seconds * 1000 : Infinity;
}

/**
 * Makes a call of a request.
 *
 * @param request The request.
 * @param context Address, sender and what is wanted.
 * @returns The call, not yet begun.
 */
export function toCall(request: Outgoing, context: IncomingContext): Call {
  const json = jsonBody(request);
  const subject = describe({ url: request.url, method: request.method, json }, context.isRouter);
  let sent = request;
  let addedUsage = false;
  const chat = subject.operation === "chat" || subject.operation === "text_completion";
  const completions = request.url.pathname.endsWith("/completions");
  if (context.wantsUsage && chat && completions && subject.streaming && json !== undefined) {
    const asked = json["stream_options"] as { include_usage?: unknown } | null | undefined;
    if (asked?.include_usage === undefined) {
      const options = { ...asked, include_usage: true };
      sent = { ...request, body: JSON.stringify({ ...json, stream_options: options }) };
      addedUsage = true;
    }
  }
  return {
    id: crypto.randomUUID(),
    request: sent,
    url: context.url,
    caller: context.caller ?? callerOf(request.headers),
    subject,
    inputTokens: () => json === undefined ? 0 : estimateInputTokens(json),
    authenticated: placeholderIn(request.headers) !== undefined,
    idempotent: idempotentMethods.has(request.method),
    signal: request.signal,
    patienceMs: patienceOf(request.headers),
    began: context.clock(),
    attempts: 0,
    waitMs: 0,
    addedUsage,
    ends: [],
  };
}
