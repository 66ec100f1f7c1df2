/**
 * `hushbook token explain`.
 *
 * @module
 */

import { explainToken } from "../../src/token/explain.ts";
import { readOptions, report, type TokenAction, tokenOptions } from "./action.ts";

/** Shows every place a token can come from. */
export const action: TokenAction = async (args, io) => {
  const values = readOptions(args, {});
  const explained = await explainToken({ ...tokenOptions("explain", io, null), cwd: io.cwd });
  report(values, io, { used: explained.used ?? null, rows: explained.rows }, String(explained));
  return explained.used === undefined ? 1 : 0;
};
