/**
 * What can be recorded: a closed list of events, outcomes and fields.
 *
 * @module
 */

/** The events that are recorded. */
export type AuditEventName =
  | "token.load"
  | "token.refuse"
  | "token.prompt"
  | "token.save"
  | "token.sign-in"
  | "token.revoke"
  | "token.import"
  | "token.rotate"
  | "token.forget"
  | "token.reveal"
  | "passphrase.change"
  | "lockout.set"
  | "lockout.deny"
  | "lockout.clear"
  | "inference.start"
  | "inference.end"
  | "limit.wait"
  | "limit.pause"
  | "budget.deny"
  | "hook.refuse"
  | "security.open"
  | "security.login"
  | "security.refuse"
  | "pseudonym.erase"
  | "audit.open"
  | "audit.rotate"
  | "audit.rekey"
  | "audit.repair"
  | "audit.cut"
  | "audit.gap"
  | "audit.purge";

/** How it went. */
export type AuditOutcome = "ok" | "started" | "waiting" | "refused" | "failed" | "aborted";

/**
 * What is told to the log. Names with dots in them are those of OpenTelemetry's HTTP and GenAI
 * conventions. Everything but event and outcome is optional.
 */
export interface AuditEvent {
  /** What happened. */
  readonly event: AuditEventName;
  /** How it went. */
  readonly outcome: AuditOutcome;
  /**
   * Where a token came from or went: a name such as `env:HF_TOKEN`, `dotenv`, `store`, `prompt`.
   */
  readonly source?: string | undefined;
  /** By which way, such as `passphrase`, `machine`, `revoke-link`. */
  readonly method?: string | undefined;
  /** Why, as a code such as `token-invalid`; never the text of an error. */
  readonly reason?: string | undefined;
  /** First 12 hexadecimal digits of the token's SHA-256. */
  readonly fingerprint?: string | undefined;
  /** Fingerprint of the token that was replaced. */
  readonly replaced?: string | undefined;
  /** Kind of token, such as `user` or `oauth`. */
  readonly kind?: string | undefined;
  /** The notebook's file: of an absolute path only the last part is kept, for it names the user. */
  readonly notebook?: string | undefined;
  /** The command, such as `hook run`. */
  readonly command?: string | undefined;
  /** 16 hexadecimal digits made by `pseudonym()`; never a plain user id. */
  readonly user?: string | undefined;
  /** A UUID that pairs `inference.start` with `inference.end`. */
  readonly id?: string | undefined;
  /** The request id the server gave. */
  readonly request_id?: string | undefined;
  /** `GET`, `POST`, … */
  readonly "http.request.method"?: string | undefined;
  /** Status of the last answer. */
  readonly "http.response.status_code"?: number | undefined;
  /** Host, without port. */
  readonly "server.address"?: string | undefined;
  /** Port. */
  readonly "server.port"?: number | undefined;
  /** Path, without query and fragment. */
  readonly "url.path"?: string | undefined;
  /** Method of the client, such as `chat` or `text_to_image`. */
  readonly "gen_ai.operation.name"?: string | undefined;
  /** Inference provider, such as `groq`. */
  readonly "gen_ai.provider.name"?: string | undefined;
  /** Model id, such as `meta-llama/Llama-3.1-8B-Instruct`. */
  readonly "gen_ai.request.model"?: string | undefined;
  /** Tokens of text sent. */
  readonly "gen_ai.usage.input_tokens"?: number | undefined;
  /** Tokens of text received. */
  readonly "gen_ai.usage.output_tokens"?: number | undefined;
  /** Kind of failure, such as `rate`, `credits`, `auth`, `loading`, `server`, `abort`, `stream`. */
  readonly "error.type"?: string | undefined;
  /** Requests sent for this call, retries included. */
  readonly attempts?: number | undefined;
  /** Time spent waiting for the limit, in ms. */
  readonly wait_ms?: number | undefined;
  /** Time the call took, in ms. */
  readonly duration_ms?: number | undefined;
  /** Estimated cost in US dollars. */
  readonly cost_usd?: number | undefined;
  /** Which limit or budget. */
  readonly "limit.name"?: string | undefined;
  /** What it admits: calls per window, tokens or dollars. */
  readonly "limit.max"?: number | undefined;
  /** Its window, in ms. */
  readonly "limit.window_ms"?: number | undefined;
  /** How much of it was used. */
  readonly "limit.used"?: number | undefined;
  /** What was locked: `store`, or a token's fingerprint. */
  readonly subject?: string | undefined;
  /** Until when, RFC 3339. */
  readonly until?: string | undefined;
  /** Failures in a row. */
  readonly failures?: number | undefined;
  /** Files looked at. */
  readonly files?: number | undefined;
  /** Tokens found in them. */
  readonly findings?: number | undefined;
  /** Which rule found them. */
  readonly rule?: string | undefined;
  /** First record concerned. */
  readonly first?: number | undefined;
  /** Last record concerned. */
  readonly last?: number | undefined;
  /** How many records. */
  readonly records?: number | undefined;
  /** MAC of the last record concerned. */
  readonly head?: string | undefined;
  /** Name of the segment file. */
  readonly segment?: string | undefined;
  /** SHA-256 of the segment file or of the bytes concerned. */
  readonly sha256?: string | undefined;
  /** How many bytes. */
  readonly bytes?: number | undefined;
  /** How many problems were known. */
  readonly problems?: number | undefined;
  /** Names the log's key: 12 hexadecimal digits of an HMAC under it. */
  readonly key_id?: string | undefined;
}

