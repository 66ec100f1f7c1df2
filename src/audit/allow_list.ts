/**
 * The allow-list of fields, each with a shape and a length. There is no field for a token, prompt,
 * reply, header, body, URL query, error text or plain user id, and no field takes text in which one
 * would fit unseen.
 *
 * @module
 */

import { AuditError } from "../errors.ts";
import { TOKEN_STARTS } from "../secret/shape.ts";
import { type AuditEvent, isEventName, isOutcome } from "./event.ts";

type Check = (value: unknown) => string | number | undefined;

const pattern = (form: RegExp, most: number): Check => (value) =>
  typeof value === "string" && value.length <= most && form.test(value) ? value : undefined;

/** Names and codes: no space, no `@`, no slash, so no sentence and no e-mail address. */
const word = (most: number): Check => pattern(/^[A-Za-z0-9][A-Za-z0-9_.:+-]*$/, most);
const hex = (length: number): Check => pattern(new RegExp(`^[0-9a-f]{${length}}$`), length);
const count: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1e15 ? Math.round(value) : undefined;
const amount: Check = (value) =>
  typeof value === "number" && value >= 0 && value <= 1e15
    ? Math.round(value * 1e6) / 1e6
    : undefined;

/** A notebook's name, relative; the last part of an absolute path, which would name the user. */
const notebook: Check = (value) => {
  if (typeof value !== "string") return undefined;
  const name = /^(?:[/\\~]|[A-Za-z]:|file:)/.test(value) ? value.split(/[/\\]/).at(-1)! : value;
  const parts = name.split(/[/\\]/);
  return name.length <= 200 && /^[^\p{C}\u2028\u2029?#]+\.ipynb$/u.test(name) &&
      !parts.includes("..")
    ? name
    : undefined;
};

const FIELDS: Readonly<Record<Exclude<keyof AuditEvent, "event" | "outcome">, Check>> = {
  source: word(64),
  method: word(64),
  reason: word(64),
  fingerprint: hex(12),
  replaced: hex(12),
  kind: word(32),
  notebook,
  command: pattern(/^[a-z]+(?:[ -][a-z]+){0,3}$/, 48),
  user: hex(16),
  id: pattern(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 36),
  request_id: pattern(/^[A-Za-z0-9][A-Za-z0-9_.:;=+/-]*$/, 128),
  "http.request.method": pattern(/^[A-Z]+$/, 16),
  "http.response.status_code": count,
  "server.address": pattern(/^[A-Za-z0-9][A-Za-z0-9.:-]*$|^\[[0-9a-fA-F:.]+\]$/, 253),
  "server.port": count,
  "url.path": pattern(/^\/[A-Za-z0-9_.~%:/+,;=-]*$/, 256),
  "gen_ai.operation.name": word(64),
  "gen_ai.provider.name": word(64),
  "gen_ai.request.model": pattern(/^[A-Za-z0-9][A-Za-z0-9_.:/+-]*$/, 200),
  "gen_ai.usage.input_tokens": count,
  "gen_ai.usage.output_tokens": count,
  "error.type": word(64),
  attempts: count,
  wait_ms: count,
  duration_ms: count,
  cost_usd: amount,
  "limit.name": word(96),
  "limit.max": amount,
  "limit.window_ms": count,
  "limit.used": amount,
  subject: word(64),
  until: pattern(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z$/, 24),
  failures: count,
  files: count,
  findings: count,
  rule: word(64),
  first: count,
  last: count,
  records: count,
  head: hex(64),
  segment: word(64),
  sha256: hex(64),
  bytes: count,
  problems: count,
  key_id: hex(12),
};

/** Far less than a whole token: what begins like one is not worth the doubt. */
const TOKEN_LIKE = new RegExp(
  `(?:${TOKEN_STARTS.join("|")})(?:[A-Za-z0-9]{20}|(?:oauth|jwt|s3|app)_[\\w.-]{8})`,
  "i",
);

function holdsToken(value: string): boolean {
  if (TOKEN_LIKE.test(value)) return true;
  if (!value.includes("%")) return false;
  try {
    return TOKEN_LIKE.test(decodeURIComponent(value));
  } catch {
    return true; // an encoding nobody can read is not worth the doubt
  }
}

function refused(what: string, why: string): AuditError {
  return new AuditError("audit-refused", `Cannot record the event: ${what} ${why}`);
}

/** Stands where a text was that may not be written. */
const WITHHELD = "(withheld)";

/**
 * Checks an event against the allow-list and gives the fields to write, in the order they are
 * written. An undefined field is left out. A text that does not have its field's shape, is too long
 * or could hold a token is written as `(withheld)`, and a number that is none is left out: a model
 * with a strange name must neither leak nor stop the call.
 *
 * @param event What was told.
 * @returns Field names and values, event and outcome first.
 * @throws {AuditError} `audit-refused` when event, outcome or a field's name is not on the list.
 */
export function checkEvent(event: AuditEvent): Record<string, string | number> {
  if (!isEventName(event.event)) throw refused("its event", "is not one of the known names");
  if (!isOutcome(event.outcome)) throw refused("its outcome", "is not one of the known names");
  const fields: Record<string, string | number> = { event: event.event, outcome: event.outcome };
  for (const [name, value] of Object.entries(event)) {
    if (value === undefined || name === "event" || name === "outcome") continue;
    if (!Object.hasOwn(FIELDS, name)) {
      throw refused("one of its fields", "is not on the list of fields that may be written");
    }
    const checked = FIELDS[name as keyof typeof FIELDS](value);
    if (typeof checked === "number") fields[name] = checked;
    else if (checked !== undefined && !holdsToken(checked)) fields[name] = checked;
    else if (typeof value !== "number") fields[name] = WITHHELD;
  }
  return fields;
}
