/**
 * Decides whether a text holds a token: the connection's own, whatever it looks like, or anything
 * of the shape and randomness of one. A repository may well be called `hf_tutorial`.
 *
 * @module
 */

import { searchTokens } from "../secret/shape.ts";

/**
 * Builds the check for one connection.
 *
 * @param token Gives the connection's own token.
 * @returns Whether a text holds a token.
 */
export function tokenCheck(token: () => string): (text: string) => boolean {
  return (text) => text.includes(token()) || searchTokens(text).length > 0;
}
