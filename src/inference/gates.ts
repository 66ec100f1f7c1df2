/**
 * One limiter per token and provider, or per token and host where there is no provider: providers
 * have limits of their own, and one that is slow must not hold up the others.
 *
 * @module
 */

import { createLimiter, type LimiterOptions } from "../limits/limiter.ts";
import { closed } from "../limits/wait_error.ts";
import type { Call } from "./call.ts";
import type { Gate } from "./limited.ts";
import { leaseLimiter } from "./shared_limiters.ts";

/** The limiters of one connection. */
export interface Gates {
  /** The limiter for a call. */
  readonly of: (call: Call) => Gate;
  /** Rejects what waits and closes the files that no other connection uses. */
  readonly close: () => void;
}

/**
 * Makes the limiters of one connection, each when it is first needed.
 *
 * @param fingerprint The token's fingerprint.
 * @param options Windows, store, clocks.
 * @returns The limiters.
 */
export function gatesFor(fingerprint: string, options: Omit<LimiterOptions, "key">): Gates {
  // Options that make no sense are refused now, not with the first call. Nothing is opened by this.
  createLimiter({ ...options, key: { fingerprint } }).close();
  const gates = new Map<string, Gate>();
  const releases: (() => void)[] = [];
  const ended = new AbortController();

  function openGate(host: string, provider: string | undefined): Gate {
    const key = provider === undefined ? { fingerprint, host } : { fingerprint, host, provider };
    const { limiter, release } = leaseLimiter({ ...options, key });
    releases.push(release);
    return {
      acquire(asked = {}) {
        const signals = asked.signal === undefined ? [] : [asked.signal];
        return limiter.acquire({ ...asked, signal: AbortSignal.any([...signals, ended.signal]) });
      },
      pause: (ms) => limiter.pause(ms),
      pace: (gapMs, forMs) => limiter.pace(gapMs, forMs),
      status: () => limiter.status(),
    };
  }

  return {
    of(call) {
      if (ended.signal.aborted) throw closed();
      const { provider } = call.subject;
      const { host } = call.url;
      const name = `${host} ${provider ?? ""}`;
      let gate = gates.get(name);
      if (gate === undefined) gates.set(name, gate = openGate(host, provider));
      return gate;
    },
    close() {
      ended.abort(closed());
      for (const release of releases.splice(0)) release();
    },
  };
}
