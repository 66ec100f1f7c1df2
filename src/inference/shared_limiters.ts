/**
 * The limiters that connections of this process share, so that among their calls the one of higher
 * priority goes first, and `concurrency` holds over all of them.
 *
 * @module
 */

import { createLimiter, type Limiter, type LimiterOptions } from "../limits/limiter.ts";

const shared = new Map<string, { limiter: Limiter; users: number }>();

/** A limiter, and how to let go of it. */
export interface LimiterLease {
  /** The limiter; do not close it. */
  readonly limiter: Limiter;
  /** Closes the limiter when nobody else uses it. */
  readonly release: () => void;
}

/** What limiters must have in common to be one; undefined for one that is nobody else's. */
function identity({ onNotice: _, ...options }: LimiterOptions): string | undefined {
  if (options.store === "memory") return undefined;
  if (Object.values(options).some((value) => typeof value === "function")) return undefined;
  const env = (name: string) => {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined; // no permission: the limiter will say so
    }
  };
  // The private folder is found by these when none is given.
  const found = options.folder ?? [env("HUSHBOOK_HOME"), env("XDG_STATE_HOME"), env("HOME")];
  return JSON.stringify([found, options]);
}

/**
 * Gives the limiter for these options: the one that another connection of this process uses, if its
 * options are the same. What is repaired is then told to the first of them.
 *
 * @param options Key, windows, store.
 * @returns The limiter; release it once.
 * @throws {RangeError} As `createLimiter` does.
 */
export function leaseLimiter(options: LimiterOptions): LimiterLease {
  const id = identity(options);
  if (id === undefined) {
    const limiter = createLimiter(options);
    return { limiter, release: () => limiter.close() };
  }
  let entry = shared.get(id);
  if (entry === undefined) shared.set(id, entry = { limiter: createLimiter(options), users: 0 });
  const mine = entry;
  mine.users++;
  return {
    limiter: mine.limiter,
    release() {
      if (--mine.users > 0) return;
      shared.delete(id);
      mine.limiter.close();
    },
  };
}
