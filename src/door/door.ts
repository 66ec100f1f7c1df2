/**
 * The door: the one place that writes a token into a request. A client's placeholder is replaced at
 * the moment of sending, for origins the token may go to, and every redirect is a new decision.
 *
 * @module
 */

import { RequestError } from "./request_error.ts";
import type { Origins } from "./origins.ts";
import type { Outgoing } from "./outgoing.ts";
import { maxHops, redirectedMethod, redirectTarget } from "./redirects.ts";
import {
  credentialHeaders,
  placeholderIn,
  privateHeaders,
  swapped,
  urlHoldsCredential,
} from "./swap.ts";

/** Options of {@link createDoor}. */
export interface DoorOptions {
  /** The connection's placeholder. */
  readonly placeholder: string;
  /** Gives the token, asked for anew at each sending. */
  readonly token: () => string;
  /** Where the token may go. */
  readonly origins: Origins;
  /** Moves requests meant for the Hub or its router; default leaves them. */
  readonly move?: (url: URL) => URL;
  /** Decides whether a text holds something of a token's shape. */
  readonly looksLikeToken: (text: string) => boolean;
  /** What sends; it is the only code that sees the token. */
  readonly fetch: typeof fetch;
}

/** An answer, and where it came from after all redirects. */
export interface Answer {
  /** The answer. */
  readonly response: Response;
  /** The address that gave it. */
  readonly from: URL;
}

/** The door of one connection. */
export interface Door {
  /**
   * Refuses a request that must not be sent. Sends nothing, so it can be asked before a slot or a
   * budget is spent.
   *
   * @param request The request.
   * @returns The address it will go to.
   * @throws {RequestError} Of kind `refused`.
   */
  check(request: Outgoing): URL;
  /**
   * Sends a request, its redirects included.
   *
   * @param request The request, with the placeholder.
   * @returns The answer, and the address it came from.
   * @throws {RequestError} Of kind `refused`; anything else comes from `fetch`.
   */
  send(request: Outgoing): Promise<Answer>;
}

function refusal(url: URL, reason: string, path: string = url.pathname): RequestError {
  const { host } = url;
  return new RequestError("refused", `Cannot send the request to ${host}${path}: ${reason}`, {
    host,
    path,
  });
}

/**
 * Builds the door of one connection.
 *
 * @param options Placeholder, token, origins and what sends.
 * @returns The door.
 */
export function createDoor(options: DoorOptions): Door {
  const { placeholder, origins, looksLikeToken } = options;
  const move = options.move ?? ((url) => url);

  function checkAddress(url: URL): void {
    if (url.username !== "" || url.password !== "") {
      throw refusal(url, "its address holds a user name or password; leave them out", "");
    }
    if (urlHoldsCredential(url, looksLikeToken)) {
      throw refusal(
        url,
        "its address holds a token or a placeholder, and addresses end up in logs; " +
          "send it in the Authorization header",
        "",
      );
    }
  }

  function check(request: Outgoing): URL {
    const url = move(request.url);
    checkAddress(url);
    const found = placeholderIn(request.headers);
    if (found !== undefined) {
      if (found.placeholder !== placeholder) {
        throw refusal(
          url,
          "it carries the placeholder of a connection that is closed; connect again",
        );
      }
      if (!credentialHeaders.includes(found.header)) {
        throw refusal(
          url,
          `it carries the placeholder in the header ${found.header}; put it into Authorization`,
        );
      }
    }
    if (!origins.allows(url)) {
      const carriesToken = [...request.headers].some(([, value]) => looksLikeToken(value));
      if (found !== undefined || carriesToken) {
        throw refusal(
          url,
          `the token may not go there; if this is your server, name it: ` +
            `{ allowedHosts: ["${url.origin}"] }`,
        );
      }
    }
    return url;
  }

  async function send(request: Outgoing): Promise<Answer> {
    let url = check(request);
    const { signal, rest } = request;
    const headers = new Headers(request.headers);
    let { method, body } = request;
    for (let hop = 0;; hop++) {
      // After a foreign hop the headers hold no placeholder any more, so nothing is swapped back
      // in.
      const sent = origins.allows(url) ? swapped(headers, placeholder, options.token()) : headers;
      const response = await options.fetch(url.href, {
        ...rest,
        method,
        headers: sent,
        body,
        redirect: "manual",
        ...(signal === undefined ? {} : { signal }),
      });
      if (request.redirect === "manual") return { response, from: url };
      const target = redirectTarget(response, url);
      if (target === null) return { response, from: url };
      await response.body?.cancel();
      if (request.redirect === "error") {
        throw refusal(url, "it was redirected, and the caller asked for an error then");
      }
      if (target === undefined || hop === maxHops) {
        throw refusal(
          url,
          target === undefined
            ? "it was redirected to something that is no http address"
            : `it was redirected more than ${maxHops} times`,
        );
      }
      checkAddress(target);
      if (url.protocol === "https:" && target.protocol === "http:") {
        throw refusal(url, `it was redirected from https to http (${target.host})`);
      }
      const next = redirectedMethod(response.status, method, headers);
      method = next.method;
      if (!next.keepsBody) body = null;
      else if (body !== null && !request.replayable) {
        throw refusal(url, "it was redirected, and its body is a stream that cannot be sent again");
      }
      if (!origins.allows(target)) { for (const name of privateHeaders) headers.delete(name); }
      url = target;
    }
  }

  return { check, send };
}
