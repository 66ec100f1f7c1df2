/**
 * Choosing a passphrase.
 *
 * @module
 */

import { PromptError } from "../errors.ts";
import type { StoreMode } from "./envelope.ts";
import { normalPassphrase } from "./machine.ts";
import { personOf, type TokenOptions } from "./options.ts";
import { checkPassphrase } from "./store.ts";

/**
 * The passphrase for a file to be written: the given one, or one that the person enters twice.
 *
 * @param mode The file's mode.
 * @param options The passphrase, or whom to ask.
 * @returns `{ passphrase }`, or nothing in the mode `machine`.
 */
export async function newPassphrase(
  mode: StoreMode,
  options: TokenOptions & { readonly passphrase?: string },
): Promise<{ readonly passphrase?: string }> {
  if (mode === "machine") return {};
  if (options.passphrase !== undefined) {
    checkPassphrase(options.passphrase);
    return { passphrase: options.passphrase };
  }
  const person = personOf(options);
  for (let ask = 1; ask <= 3; ask++) {
    const first = await person?.ask("New passphrase for the stored token: ") ?? null;
    if (first === null) {
      throw new PromptError(
        "prompt-unavailable",
        "Cannot store the token: a passphrase is needed, and nobody can be asked here. " +
          "Pass { passphrase }, or store it for this machine: --mode machine",
      );
    }
    if (first === "") {
      throw new PromptError("prompt-declined", "Stopped: no passphrase was entered");
    }
    try {
      checkPassphrase(first);
    } catch (error) {
      person?.tell((error as Error).message);
      continue;
    }
    const again = await person?.ask("The same passphrase again: ") ?? "";
    if (normalPassphrase(again) === normalPassphrase(first)) return { passphrase: first };
    person?.tell("The two are not the same.");
  }
  throw new PromptError(
    "prompt-refused",
    "Stopped asking: the passphrase was not entered twice. Nothing was changed",
  );
}
