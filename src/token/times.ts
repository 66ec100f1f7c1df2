/**
 * When a token was made and when it expires.
 *
 * @module
 */

import { stateFolder } from "../state/folder.ts";
import { mayLookAround } from "./compare.ts";
import type { FoundToken, SourceContext } from "./source.ts";

/** Times in ms since 1970, where known. */
export type TokenTimes = Pick<FoundToken, "createdAt" | "expiresAt">;

/**
 * A source such as the environment knows neither time; the Hub may have said them when it was last
 * asked about the token. It is not asked now.
 *
 * @param found What the source knows.
 * @param fingerprint The token's.
 * @param context The private folder.
 * @returns What is known.
 */
export async function knownTimes(
  found: TokenTimes,
  fingerprint: string,
  context: SourceContext,
): Promise<TokenTimes> {
  if (found.createdAt !== undefined || !mayLookAround()) return found;
  try {
    const { env } = context;
    const folder = context.folder ?? stateFolder({ env });
    await Deno.lstat(`${folder}/whoami.json`); // most have none, and are spared the rest
    const { cachedIdentity } = await import("./identity_cache.ts");
    const said = await cachedIdentity(fingerprint, { env, folder });
    const expiresAt = found.expiresAt ?? said?.expiresAt;
    return {
      ...(said?.createdAt !== undefined && { createdAt: said.createdAt }),
      ...(expiresAt !== undefined && { expiresAt }),
    };
  } catch {
    return found;
  }
}
