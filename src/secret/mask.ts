/**
 * Taking tokens out of a text that is going to be shown.
 *
 * @module
 */

import { searchTokens } from "./shape.ts";

/**
 * Replaces every plainly written token and suspect of a text.
 *
 * @param text Any text, such as a file's name.
 * @param mask What to put in place of each. Default `…`.
 * @returns The text without them.
 */
export function maskTokens(text: string, mask = "…"): string {
  let masked = text;
  for (const { start, end } of searchTokens(text).reverse()) {
    masked = `${masked.slice(0, start)}${mask}${masked.slice(end)}`;
  }
  return masked;
}
