/**
 * Waiting, and telling that one waits.
 *
 * @module
 */

/** One wait of one call. */
export interface Wait {
  /** For a free slot or after a 429; for a model to be loaded; after a failure that may pass. */
  readonly reason: "rate" | "loading" | "failure";
  /** How long, in milliseconds. */
  readonly ms: number;
}

/** Is told when a wait begins, and through what it returns when it is over. */
export type OnWait = (wait: Wait) => (() => void) | void;

/**
 * Waits.
 *
 * @param ms Milliseconds.
 * @param signal Ends the wait at once.
 * @returns Nothing, when the time is over.
 * @throws The signal's reason when it is aborted.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
