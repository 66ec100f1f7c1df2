/**
 * The placeholders that clients are built with in place of a token. They have the look of a Hub
 * token, so that clients send them as one, and they are no secret: a placeholder opens nothing
 * without the connection that knows it.
 *
 * @module
 */

import { board } from "./board.ts";

const prefix = "hf_kept_by_hushbook";

/** A whole placeholder; the ends keep `…_2` from being found in `…_21`. */
const pattern = /(?<![A-Za-z0-9_])hf_kept_by_hushbook(?:_[0-9]+)?(?![A-Za-z0-9_])/;

/**
 * Hands out a placeholder that no other connection of this process has had.
 *
 * @returns `hf_kept_by_hushbook`, then `hf_kept_by_hushbook_2`, and so on.
 */
export function nextPlaceholder(): string {
  const number = ++board().handedOut;
  return number === 1 ? prefix : `${prefix}_${number}`;
}

/**
 * Finds the first placeholder in a text.
 *
 * @param text Such as a header's value.
 * @returns The placeholder, or undefined.
 */
export function findPlaceholder(text: string): string | undefined {
  // The plain search is what nearly every text needs.
  return text.includes(prefix) ? pattern.exec(text)?.[0] : undefined;
}

/**
 * Puts something else where a text holds a placeholder.
 *
 * @param text Such as `Bearer hf_kept_by_hushbook`.
 * @param placeholder The whole placeholder to replace.
 * @param value What to put there.
 * @returns The text with every occurrence replaced.
 */
export function replacePlaceholder(text: string, placeholder: string, value: string): string {
  const every = new RegExp(pattern.source, "g");
  return text.replace(every, (found) => found === placeholder ? value : found);
}
