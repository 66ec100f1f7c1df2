/**
 * Which requests are heard at all: those a page of this server sends to this server.
 *
 * @module
 */

/** Requests in one window that are answered; a page sends about one a second. */
const MOST_REQUESTS = 300;
const WINDOW_MS = 10_000;

/** Why a request is not heard, as an HTTP status. */
export type Refusal = 403 | 421 | 429;

/** Requests in the current window. */
interface Rate {
  since: number;
  requests: number;
}

/** Judges requests to one server. */
export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #now: () => number;
  readonly #ours: Rate = { since: 0, requests: 0 };
  readonly #strangers: Rate = { since: 0, requests: 0 };

  /**
   * Knows the server's own names.
   *
   * @param port The server's port.
   * @param now The clock, in ms since 1970.
   */
  constructor(port: number, now: () => number) {
    const names = ["127.0.0.1", "localhost"];
    // Browsers leave the port of http out.
    const bare = port === 80 ? names : [];
    this.#hosts = new Set([...names.map((name) => `${name}:${port}`), ...bare]);
    this.#now = now;
  }

  /**
   * Judges a request, before anything in it is used. A foreign `Host` is a name that somebody
   * pointed at this machine (DNS rebinding); a foreign `Origin` or `Sec-Fetch-Site` is another
   * page, which may be on the same machine: cookies do not tell ports apart, these do. Only the
   * page itself, which says nothing, may be opened from elsewhere: the link is clicked in a
   * notebook or in a terminal that is a web page.
   *
   * Whoever has no session is counted apart, so that another program cannot keep the page's own
   * requests out.
   *
   * @param method Its method.
   * @param path Its path.
   * @param headers Its header fields.
   * @param signedIn Whether it has a session.
   * @returns The status to refuse it with, or null.
   */
  refuse(method: string, path: string, headers: Headers, signedIn: boolean): Refusal | null {
    const host = headers.get("host") ?? "";
    if (!this.#hosts.has(host)) return 421;
    if (!isFromOwnPage(method, path, host, headers)) return 403;
    return this.#isFlood(signedIn ? this.#ours : this.#strangers) ? 429 : null;
  }

  #isFlood(rate: Rate): boolean {
    const now = this.#now();
    if (now - rate.since >= WINDOW_MS || now < rate.since) {
      rate.since = now;
      rate.requests = 0;
    }
    return ++rate.requests > MOST_REQUESTS;
  }
}

function isFromOwnPage(method: string, path: string, host: string, headers: Headers): boolean {
  const changes = method !== "GET" && method !== "HEAD";
  if (changes && headers.get("origin") !== `http://${host}`) return false;
  const site = headers.get("sec-fetch-site");
  if (site === null || site === "same-origin" || !changes && site === "none") return true;
  return method === "GET" && path === "/" && headers.get("sec-fetch-mode") === "navigate" &&
    headers.get("sec-fetch-dest") === "document";
}
