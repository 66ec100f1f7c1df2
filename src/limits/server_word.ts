/**
 * What a response says about when to call again, read from its headers alone (and, for a model that
 * is loading, one number of its body). The server's word beats every timing of ours.
 *
 * @module
 */

import { type Quota, readQuotas } from "./rate_limit_header.ts";

/** Below this share of a quota, what is left is spread over what remains of the window. */
const SPREAD_BELOW = 0.1;

/** Where the quota itself is not announced, this many calls left count as few. */
const SPREAD_BELOW_CALLS = 10;

/** The Hub's clocks are whole seconds, so `t` may be short by nearly one. */
const RESET_MARGIN_MS = 1000;

/** Which of the server's statements gave the waiting time. */
export type ServerWordSource = "retry-after-ms" | "retry-after" | "ratelimit" | "estimated-time";

/** A slower rhythm: at least `gapMs` between two calls, for the next `forMs`. */
export interface Pace {
  /** Milliseconds between two calls. */
  readonly gapMs: number;
  /** How long the rhythm holds, in milliseconds from the response. */
  readonly forMs: number;
}

/** What one response says about time. */
export interface ServerWord {
  /** Milliseconds before this call may be sent again; absent where the server gave no time. */
  readonly retryMs?: number;
  /** Which statement {@link ServerWord.retryMs} comes from. */
  readonly source?: ServerWordSource;
  /** Milliseconds for which every call of this token should wait: 0 is no pause. */
  readonly pauseMs: number;
  /** Set when little is left of a window: how to spread it. */
  readonly pace?: Pace;
  /** A 429 although calls are left in every announced window: another limit was hit. */
  readonly otherLimit: boolean;
  /** The response says that the model is still being loaded (`estimated_time`). */
  readonly loading: boolean;
  /** Every quota the server announced. */
  readonly quotas: readonly Quota[];
}

/** The parts of a response that {@link readServerWord} looks at. */
export interface SpokenResponse {
  /** The HTTP status code. */
  readonly status: number;
  /** The response's headers. */
  readonly headers: Headers;
  /** The parsed JSON body of an error, if it was read; only `estimated_time` is looked at. */
  readonly body?: unknown;
}

/** RFC 9110, section 5.6.7: IMF-fixdate and the two forms a receiver must still read. */
const HTTP_DATE =
  /^(?:\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT|\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT|\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4})$/;

function httpDate(text: string | null): number | undefined {
  if (text === null || !HTTP_DATE.test(text)) return undefined;
  const time = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, decimals allowed, or a date. A date is
 * compared to the server's own `Date`, so a wrong local clock does not matter.
 *
 * @param headers The response's headers.
 * @param now The local time in milliseconds since 1970, used where the server sent no `Date`.
 * @returns Milliseconds from now, at least 0, or undefined where the field is absent or nonsense.
 */
export function readRetryAfter(headers: Headers, now: number): number | undefined {
  const text = headers.get("retry-after")?.trim();
  if (text === undefined) return undefined;
  if (/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = httpDate(text);
  if (date === undefined) return undefined;
  return Math.max(0, date - (httpDate(headers.get("date")) ?? now));
}

function readRetryAfterMs(headers: Headers): number | undefined {
  const text = headers.get("retry-after-ms")?.trim() ?? "";
  return /^\d{1,18}(?:\.\d{1,9})?$/.test(text) ? Math.ceil(Number(text)) : undefined;
}

function readEstimatedTime(body: unknown): number | undefined {
  if (typeof body !== "object" || body === null || !("estimated_time" in body)) return undefined;
  const value = body.estimated_time;
  if (typeof value !== "number" || !(value >= 0) || value === Infinity) return undefined;
  return Math.ceil(value * 1000);
}

/**
 * Milliseconds until every used-up window is open again, or undefined where none is, or none says.
 */
function exhaustedMs(quotas: readonly Quota[]): number | undefined {
  const waits = quotas.flatMap(({ remaining, resetMs }) =>
    remaining === 0 && resetMs !== undefined ? [resetMs + RESET_MARGIN_MS] : []
  );
  return waits.length === 0 ? undefined : Math.max(...waits);
}

function slowestPace(quotas: readonly Quota[]): Pace | undefined {
  let slowest: Pace | undefined;
  for (const { remaining, resetMs, quota } of quotas) {
    if (!remaining || !resetMs) continue;
    const few = quota === undefined
      ? remaining <= SPREAD_BELOW_CALLS
      : remaining < quota * SPREAD_BELOW;
    const gapMs = Math.ceil(resetMs / remaining);
    if (few && gapMs > (slowest?.gapMs ?? 0)) slowest = { gapMs, forMs: resetMs };
  }
  return slowest;
}

/**
 * Reads what a response says about time. Pure: nothing is waited for and nothing is changed.
 *
 * A 429 or 503 may name its time in `retry-after-ms`, `Retry-After`, or as a window that is used up
 * (`RateLimit` with `r=0`, which waits `t` + 1 s); where several do, the longest holds, because a
 * shorter wait would break the server's word. `estimated_time` of a loading model counts only where
 * no header gave a time. A 429 with calls left in every window is another limit, and `t` says
 * nothing about it.
 *
 * @param response Status, headers and, for an error, its parsed body. Successes speak too.
 * @param now The local time in milliseconds since 1970. Default: now.
 * @returns The waiting time for this call, the pause for every call, and the rhythm to keep.
 * @example
 * ```ts
 * import { readServerWord } from "./server_word.ts";
 * import assert from "node:assert/strict";
 *
 * const word = readServerWord({
 *   status: 429,
 *   headers: new Headers({ RateLimit: '"api";r=0;t=30' }),
 * });
 * assert.equal(word.retryMs, 31_000);
 * assert.equal(word.pauseMs, 31_000);
 * ```
 */
export function readServerWord(response: SpokenResponse, now: number = Date.now()): ServerWord {
  const { status, headers } = response;
  const quotas = readQuotas(headers);
  const exhausted = exhaustedMs(quotas);
  const pace = slowestPace(quotas);
  const counted = quotas.filter((quota) => quota.remaining !== undefined);
  const otherLimit = status === 429 && counted.length > 0 &&
    counted.every(({ remaining }) => remaining! > 0);

  const said: [ServerWordSource, number][] = [];
  let loading = false;
  if (status >= 400) {
    const ms = readRetryAfterMs(headers);
    const after = ms ?? readRetryAfter(headers, now);
    if (after !== undefined) {
      said.push([ms === undefined ? "retry-after" : "retry-after-ms", after]);
    }
    if (status === 429 && exhausted !== undefined) said.push(["ratelimit", exhausted]);
    const estimated = status === 503 ? readEstimatedTime(response.body) : undefined;
    loading = estimated !== undefined;
    if (said.length === 0 && estimated !== undefined) said.push(["estimated-time", estimated]);
  }
  said.sort((a, b) => b[1] - a[1]);
  const [source, retryMs] = said[0] ?? [];
  return {
    ...(source === undefined ? {} : { source, retryMs: retryMs! }),
    pauseMs: Math.max(exhausted ?? 0, status === 429 ? retryMs ?? 0 : 0),
    ...(pace === undefined ? {} : { pace }),
    otherLimit,
    loading,
    quotas,
  };
}
