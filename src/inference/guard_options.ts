/**
 * The options that `connect()` and `guardedFetch()` share.
 *
 * @module
 */

import type { BudgetOptions } from "../limits/budget.ts";
import type { LimiterOptions } from "../limits/limiter.ts";
import type { RetryOptions } from "../limits/retry_timing.ts";
import type { Secret } from "../secret/secret.ts";
import type { LoadedToken, LoadTokenOptions } from "../token/load.ts";
import type { FailureCounter } from "../token/unlock.ts";
import type { CallLog, OnAuditFailure } from "./audited.ts";
import type { OnWait } from "./waiting.ts";

/**
 * How many calls of one token may be sent to one provider, or to one host that has no providers.
 */
export type LimitOptions = Omit<LimiterOptions, "key" | "onWait" | "onNotice">;

/** Options of `guardedFetch()`, and of `connect()`. */
export interface GuardOptions {
  /** The token, or what `loadToken()` gave; default `loadToken()`. */
  readonly token?: string | Secret | LoadedToken | undefined;
  /** Where to look for the token: passphrase, more sources, whom to ask. */
  readonly load?: Omit<LoadTokenOptions, "token"> | undefined;
  /**
   * An inference endpoint of your own, such as `https://….endpoints.huggingface.cloud`. The token
   * may go to its origin.
   */
  readonly endpointUrl?: string | undefined;
  /** More exact origins that the token may go to, such as `https://gateway.example.org`. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Limits of calls, shared with every process of this user; default 10 calls in 60 s. */
  readonly limit?: LimitOptions | undefined;
  /** Ceilings of tokens and dollars, shared with every process of this user; default none. */
  readonly budget?: Omit<BudgetOptions, "onNotice"> | undefined;
  /** Which calls of this process go first where they wait; higher is sooner; default 0. */
  readonly priority?: number | undefined;
  /** How patiently failed calls are repeated; default at most 3 times within 2 minutes. */
  readonly retry?: RetryOptions | undefined;
  /** A pseudonym of the person, from `pseudonym()`, for the audit log. */
  readonly user?: string | undefined;
  /**
   * Whether a call that cannot be recorded is not sent (`block`, the default) or sent with a
   * notice.
   */
  readonly onAuditFailure?: OnAuditFailure | undefined;
  /**
   * Where calls are recorded; false records nothing; default the audit log in the private folder.
   */
  readonly audit?: CallLog | false | undefined;
  /** What counts refusals of the token; default the lockout in the private folder. */
  readonly lockout?: FailureCounter | undefined;
  /**
   * Is told when a call waits. Default for `connect()`: one line in the notebook or terminal that
   * counts down; for `guardedFetch()`: nobody.
   */
  readonly onWait?: OnWait | undefined;
  /**
   * Is told one sentence when something deserves attention. Default: it is shown as a warning in a
   * notebook or a terminal, and nowhere else.
   */
  readonly onNotice?: ((sentence: string) => void) | undefined;
  /** What sends; default the global `fetch`. It sees the token. */
  readonly fetch?: typeof fetch | undefined;
  /** The wall clock in milliseconds; default `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** A clock in milliseconds that only runs forward; default `performance.now`. */
  readonly clock?: (() => number) | undefined;
  /** Waits between retries; default a timer. */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Numbers in [0, 1) for the jitter; default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** The private folder, absolute; default the state folder. */
  readonly folder?: string | undefined;
  /** Reads an environment variable; default `Deno.env.get`. */
  readonly env?: ((name: string) => string | undefined) | undefined;
}
