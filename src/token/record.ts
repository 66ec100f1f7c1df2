/**
 * Recording what happens to tokens.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";

/** Records an event; rejects if it cannot be recorded. */
export type Recorder = (event: AuditEvent) => Promise<void>;

/**
 * Makes the listener of a Secret that records each reveal. Reveals that come faster than they can
 * be recorded share a record, which says how many they were.
 *
 * @param record Where to record.
 * @param source Where the token came from.
 * @param onFailure Is told when a reveal could not be recorded.
 * @returns A listener for `new Secret(value, { onReveal })`.
 */
export function revealListener(
  record: Recorder,
  source: string,
  onFailure: (error: unknown) => void,
): (secret: { readonly fingerprint: string }) => void {
  let waiting = 0;
  let writing = false;
  const write = async (fingerprint: string) => {
    writing = true;
    try {
      while (waiting > 0) {
        const records = waiting;
        waiting = 0;
        await record({ event: "token.reveal", outcome: "ok", source, fingerprint, records });
      }
    } catch (error) {
      onFailure(error);
    } finally {
      writing = false;
    }
  };
  return (secret) => {
    waiting++;
    if (!writing) void write(secret.fingerprint);
  };
}
