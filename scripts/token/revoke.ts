/**
 * `hushbook token revoke`.
 *
 * @module
 */

import { UsageError } from "../../src/errors.ts";
import { revokeTokens } from "../../src/token/revoke.ts";
import { enterToken, readOptions, report, type TokenAction, tokenOptions } from "./action.ts";

/** Asks for a leaked token and has the Hub revoke it. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, { stdin: { type: "boolean" }, yes: { type: "boolean" } });
  const options = tokenOptions("revoke", io, someone);
  const { secret } = await enterToken(values, io, options.person);
  if (values.yes !== true) {
    const answer = await options.person?.ask(
      `Revoke the token ${secret.fingerprint} for good? It stops working everywhere. y: yes, Enter: no. `,
      { echo: true },
    ) ?? null;
    if (answer === null) {
      throw new UsageError("Cannot revoke the token: nobody can be asked; add --yes to confirm");
    }
    if (!/^\s*y(?:es)?\s*$/iu.test(answer)) {
      io.err("Nothing was revoked.\n");
      return 1;
    }
  }
  const [fingerprint] = await revokeTokens([secret], options);
  report(
    values,
    io,
    { revoked: fingerprint },
    `The Hub has taken the token ${fingerprint} and revokes it. Remove it from where it leaked, and see ` +
      "what it was used for: hushbook audit show",
  );
  return 0;
};