/** One line of the log. */
export interface AuditRecord extends AuditEvent {
  /** Version of the format: 1. */
  readonly v: number;
  /** When, RFC 3339 in UTC with milliseconds. */
  readonly time: string;
  /** Which process. */
  readonly pid: number;
  /** Number of the record, from 1, without gaps. */
  readonly seq: number;
  /** MAC of the record before; 64 zeros for the first. */
  readonly prev: string;
  /** HMAC-SHA-256 over the line up to here, under `audit.key`; 64 hexadecimal digits. */
  readonly mac: string;
}

/** Each event, and whether it is synced to disk at once because a power cut must not lose it. */
const EVENTS: Readonly<Record<AuditEventName, boolean>> = {
  "token.load": false,
  "token.refuse": false,
  "token.prompt": false,
  "token.save": true,
  "token.sign-in": true,
  "token.revoke": true,
  "token.import": true,
  "token.rotate": true,
  "token.forget": true,
  "token.reveal": false,
  "passphrase.change": true,
  "lockout.set": true,
  "lockout.deny": false,
  "lockout.clear": true,
  "inference.start": false,
  "inference.end": false,
  "limit.wait": false,
  "limit.pause": false,
  "budget.deny": true,
  "hook.refuse": false,
  "security.open": false,
  "security.login": false,
  "security.refuse": false,
  "pseudonym.erase": true,
  "audit.open": true,
  "audit.rotate": true,
  "audit.rekey": true,
  "audit.repair": true,
  "audit.cut": true,
  "audit.gap": true,
  "audit.purge": true,
};

const OUTCOMES: ReadonlySet<string> = new Set<AuditOutcome>([
  "ok",
  "started",
  "waiting",
  "refused",
  "failed",
  "aborted",
]);

/**
 * Whether a record of this event is synced to disk before `append` returns.
 *
 * @param event The event.
 * @returns True for what would be missed after a power cut.
 */
export function isWeighty(event: AuditEventName): boolean {
  return EVENTS[event];
}

/**
 * Whether a text names an event that is recorded.
 *
 * @param name The text.
 * @returns True for the names of {@link AuditEventName}.
 */
export function isEventName(name: string): name is AuditEventName {
  return Object.hasOwn(EVENTS, name);
}

/**
 * Whether a text names an outcome.
 *
 * @param name The text.
 * @returns True for the names of {@link AuditOutcome}.
 */
export function isOutcome(name: string): name is AuditOutcome {
  return OUTCOMES.has(name);
}
