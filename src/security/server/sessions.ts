/**
 * Who may look: the one-time key of the link, and the sessions it opens.
 *
 * @module
 */

/** How a session is kept. */
export interface Session {
  /** The value of the cookie. */
  readonly id: string;
  /** What a changing request must carry besides the cookie. */
  readonly csrf: string;
  /** Until when it is good, in ms since 1970. */
  readonly until: number;
}

/** How long a session lasts, in ms: 8 hours, a working day. */
export const SESSION_MS = 8 * 3_600_000;
/** Wrong keys in a row that close the door, and for how long, in ms. */
const MOST_FAILURES = 5;
const CLOSED_MS = 300_000;

/** 256 random bits as base64url. */
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes)).replace(
    /[+/=]/gu,
    (c) => c === "+" ? "-" : c === "/" ? "_" : "",
  );
}

/** Compares in a time that does not depend on where two texts differ. */
function same(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % b.length);
  return difference === 0;
}

/** The sessions of one server, in memory only. */
export class Sessions {
  readonly #now: () => number;
  #key: string | null = random();
  #failures = 0;
  #closedUntil = 0;
  readonly #sessions = new Map<string, Session>();

  /**
   * Makes a key; there is no session yet.
   *
   * @param now The clock, in ms since 1970.
   */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The link's key, until it is used. */
  get key(): string | null {
    return this.#key;
  }

  /**
   * Opens a session for the link's key, once.
   *
   * @param key What was sent.
   * @returns The session, or null if the key is wrong or used, or five wrong ones came within 5 minutes.
   */
  open(key: string): Session | null {
    const now = this.#now();
    if (now < this.#closedUntil) return null;
    if (this.#key === null || !same(key, this.#key)) {
      if (++this.#failures >= MOST_FAILURES) {
        this.#failures = 0;
        this.#closedUntil = now + CLOSED_MS;
      }
      return null;
    }
    this.#key = null;
    this.#failures = 0;
    const session = { id: random(), csrf: random(), until: now + SESSION_MS };
    this.#sessions.set(session.id, session);
    return session;
  }

  /**
   * Finds a session.
   *
   * @param id The value of the cookie.
   * @returns The session, or null if there is none or it has expired.
   */
  find(id: string | undefined): Session | null {
    const session = id === undefined ? undefined : this.#sessions.get(id);
    if (session === undefined) return null;
    if (this.#now() < session.until) return session;
    this.#sessions.delete(session.id);
    return null;
  }

  /**
   * Whether a request carries the session's CSRF token.
   *
   * @param session The session.
   * @param csrf What was sent.
   * @returns True if it is the right one.
   */
  mayChange(session: Session, csrf: string | undefined): boolean {
    return csrf !== undefined && same(csrf, session.csrf);
  }
}
