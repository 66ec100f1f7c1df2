/**
 * Says when two sources hold different tokens, the commonest reason why a new token "does not
 * work".
 *
 * @module
 */

import { firstTime } from "./session.ts";
import type { FoundToken, Sighting, SourceContext, TokenSource } from "./source.ts";

/**
 * Looks at the other sources, without asking, decrypting or using the network, and gives one notice
 * if any holds another token. What cannot be looked at is no reason to refuse a token that was
 * found.
 *
 * @param order The sources.
 * @param used The token that is used, and where it was found.
 * @param context What to use.
 */
export async function compareSources(
  order: readonly TokenSource[],
  used: { readonly source: string; readonly fingerprint: string; readonly found: FoundToken },
  context: SourceContext,
): Promise<void> {
  if (!mayLookAround()) return;
  const sightings: Sighting[] = [];
  for (const source of order) {
    if (source.peek === undefined) continue;
    sightings.push(...await source.peek(context, { thorough: false }).catch(() => []));
  }
  const others = sightings.filter((seen) =>
    seen.fingerprint !== undefined && seen.fingerprint !== used.fingerprint
  );
  if (others.length === 0) return;
  const list = others.map((seen) => `${seen.where} (${seen.fingerprint})`).join(", ");
  if (!firstTime(`${used.fingerprint}|${list}`)) return;
  context.notice(
    `Sources hold different tokens: ${used.found.where} (${used.fingerprint}) is used, not ${list}. ` +
      "Remove the ones that are out of date; `hushbook token explain` shows them all",
  );
}

/**
 * With narrow permissions, looking at what is not needed would make the runtime ask the user for
 * more.
 *
 * @returns Whether all of env and read are granted.
 */
export function mayLookAround(): boolean {
  return (["env", "read"] as const).every((name) =>
    Deno.permissions.querySync({ name }).state === "granted"
  );
}
