/**
 * Reads the `RateLimit` and `RateLimit-Policy` fields
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-09) as servers really
 * send them: the Hub writes `"fixed window";"api";q=1000;w=300`, which is no valid structured
 * field. What cannot be read is skipped, never guessed.
 *
 * @module
 */

/** One quota the server announced. */
export interface Quota {
  /** The server's name of the quota, such as `"api"`. */
  readonly name: string;
  /** Calls left in the current window (`r`). */
  readonly remaining?: number;
  /** Milliseconds until the window resets (`t`, sent in seconds). */
  readonly resetMs?: number;
  /** Calls in a whole window (`q`). */
  readonly quota?: number;
  /** Length of the window in milliseconds (`w`, sent in seconds). */
  readonly windowMs?: number;
  /** What is counted (`qu`), `"requests"` where the server does not say. */
  readonly unit?: string;
}

/** Splits at `separator`, but not inside a quoted string (RFC 9651, section 3.3.3). */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted && char === "\\") {
      part += char + (text[++i] ?? "");
    } else if (char === separator && !quoted) {
      parts.push(part);
      part = "";
    } else {
      if (char === '"') quoted = !quoted;
      part += char;
    }
  }
  parts.push(part);
  return parts.map((each) => each.trim());
}

interface Member {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

function unquoted(text: string): string | undefined {
  return /^"((?:[^"\\]|\\.)*)"$/.exec(text)?.[1]?.replace(/\\(.)/g, "$1");
}

/** The members of a list whose items carry parameters; the last bare string is the quota's name. */
function members(field: string): Member[] {
  const found: Member[] = [];
  for (const text of splitOutsideQuotes(field, ",")) {
    let name: string | undefined;
    const parameters = new Map<string, string>();
    for (const [index, part] of splitOutsideQuotes(text, ";").entries()) {
      const pair = /^([a-z*][a-z0-9_.*-]*)\s*=\s*(.*)$/i.exec(part);
      if (pair) parameters.set(pair[1]!.toLowerCase(), unquoted(pair[2]!) ?? pair[2]!);
      else name = unquoted(part) ?? (index === 0 && /^[\w*:/.-]+$/.test(part) ? part : name);
    }
    if (name !== undefined) found.push({ name, parameters });
  }
  return found;
}

/** A non-negative integer of at most 15 digits (RFC 9651, section 3.3.1), or undefined. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function seconds(text: string | undefined): number | undefined {
  const value = count(text);
  return value === undefined ? undefined : value * 1000;
}

/**
 * Reads both fields and joins them by the quota's name.
 *
 * @param headers The headers of any response.
 * @returns One entry per quota, in the order the server named them; empty where it named none.
 * @example
 * ```ts
 * import { readQuotas } from "./rate_limit_header.ts";
 * import assert from "node:assert/strict";
 *
 * const quotas = readQuotas(
 *   new Headers({
 *     "RateLimit": '"api";r=0;t=55',
 *     "RateLimit-Policy": '"fixed window";"api";q=1000;w=300',
 *   }),
 * );
 * assert.deepEqual(quotas, [
 *   { name: "api", remaining: 0, resetMs: 55_000, quota: 1000, windowMs: 300_000 },
 * ]);
 * ```
 */
export function readQuotas(headers: Headers): Quota[] {
  const quotas = new Map<string, Quota>();
  const add = (name: string, facts: { [key in keyof Quota]: Quota[key] | undefined }) => {
    const known = Object.entries(facts).filter(([, value]) => value !== undefined);
    if (known.length > 0) {
      quotas.set(name, { ...quotas.get(name), name, ...Object.fromEntries(known) });
    }
  };
  for (const { name, parameters } of members(headers.get("ratelimit") ?? "")) {
    const remaining = count(parameters.get("r"));
    if (remaining === undefined) continue; // `r` is the one parameter the draft requires
    add(name, { name: undefined, remaining, resetMs: seconds(parameters.get("t")) });
  }
  for (const { name, parameters } of members(headers.get("ratelimit-policy") ?? "")) {
    const quota = count(parameters.get("q"));
    if (quota === undefined) continue;
    const windowMs = seconds(parameters.get("w"));
    add(name, { name: undefined, quota, windowMs, unit: parameters.get("qu") });
  }
  return [...quotas.values()];
}
