/**
 * What the Fetch standard says a redirected request becomes (https://fetch.spec.whatwg.org,
 * "HTTP-redirect fetch"), as a pure rule.
 *
 * @module
 */

/** The most hops the Fetch standard follows. */
export const maxHops = 20;

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Headers that describe a body and go when it goes. */
const bodyHeaders = ["content-encoding", "content-language", "content-location", "content-type"];

/**
 * Finds where a response sends the request on to.
 *
 * @param response The response.
 * @param from The address that was asked.
 * @returns The next address; null if it is no redirect; undefined if the target is no http address.
 */
export function redirectTarget(response: Response, from: URL): URL | null | undefined {
  if (!redirectStatuses.has(response.status)) return null;
  const location = response.headers.get("location");
  if (location === null) return null;
  const target = URL.parse(location, from);
  if (target === null || (target.protocol !== "https:" && target.protocol !== "http:")) {
    return undefined;
  }
  if (target.hash === "") target.hash = from.hash;
  return target;
}

/**
 * Decides method and body of the next hop: 303 becomes GET, and so does a POST on 301 and 302.
 *
 * @param status The redirect's status.
 * @param method The method so far.
 * @param headers The headers so far; those of the body are removed when the body is.
 * @returns The next method, and whether the body is kept.
 */
export function redirectedMethod(
  status: number,
  method: string,
  headers: Headers,
): { method: string; keepsBody: boolean } {
  const becomesGet = status === 303
    ? method !== "GET" && method !== "HEAD"
    : (status === 301 || status === 302) && method === "POST";
  if (!becomesGet) return { method, keepsBody: true };
  for (const name of bodyHeaders) headers.delete(name);
  headers.delete("content-length");
  return { method: "GET", keepsBody: false };
}
