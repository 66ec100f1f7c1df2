/**
 * Routing of the global `fetch` while connections are open: a request that carries a connection's
 * placeholder goes through that connection's door, whoever sends it; every other request is passed
 * on with the very arguments it came with.
 *
 * Nothing can be counted twice: what the door sends carries the token and no placeholder.
 *
 * @module
 */

import { board } from "./board.ts";
import { findPlaceholder } from "./placeholder.ts";

type Fetch = typeof fetch;

function placeholderOf(input: RequestInfo | URL, init?: RequestInit): string | undefined {
  const given = init?.headers ?? (input instanceof Request ? input.headers : undefined);
  if (given !== undefined) {
    const values = given instanceof Headers || Array.isArray(given)
      ? [...given].map(([, value]) => value)
      : Object.values(given);
    for (const value of values) {
      const found = findPlaceholder(String(value));
      if (found !== undefined) return found;
    }
  }
  return findPlaceholder(input instanceof Request ? input.url : String(input));
}

function layerBefore(below: Fetch): Fetch {
  const { routes } = board();
  const routed = function fetch(this: unknown, ...args: Parameters<Fetch>): Promise<Response> {
    if (routes.size > 0) {
      const placeholder = placeholderOf(...args);
      // A placeholder nobody knows may belong to a closed connection: any open one refuses it.
      const route = placeholder === undefined
        ? undefined
        : routes.get(placeholder) ?? routes.values().next().value;
      if (route !== undefined) return route(...args);
    }
    return Reflect.apply(below, this, args);
  } as Fetch;
  board().layers.set(routed, below);
  return routed;
}

/**
 * The `fetch` below hushbook's own routing: what connections send with.
 *
 * @returns The global `fetch`, or the one it stands before.
 */
export function fetchBelow(): Fetch {
  const { layers } = board();
  let current = globalThis.fetch;
  for (let below = layers.get(current); below !== undefined; below = layers.get(current)) {
    current = below;
  }
  return current;
}

/**
 * Opens a route: from now on the global `fetch` sends requests with this placeholder through it.
 *
 * @param placeholder The connection's placeholder.
 * @param route The connection's guarded fetch.
 * @returns Closes the route; with the last one the global `fetch` is put back as it was. Calling it
 * again does nothing.
 */
export function openRoute(placeholder: string, route: Fetch): () => void {
  const { layers, routes } = board();
  if (!layers.has(globalThis.fetch)) globalThis.fetch = layerBefore(globalThis.fetch);
  routes.set(placeholder, route);
  return () => {
    if (routes.get(placeholder) !== route) return;
    routes.delete(placeholder);
    // Where someone else has put a fetch on top of ours, ours stays below it and only passes on.
    if (routes.size === 0 && layers.has(globalThis.fetch)) globalThis.fetch = fetchBelow();
  };
}
