/**
 * A permit that a call holds.
 *
 * @module
 */

import type { Permit } from "./permit.ts";

/** What a permit tells, each at most once. */
export interface PermitEvents {
  /** The call has gone out. */
  readonly onSent: () => void;
  /** The call has ended. */
  readonly onRelease: () => void;
}

/**
 * Makes a permit.
 *
 * @param waitedMs Milliseconds the call has waited.
 * @param events Whom it tells.
 * @returns The permit.
 */
export function heldPermit(waitedMs: number, events: PermitEvents): Permit {
  let isSent = false, isReleased = false;
  const release = () => {
    if (isReleased) return;
    isReleased = true;
    events.onRelease();
  };
  return {
    waitedMs,
    sent() {
      if (isSent) return;
      isSent = true;
      events.onSent();
    },
    release,
    [Symbol.dispose]: release,
  };
}
