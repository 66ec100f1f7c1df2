/**
 * The two variables by which the Hub's own tools are pointed at a mirror, a gateway or a server on
 * this machine. The JavaScript clients have the real addresses built in; the door moves their
 * requests.
 *
 * @module
 */

import { namedUrl } from "./origins.ts";

/** Addresses that stand in for the Hub and its router. */
export interface Endpoints {
  /** In place of `https://huggingface.co`, from `HF_ENDPOINT`. */
  readonly hub?: string | undefined;
  /** In place of `https://router.huggingface.co`, from `HF_INFERENCE_ENDPOINT`. */
  readonly router?: string | undefined;
}

/**
 * Reads the variables; one that is empty or may not be read counts as not set.
 *
 * Needs `--allow-env=HF_ENDPOINT,HF_INFERENCE_ENDPOINT` to find them.
 *
 * @param env Reads one variable.
 * @returns The addresses.
 */
export function readEndpoints(env: (name: string) => string | undefined): Endpoints {
  const read = (name: string) => {
    try {
      return env(name)?.trim() || undefined;
    } catch {
      return undefined; // no permission: the real addresses hold
    }
  };
  return { hub: read("HF_ENDPOINT"), router: read("HF_INFERENCE_ENDPOINT") };
}

/**
 * Builds the function that moves requests meant for the Hub or its router.
 *
 * @param endpoints Where to.
 * @returns Gives the address to use for an address asked for.
 * @throws {UsageError} If one of the addresses cannot be used.
 */
export function mover(endpoints: Endpoints): (url: URL) => URL {
  const moves = new Map<string, URL>();
  if (endpoints.hub !== undefined) {
    moves.set("https://huggingface.co", namedUrl("HF_ENDPOINT", endpoints.hub));
  }
  if (endpoints.router !== undefined) {
    moves.set(
      "https://router.huggingface.co",
      namedUrl("HF_INFERENCE_ENDPOINT", endpoints.router),
    );
  }
  return (url) => {
    const base = moves.get(url.origin);
    if (base === undefined) return url;
    const moved = new URL(base);
    moved.pathname = base.pathname.replace(/\/+$/, "") + url.pathname;
    moved.search = url.search;
    return moved;
  };
}
