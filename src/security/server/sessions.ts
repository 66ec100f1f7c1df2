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
   * Opens a session for the link's key, once. Wrong keys close nothing: 256 random bits are not
   * guessed, and another program of this machine could keep the person out by sending some.
   *
   * @param key What was sent.
   * @returns The session, or null if the key is wrong or used.
   */
  open(key: string): Session | null {
    if (this.#key === null || !same(key, this.#key)) return null;
    this.#key = null;
    const session = { id: random(), csrf: random(), until: this.#now() + SESSION_MS };
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
