/**
 * What a stand-in Hub remembers of a request: enough to test with and to show in the demo, and no
 * credential.
 *
 * @module
 */

/** How a request showed who is asking. */
export type Credential = "token" | "placeholder" | "other" | "none";

/** One request as the stand-in saw it. */
export interface Seen {
  /** Milliseconds since the epoch, when it arrived. */
  readonly at: number;
  /** The method. */
  readonly method: string;
  /** The path without query. */
  readonly path: string;
  /** The query, `?` included, or empty. */
  readonly query: string;
  /** Whether it carried the right token, a placeholder, something else or nothing. */
  readonly credential: Credential;
  /** The headers, with the values that hold a credential replaced by the kind of credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, parsed where it is JSON, else its text, else null. */
  readonly body: unknown;
  /** The status it was answered with. */
  status: number;
}

const credentialHeaders = new Set(["authorization", "x-api-key", "api-key", "cookie"]);

/**
 * Decides what kind of credential a request carries.
 *
 * @param headers Its headers.
 * @param tokens The tokens that are right.
 * @returns The kind.
 */
export function credentialOf(headers: Headers, tokens: ReadonlySet<string>): Credential {
  const given = headers.get("authorization") ?? headers.get("x-api-key") ?? headers.get("api-key");
  if (given === null) return "none";
  const value = given.replace(/^(Bearer|Key|Token) +/i, "");
  if (tokens.has(value)) return "token";
  return value.startsWith("hf_kept_by_hushbook") ? "placeholder" : "other";
}

/**
 * Makes the record of a request.
 *
 * @param request The request, body not read.
 * @param text Its body as text.
 * @param credential What kind of credential it carries.
 * @returns The record, its status still 0.
 */
export function seen(request: Request, text: string, credential: Credential): Seen {
  const url = new URL(request.url);
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) {
    headers[name] = credentialHeaders.has(name) ? `(${credential})` : value;
  }
  let body: unknown = text === "" ? null : text;
  try {
    body = JSON.parse(text);
  } catch { /* not JSON: the text is kept */ }
  const { pathname: path, search: query } = url;
  return {
    at: Date.now(),
    method: request.method,
    path,
    query,
    credential,
    headers,
    body,
    status: 0,
  };
}
