/**
 * One call on its way through the guards: what is known of it, and what has to happen when it ends.
 *
 * @module
 */

import type { Outgoing } from "../door/outgoing.ts";
import type { HushbookError } from "../errors.ts";
import type { ServerWord } from "../limits/server_word.ts";
import type { Subject } from "./describe.ts";
import type { Usage } from "./usage.ts";

/** Who sends the call: clients differ in how they must be told of a failure. */
export type Caller = "huggingface" | "openai" | "other";

/** How a call ended, once its answer was read to the end. */
export interface Ending {
  /** The status of the last answer, if there was one. */
  readonly status?: number | undefined;
  /** The server's id of the request. */
  readonly requestId?: string | undefined;
  /** Tokens used, as far as the answer said. */
  readonly usage?: Usage | undefined;
  /** What went wrong, if something did. */
  readonly error?: HushbookError | undefined;
}

/** One call. The guards note on it what later ones, and the record of its end, need. */
export interface Call {
  /** Pairs the records of its start and end. */
  readonly id: string;
  /** What to send. */
  readonly request: Outgoing;
  /**
   * Where it really goes: {@link Outgoing.url}, moved to a stand-in for the Hub where one is set.
   */
  readonly url: URL;
  /** Who sends it. */
  readonly caller: Caller;
  /** What it is about. */
  readonly subject: Subject;
  /** Estimates the tokens that the model will read. */
  readonly inputTokens: () => number;
  /** Whether it carries the connection's placeholder, and so the token where it may go. */
  readonly authenticated: boolean;
  /** Whether a second sending does no harm (RFC 9110, section 9.2.2). */
  readonly idempotent: boolean;
  /** The caller's signal, joined with the connection's. */
  readonly signal: AbortSignal | undefined;
  /** How long its client waits before it gives up by itself, in milliseconds; else `Infinity`. */
  readonly patienceMs: number;
  /** When it began, in milliseconds of a clock that only runs forward. */
  readonly began: number;
  /** How often it was sent so far. */
  attempts: number;
  /** Milliseconds spent waiting so far: for a slot and between attempts. */
  waitMs: number;
  /** Where the last answer came from, after all redirects. */
  answeredBy?: URL;
  /** What the last answer said about time. */
  word?: ServerWord;
  /** Whether the last attempt failed before anything was sent. */
  unsent?: boolean;
  /** What it cost in dollars, by the prices the user gave; set when the budget is settled. */
  costUsd?: number;
  /** Whether an event with the tokens used was asked for on the caller's behalf. */
  addedUsage: boolean;
  /**
   * What happens when the call has ended, first to last: settle the budget, then record the end.
   */
  readonly ends: ((ending: Ending) => Promise<void> | void)[];
}

/** Sends a call and gives the answer; a failure is a `HushbookError`. */
export type Send = (call: Call) => Promise<Response>;

/** Puts one concern around sending. */
export type Guard = (next: Send) => Send;

/**
 * Runs what happens at a call's end, once.
 *
 * @param call The call.
 * @param ending How it ended.
 */
export async function endCall(call: Call, ending: Ending): Promise<void> {
  // Emptied first: a stream may be aborted while its end is being recorded.
  for (const end of call.ends.splice(0)) {
    try {
      await end(ending);
    } catch { /* the call has been made, and the other ends must still happen */ }
  }
}
