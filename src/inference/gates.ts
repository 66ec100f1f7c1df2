/**
 * One limiter per token and provider, or per token and host where there is no provider: providers have
 * limits of their own, and one that is slow must not hold up the others.
 *
 * @module
 */

import { createLimiter, type Limiter, type LimiterOptions } from "../limits/limiter.ts";
import type { Call } from "./call.ts";

/** The limiters of one connection. */
export interface Gates {
  /** The limiter for a call. */
  readonly of: (call: Call) => Limiter;
  /** Rejects what waits and closes the files. */
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
  const limiters = new Map<string, Limiter>();
  return {
    of(call) {
      const { provider } = call.subject;
      const host = call.url.host;
      const name = `${host} ${provider ?? ""}`;
      let limiter = limiters.get(name);
      if (limiter === undefined) {
        const key = provider === undefined
          ? { fingerprint, host }
          : { fingerprint, host, provider };
        limiters.set(name, limiter = createLimiter({ ...options, key }));
      }
      return limiter;
    },
    close() {
      for (const limiter of limiters.values()) limiter.close();
    },
  };
}
