/**
 * What a token must at least be allowed to do, and what it had better not be.
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import type { Identity } from "./ask_identity.ts";

/** What a token must at least be allowed to do at the Hub. */
export type MinimumRole = "read" | "write";

/**
 * Refuses a token that may do less than is needed.
 *
 * @param identity What the Hub says of it.
 * @param minimumRole What is needed; undefined: nothing.
 * @param where Where it came from, for the error, such as `HF_TOKEN`.
 * @throws {TokenError} `token-role`.
 */
export function enforceRole(
  identity: Identity,
  minimumRole: MinimumRole | undefined,
  where: string | undefined,
): void {
  if (minimumRole !== "write" || identity.role !== "read") return;
  throw new TokenError(
    "token-role",
    `Cannot use the token${
      where === undefined ? "" : ` from ${where}`
    }: it may only read, and writing is needed. Make a fine-grained token that may write just the ` +
      "repositories you need at https://huggingface.co/settings/tokens",
  );
}

/**
 * What to do better.
 *
 * @param identity What the Hub says of the token.
 * @param minimumRole What is needed. Default `read`.
 * @returns Sentences; none if there is nothing to say.
 */
export function adviceFor(identity: Identity, minimumRole: MinimumRole = "read"): string[] {
  const { role } = identity;
  if (role === "write" && minimumRole === "read") {
    return [
      "The token may write to every repository of the account, and reading is enough here: a read or " +
      "fine-grained token would do less harm if it leaked (https://huggingface.co/settings/tokens)",
    ];
  }
  if (role === "fineGrained" && minimumRole === "write") {
    return [
      "The token is fine-grained: whether it may write shows only when it writes; see its page at " +
      "https://huggingface.co/settings/tokens",
    ];
  }
  return [];
}
