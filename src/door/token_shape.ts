/**
 * Decides whether a text holds something that is very likely a Hub token. Stricter than what is
 * accepted as a token: a repository may well be called `hf_tutorial`.
 *
 * @module
 */

const shapes =
  /(?<![A-Za-z0-9])(?:hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,}|hf_(?:oauth|jwt)_[\w.-]{20,})/;

/**
 * Builds the check for one connection.
 *
 * @param token Gives the connection's own token, which is found whatever its shape.
 * @returns Whether a text holds a token.
 */
export function tokenShape(token: () => string): (text: string) => boolean {
  return (text) => shapes.test(text) || text.includes(token());
}
