/**
 * `hushbook token save`.
 *
 * @module
 */

import { saveToken } from "../../src/token/save.ts";
import { whoami } from "../../src/token/whoami.ts";
import {
  chooseMode,
  enterToken,
  readOptions,
  report,
  type TokenAction,
  tokenOptions,
} from "./action.ts";

/** Asks for a token and stores it. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, {
    mode: { type: "string" },
    stdin: { type: "boolean" },
    check: { type: "boolean" },
  });
  const options = tokenOptions("save", io, someone);
  const { secret, passphrase } = await enterToken(values, io, options.person);
  const identity = values.check === true
    ? await whoami(secret, { ...options, fresh: true })
    : undefined;
  const mode = passphrase !== undefined && values.mode === undefined
    ? "passphrase"
    : await chooseMode(values, values.stdin === true ? null : options.person);
  const saved = await saveToken(secret, {
    ...options,
    mode,
    ...(passphrase !== undefined && { passphrase }),
    ...(identity?.createdAt !== undefined && { createdAt: identity.createdAt }),
    ...(identity?.expiresAt !== undefined && { expiresAt: identity.expiresAt }),
  });
  const before = saved.replaced === undefined ? "" : ` in place of ${saved.replaced}`;
  report(
    values,
    io,
    saved,
    `Stored the token ${saved.fingerprint}${before}, encrypted (${mode}), in ${saved.path}`,
  );
  return 0;
};
