/**
 * Where a token may go: Hugging Face, and the origins the user names. Nothing else, and nothing by
 * being near: not loopback, not http, not another port.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/** Which origins a token may be sent to. */
export interface Origins {
  /** Whether the token may be sent to this address. */
  allows(url: URL): boolean;
  /**
   * Whether this address is the Hub or its router, whose 401 means that the token itself is wrong.
   */
  isHub(url: URL): boolean;
}

/** Options of {@link createOrigins}. */
export interface OriginsOptions {
  /**
   * Addresses that stand for the Hub or its router, such as `HF_ENDPOINT`, by the name to blame.
   */
  readonly hubs?: Readonly<Record<string, string | undefined>>;
  /**
   * The user's own endpoint, such as `https://….endpoints.huggingface.cloud`; its origin counts.
   */
  readonly endpointUrl?: string | undefined;
  /** More exact origins, such as `https://models.example.org` or `http://127.0.0.1:8080`. */
  readonly allowedHosts?: readonly string[] | undefined;
}

/** Whether a host name, as a parsed URL spells it, is this machine's loopback interface. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.[0-9]+){3}$/.test(hostname);
}

/**
 * Parses an address that the user named as a place for the token.
 *
 * @param name Where it was named, for the error, such as `endpointUrl`.
 * @param address What was named.
 * @returns The parsed address.
 * @throws {UsageError} If it is no URL, holds credentials, or is neither https nor loopback http.
 */
export function namedUrl(name: string, address: string): URL {
  const url = URL.parse(address);
  if (url === null) {
    throw new UsageError(
      `Cannot use ${name}: it is not a full address; write it as https://host.example`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(`Cannot use ${name}: it holds a user name or password; leave them out`);
  }
  if (url.protocol === "https:") return url;
  if (url.protocol === "http:" && isLoopback(url.hostname)) return url;
  throw new UsageError(
    `Cannot use ${name} (${url.protocol}//${url.host}): a token goes over https only, or over http ` +
      `to this machine; name an https address`,
  );
}

/**
 * Builds the check of origins.
 *
 * @param options The addresses the user named.
 * @returns The check.
 * @throws {UsageError} If a named address cannot be used.
 */
export function createOrigins(options: OriginsOptions = {}): Origins {
  const hubs = new Set<string>();
  const named = new Set<string>();
  for (const [name, address] of Object.entries(options.hubs ?? {})) {
    if (address !== undefined) hubs.add(namedUrl(name, address).origin);
  }
  if (options.endpointUrl !== undefined) {
    named.add(namedUrl("endpointUrl", options.endpointUrl).origin);
  }
  for (const address of options.allowedHosts ?? []) {
    const url = namedUrl("allowedHosts", address);
    if (url.pathname !== "/" || url.search !== "" || url.hash !== "") {
      throw new UsageError(
        `Cannot use allowedHosts: ${url.origin} is followed by a path; name the origin alone`,
      );
    }
    named.add(url.origin);
  }
  const isHub = (url: URL) => {
    if (hubs.has(url.origin)) return true;
    if (url.protocol !== "https:" || url.port !== "") return false;
    const host = url.hostname;
    return host === "huggingface.co" || host.endsWith(".huggingface.co") || host === "hf.co";
  };
  return { isHub, allows: (url) => isHub(url) || named.has(url.origin) };
}
