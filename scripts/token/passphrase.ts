/**
 * `hushbook token passphrase`.
 *
 * @module
 */

import { changePassphrase } from "../../src/token/change_passphrase.ts";
import { modeOf, readOptions, report, type TokenAction, tokenOptions } from "./action.ts";

/** Encrypts the stored token anew. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, { mode: { type: "string" } });
  const mode = modeOf(values);
  const options = tokenOptions("passphrase", io, someone);
  const saved = await changePassphrase({ ...options, ...(mode !== undefined && { mode }) });
  const text = `Encrypted the token ${saved.fingerprint} anew (${saved.mode}), in ${saved.path}`;
  report(values, io, saved, text);
  return 0;
};
