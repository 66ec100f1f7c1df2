/**
 * `hushbook token rotate`.
 *
 * @module
 */

import { rotateToken } from "../../src/token/rotate.ts";
import { inspectStore } from "../../src/token/store.ts";
import { nothingStored } from "../../src/token/save.ts";
import { homeOf } from "./home.ts";
import { enterToken, readOptions, report, type TokenAction, tokenOptions } from "./action.ts";

/** Asks for a new token, checks it, stores it, and tells where to revoke the old one. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, {
    stdin: { type: "boolean" },
    "no-check": { type: "boolean" },
    home: { type: "string" },
  });
  const options = tokenOptions("rotate", io, someone);
  const home = typeof values.home === "string" ? await homeOf(values.home) : undefined;
  if (home === undefined && await inspectStore(options) === null) {
    throw nothingStored("rotate the token");
  }
  const { secret, passphrase } = await enterToken(values, io, options.person);
  const rotated = await rotateToken(secret, {
    ...options,
    ...(home && { home }),
    ...(passphrase !== undefined && { passphrase }),
    ...(values["no-check"] === true && { check: false }),
  });
  report(
    values,
    io,
    rotated,
    rotated.replaced === undefined
      ? `Stored the token ${rotated.fingerprint} at ${rotated.path}, where there was none.`
      : `Stored the token ${rotated.fingerprint} in place of ${rotated.replaced}.\n` +
        `The old one is valid until you revoke it: ${rotated.revokeUrl}`,
  );
  return 0;
};
