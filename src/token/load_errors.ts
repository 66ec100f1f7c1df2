/**
 * What is said when no source gives a token.
 *
 * @module
 */

import { HushbookError, TokenError } from "../errors.ts";
import type { TokenSource } from "./source.ts";

/**
 * That there is no token anywhere, and where one can be put.
 *
 * @returns The error.
 */
export function missing(): TokenError {
  return new TokenError(
    "token-missing",
    "Cannot find a Hugging Face token: no source has one, and nobody can be asked here (notebooks " +
      "run by nbconvert, nbclient or papermill have no input; scripts have no terminal). Do one of " +
      "these: set HF_TOKEN; write HF_TOKEN=… into a .env file that git ignores; or store it encrypted " +
      "once, in a terminal: hushbook token save. `hushbook token explain` shows where was looked",
  );
}

/**
 * That a source failed. Its own error may quote a header, an address or a body: only its class is
 * told.
 *
 * @param source The source.
 * @param error What it threw.
 * @param action What failed. Default `read the token from`.
 * @returns The error itself if it is one of ours, else one that repeats nothing of it.
 */
export function unreadable(
  source: TokenSource,
  error: unknown,
  action = "read the token from",
): HushbookError {
  if (error instanceof HushbookError) return error;
  const kind = error instanceof Error ? error.constructor.name : typeof error;
  return new TokenError(
    "token-unreadable",
    `Cannot ${action} the source ${source.name}: it failed with ${kind}. Set it right, or ` +
      "take it out of { sources }",
  );
}
