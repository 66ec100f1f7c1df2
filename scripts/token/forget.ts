/**
 * `hushbook token forget`.
 *
 * @module
 */

import { PromptError } from "../../src/errors.ts";
import { forgetToken } from "../../src/token/save.ts";
import { readOptions, report, type TokenAction, tokenOptions } from "./action.ts";

/** Removes the stored token and its key. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, { yes: { type: "boolean" } });
  const options = tokenOptions("forget", io, someone);
  if (values.yes !== true) {
    const question = "Remove the stored token and its key? It cannot be undone. (y, Enter: no) ";
    const answer = await options.person?.ask(question, { echo: true }) ?? null;
    if (answer === null) {
      throw new PromptError(
        "prompt-unavailable",
        "Cannot ask whether to remove the stored token: there is no terminal. Say --yes to remove it",
      );
    }
    if (!/^\s*y/iu.test(answer)) {
      throw new PromptError("prompt-declined", "Nothing was removed");
    }
  }
  const removed = await forgetToken(options);
  const text = removed
    ? "Removed the stored token and its key. It is valid at the Hub until you revoke it: " +
      "https://huggingface.co/settings/tokens"
    : "No token was stored";
  report(values, io, { removed }, text);
  return 0;
};
