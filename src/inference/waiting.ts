/**
 * Waiting, and telling that one waits.
 *
 * @module
 */

/** A stage of one call's waiting. */
export interface CallWait {
  /** Which call: the id in its audit records. */
  readonly id: string;
  /** For a free slot or after a 429; for a model to be loaded; after a failure that may pass. */
  readonly reason: "rate" | "loading" | "failure";
  /** Milliseconds still to wait, as far as known. */
  readonly remainingMs: number;
  /** Whether the waiting is over. */
  readonly done: boolean;
}

/** Is told when a call begins to wait, now and then meanwhile, and when that is over. */
export type OnWait = (wait: CallWait) => void;

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
