/**
 * Keeps a token that the Hub refuses from being tried over and over: five refusals in a row lock it
 * for five minutes, in every process.
 *
 * @module
 */

import { RequestError } from "../door/request_error.ts";
import { forgetRefused } from "../token/session.ts";
import type { FailureCounter } from "../token/unlock.ts";
import type { Call, Guard } from "./call.ts";

/** Options of {@link lockedOut}. */
export interface LockedOutOptions {
  /** What counts. */
  readonly lockout: FailureCounter;
  /** The token's fingerprint. */
  readonly fingerprint: string;
  /**
   * Whether an address is the Hub's or its router's; only their 401 says that the token is wrong.
   */
  readonly isHub: (url: URL) => boolean;
  /** Tells the person one sentence. */
  readonly notice: (sentence: string) => void;
  /** A clock in milliseconds that only runs forward. */
  readonly clock: () => number;
}

/** After a success, further ones are not written down for this long, in milliseconds. */
const freshMs = 1000;

/**
 * Refuses calls while the token is locked, and counts what the Hub says about it.
 *
 * @param options Counter, token, clock.
 * @returns The guard.
 */
export function lockedOut(options: LockedOutOptions): Guard {
  const { lockout, fingerprint, isHub, clock } = options;
  let succeededAt = -Infinity;

  async function judge(call: Call, status: number | undefined): Promise<void> {
    if (status === undefined || !isHub(call.answeredBy ?? call.url)) return;
    if (status === 401) {
      succeededAt = -Infinity;
      forgetRefused(fingerprint); // so that the next load asks again, where a person had typed it
      await lockout.fail(fingerprint);
    } else if (status < 400 && clock() - succeededAt > freshMs) {
      succeededAt = clock();
      await lockout.succeed(fingerprint);
    }
  }

  return (next) => async (call) => {
    if (!call.authenticated || !isHub(call.url)) return await next(call);
    await lockout.check(fingerprint);
    call.ends.push(async ({ status, error }) => {
      const answered = error instanceof RequestError ? error.status : status;
      await judge(call, answered).catch(() =>
        options.notice("A refusal of the token could not be counted.")
      );
    });
    return await next(call);
  };
}
