/**
 * Names of files as they may be shown: a name can hold a token too, in any spelling.
 *
 * @module
 */

import { searchFile } from "./find_file.ts";
import { rawText } from "./find_raw.ts";

/** `hf_` and the shortest suspect; base64 and other encodings are longer. */
const SHORTEST = 33;

/** What base64, hexadecimal and lists of numbers are made of. */
const ENCODED = /[A-Za-z0-9+/=_%, -]/;

/**
 * Whether a name is long enough to hold a token.
 *
 * @param name The name.
 * @returns False for most names, at once.
 */
export function mayNameToken(name: string): boolean {
  return name.length >= SHORTEST;
}

/**
 * Replaces what spells a token in a name. Of an encoded one everything goes that may belong to it.
 *
 * @param name A path, or any other name.
 * @returns The same, with `…` in the place of each token.
 */
export function maskName(name: string): string {
  if (!mayNameToken(name)) return name;
  const bytes = new TextEncoder().encode(name);
  const raw = rawText(bytes);
  let rest = raw.length;
  const parts: string[] = [];
  const { hits } = searchFile({ bytes, raw }, "", false);
  for (const { match, ...hit } of hits.toReversed()) {
    let { start, end } = hit;
    const isEncoded = match.chain.some((step) => /^(?:base64|hex|decimal)$/.test(step));
    while (isEncoded && start > 0 && ENCODED.test(raw[start - 1]!)) start--;
    while (isEncoded && end < rest && ENCODED.test(raw[end]!)) end++;
    parts.unshift("\xe2\x80\xa6", raw.slice(end, rest)); // U+2026, a byte each
    rest = Math.min(rest, start);
  }
  const masked = raw.slice(0, rest) + parts.join("");
  return new TextDecoder().decode(Uint8Array.from(masked, (char) => char.charCodeAt(0)));
}
