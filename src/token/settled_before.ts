/**
 * An end for work that does not listen to a signal.
 *
 * @module
 */

/**
 * Waits for work, but no longer than a signal allows: some of the cloud SDKs' credentials start
 * programs, or ask an address that never answers, and do not listen to a signal.
 *
 * @param signal Ends the waiting; the work itself goes on unheard.
 * @param work The work.
 * @returns What it gives.
 * @throws The signal's reason, once it is aborted.
 */
export function settledBefore<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
