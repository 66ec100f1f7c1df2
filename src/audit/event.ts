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
  /** Where a token came from or went: a name such as `env:HF_TOKEN`, `dotenv`, `store`, `prompt`. */
  readonly source?: string;
  /** By which way, such as `passphrase`, `machine`, `revoke-link`. */
  readonly method?: string;
  /** Why, as a code such as `token-invalid`; never the text of an error. */
  readonly reason?: string;
  /** First 12 hexadecimal digits of the token's SHA-256. */
  readonly fingerprint?: string;
  /** Fingerprint of the token that was replaced. */
  readonly replaced?: string;
  /** Kind of token, such as `user` or `oauth`. */
  readonly kind?: string;
  /** The notebook's file: of an absolute path only the last part is kept, for it names the user. */
  readonly notebook?: string;
  /** The command, such as `hook run`. */
  readonly command?: string;
  /** 16 hexadecimal digits made by `pseudonym()`; never a plain user id. */
  readonly user?: string;
  /** A UUID that pairs `inference.start` with `inference.end`. */
  readonly id?: string;
  /** The request id the server gave. */
  readonly request_id?: string;
  /** `GET`, `POST`, … */
  readonly "http.request.method"?: string;
  /** Status of the last answer. */
  readonly "http.response.status_code"?: number;
  /** Host, without port. */
  readonly "server.address"?: string;
  /** Port. */
  readonly "server.port"?: number;
  /** Path, without query and fragment. */
  readonly "url.path"?: string;
  /** Method of the client, such as `chat` or `text_to_image`. */
  readonly "gen_ai.operation.name"?: string;
  /** Inference provider, such as `groq`. */
  readonly "gen_ai.provider.name"?: string;
  /** Model id, such as `meta-llama/Llama-3.1-8B-Instruct`. */
  readonly "gen_ai.request.model"?: string;
  /** Tokens of text sent. */
  readonly "gen_ai.usage.input_tokens"?: number;
  /** Tokens of text received. */
  readonly "gen_ai.usage.output_tokens"?: number;
  /** Kind of failure, such as `rate`, `credits`, `auth`, `loading`, `server`, `abort`, `stream`. */
  readonly "error.type"?: string;
  /** Requests sent for this call, retries included. */
  readonly attempts?: number;
  /** Time spent waiting for the limit, in ms. */
  readonly wait_ms?: number;
  /** Time the call took, in ms. */
  readonly duration_ms?: number;
  /** Estimated cost in US dollars. */
  readonly cost_usd?: number;
  /** Which limit or budget. */
  readonly "limit.name"?: string;
  /** What it admits: calls per window, tokens or dollars. */
  readonly "limit.max"?: number;
  /** Its window, in ms. */
  readonly "limit.window_ms"?: number;
  /** How much of it was used. */
  readonly "limit.used"?: number;
  /** What was locked: `store`, or a token's fingerprint. */
  readonly subject?: string;
  /** Until when, RFC 3339. */
  readonly until?: string;
  /** Failures in a row. */
  readonly failures?: number;
  /** Files looked at. */
  readonly files?: number;
  /** Tokens found in them. */
  readonly findings?: number;
  /** Which rule found them. */
  readonly rule?: string;
  /** First record concerned. */
  readonly first?: number;
  /** Last record concerned. */
  readonly last?: number;
  /** How many records. */
  readonly records?: number;
  /** MAC of the last record concerned. */
  readonly head?: string;
  /** Name of the segment file. */
  readonly segment?: string;
  /** SHA-256 of the segment file or of the bytes concerned. */
  readonly sha256?: string;
  /** How many bytes. */
  readonly bytes?: number;
  /** How many problems were known. */
  readonly problems?: number;
  /** Names the log's key: 12 hexadecimal digits of an HMAC under it. */
  readonly key_id?: string;
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
