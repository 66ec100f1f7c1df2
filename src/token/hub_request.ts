/**
 * Asking the Hub something with a token that need not be the loaded one. Kept in a file of its own,
 * so that the door is loaded only by whoever asks.
 *
 * @module
 */

import { createDoor } from "../door/door.ts";
import { mover, readEndpoints } from "../door/endpoints.ts";
import { createOrigins } from "../door/origins.ts";
import { outgoing } from "../door/outgoing.ts";
import { nextPlaceholder } from "../door/placeholder.ts";
import { tokenCheck } from "../door/token_check.ts";
import type { Secret } from "../secret/secret.ts";
import type { EnvReader } from "../state/folder.ts";

/** What the Hub answered. */
export interface HubAnswer {
  /** The status. */
  readonly status: number;
  /** The JSON body; undefined if there is none. */
  readonly body: unknown;
}

/**
 * Sends a GET request to the Hub through a door of its own.
 *
 * @param secret The token.
 * @param path The path, such as `/api/whoami-v2`.
 * @param options What sends, the environment (`HF_ENDPOINT`), what aborts.
 * @returns Status and body.
 * @throws {UsageError} If `HF_ENDPOINT` cannot be used; anything else comes from `fetch`.
 */
export async function askHub(
  secret: Secret,
  path: string,
  options: {
    readonly fetch: typeof globalThis.fetch;
    readonly env: EnvReader;
    readonly signal: AbortSignal;
  },
): Promise<HubAnswer> {
  const endpoints = readEndpoints(options.env);
  const placeholder = nextPlaceholder();
  const token = secret.reveal();
  const door = createDoor({
    placeholder,
    token: () => token,
    origins: createOrigins({ hubs: { HF_ENDPOINT: endpoints.hub } }),
    move: mover(endpoints),
    looksLikeToken: tokenCheck(() => token),
    fetch: options.fetch,
  });
  const headers = { authorization: `Bearer ${placeholder}`, accept: "application/json" };
  const { response } = await door.send(
    await outgoing(`https://huggingface.co${path}`, { headers, signal: options.signal }),
  );
  // A body is read even when it is not needed: it holds the connection.
  return { status: response.status, body: await response.json().catch(() => undefined) };
}
