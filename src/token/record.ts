/**
 * Recording what happens to tokens.
 *
 * @module
 */

/** An event about a token or the store's passphrase; see the audit log for what each field may hold. */
export interface TokenEvent {
  /** What happened. */
  readonly event:
    | "token.load"
    | "token.refuse"
    | "token.prompt"
    | "token.save"
    | "token.import"
    | "token.rotate"
    | "token.forget"
    | "token.reveal"
    | "passphrase.change";
  /** How it went. */
  readonly outcome: "ok" | "refused" | "failed" | "aborted";
  /** Where the token came from or went, such as `env:HF_TOKEN`. */
  readonly source?: string;
  /** By which way, such as `passphrase`. */
  readonly method?: string;
  /** Why, as a code such as `token-invalid`. */
  readonly reason?: string;
  /** The token's fingerprint. */
  readonly fingerprint?: string;
  /** The fingerprint of the token that was replaced. */
  readonly replaced?: string;
  /** The token's kind. */
  readonly kind?: string;
  /** The notebook's file, when it is known. */
  readonly notebook?: string;
  /** The command, such as `token save`. */
  readonly command?: string;
  /** How many reveals one record stands for. */
  readonly records?: number;
}

/** Records an event; rejects if it cannot be recorded. */
export type Recorder = (event: TokenEvent) => Promise<void>;

/**
 * Makes the listener of a Secret that records each reveal. Reveals that come faster than they can be recorded
 * share a record, which says how many they were.
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
