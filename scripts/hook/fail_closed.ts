/**
 * The words for a check that could not be made.
 *
 * @module
 */

import { HushbookError } from "../../src/errors.ts";

/**
 * Why a commit or push is refused although nothing was found: what was not checked does not pass.
 *
 * @param what What is refused.
 * @param error What went wrong. A foreign error may quote a line of a file, so only its name is told.
 * @returns Lines for a person.
 */
export function failedClosed(what: "commit" | "push", error: unknown): string {
  const why = error instanceof HushbookError
    ? error.message
    : `Cannot check it: ${
      error instanceof Error ? error.name : typeof error
    }; please report this ` +
      "with the output of hushbook hook status";
  return `hushbook: this ${what} is refused, since it could not be checked.\n  ${why}\n`;
}
