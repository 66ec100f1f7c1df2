/**
 * A request on its way out: `fetch`'s two arguments made into one plain value that can be looked
 * at, sent more than once, and sent on after a redirect.
 *
 * @module
 */

import { RequestError } from "./request_error.ts";

/** A request on its way out. */
export interface Outgoing {
  /** Where to. */
  readonly url: URL;
  /** The method, in capitals. */
  readonly method: string;
  /** The headers as the client wrote them, placeholder included. */
  readonly headers: Headers;
  /** The body, or null. */
  readonly body: BodyInit | null;
  /** Whether the body can be sent a second time. */
  readonly replayable: boolean;
  /** What the caller wants done with redirects. */
  readonly redirect: RequestRedirect;
  /** The caller's signal. */
  readonly signal: AbortSignal | undefined;
  /** The other members of `fetch`'s second argument, untouched. */
  readonly rest: RequestInit;
}

/**
 * Makes one value of `fetch`'s two arguments. A `Request`'s body is read into memory, so that it
 * can be sent again.
 *
 * @param input The first argument.
 * @param init The second argument.
 * @returns The request.
 * @throws {RequestError} Of kind `refused`, if the address is no URL.
 */
export async function outgoing(input: RequestInfo | URL, init?: RequestInit): Promise<Outgoing> {
  if (input instanceof Request) {
    const request = new Request(input, init);
    const body = request.body === null ? null : new Uint8Array(await request.arrayBuffer());
    return {
      url: parsed(request.url),
      method: request.method,
      headers: new Headers(request.headers),
      body,
      replayable: true,
      redirect: request.redirect,
      signal: request.signal,
      rest: {},
    };
  }
  const { method, headers, body = null, redirect, signal, ...rest } = init ?? {};
  return {
    url: parsed(input),
    method: (method ?? "GET").toUpperCase(),
    headers: new Headers(headers),
    body,
    replayable: !isStream(body),
    redirect: redirect ?? "follow",
    signal: signal ?? undefined,
    rest,
  };
}

function isStream(body: unknown): boolean {
  return body instanceof ReadableStream ||
    (typeof body === "object" && body !== null && Symbol.asyncIterator in body);
}

function parsed(address: string | URL): URL {
  const url = URL.parse(address);
  if (url !== null) return url;
  // The runtime's own error would quote the address, and with it whatever it holds.
  throw new RequestError(
    "refused",
    "Cannot send the request: its address is not a full URL; begin it with https://",
    { host: "", path: "" },
  );
}
