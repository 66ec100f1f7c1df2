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

/** Judges requests to one server. */
export class Guard {
  readonly #hosts: ReadonlySet<string>;
  readonly #now: () => number;
  #windowStart = 0;
  #requests = 0;

  /**
   * Knows the server's own names.
   *
   * @param port The server's port.
   * @param now The clock, in ms since 1970.
   */
  constructor(port: number, now: () => number) {
    this.#hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
    this.#now = now;
  }

  /**
   * Judges a request, before anything in it is used. A foreign `Host` is a name that somebody pointed at this
   * machine (DNS rebinding); a foreign `Origin` or `Sec-Fetch-Site` is another page, which may be on the same machine:
   * cookies do not tell ports apart, these do.
   *
   * @param method Its method.
   * @param headers Its header fields.
   * @returns The status to refuse it with, or null.
   */
  refuse(method: string, headers: Headers): Refusal | null {
    if (this.#isFlood()) return 429;
    const host = headers.get("host") ?? "";
    if (!this.#hosts.has(host)) return 421;
    const site = headers.get("sec-fetch-site");
    const changes = method !== "GET" && method !== "HEAD";
    if (changes && headers.get("origin") !== `http://${host}`) return 403;
    const allowed = changes ? ["same-origin"] : ["same-origin", "none"];
    return site !== null && !allowed.includes(site) ? 403 : null;
  }

  #isFlood(): boolean {
    const now = this.#now();
    if (now - this.#windowStart >= WINDOW_MS || now < this.#windowStart) {
      this.#windowStart = now;
      this.#requests = 0;
    }
    return ++this.#requests > MOST_REQUESTS;
  }
}
