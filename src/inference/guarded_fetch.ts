/**
 * `guardedFetch()`: a `fetch` for any client, with a placeholder in place of the token.
 *
 * @module
 */

import { openConnection } from "./connection.ts";
import type { GuardOptions } from "./guard_options.ts";

/** A guarded `fetch`. It is a `Disposable`: declare it with `using`, or call {@link GuardedFetch.close}. */
export interface GuardedFetch {
  /** As the global `fetch`. */
  (input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** What clients are given in place of the token. It is no secret. */
  readonly placeholder: string;
  /** Ends the connection: its placeholder opens nothing any more. Calling it again does nothing. */
  close(): void;
  /** As {@link GuardedFetch.close}. */
  [Symbol.dispose](): void;
}

/**
 * Makes a `fetch` that any client can be given.
 *
 * @param options Token, origins, limits, audit.
 * @returns The guarded fetch.
 */
export function guardedFetch(options: GuardOptions = {}): Promise<GuardedFetch> {
  const token = options.token;
  if (token === undefined) throw new TypeError("token");
  const connection = openConnection({ ...options, token });
  const guarded = (input: RequestInfo | URL, init?: RequestInit) =>
    connection.fetch(undefined, input, init);
  return Promise.resolve(Object.assign(guarded, {
    placeholder: connection.placeholder,
    close: connection.close,
    [Symbol.dispose]: connection.close,
  }));
}
