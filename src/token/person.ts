/**
 * The person in front of the notebook or the terminal.
 *
 * @module
 */

import { inKernel } from "../kernel/detect.ts";

/** Somebody who can be asked. */
export interface Person {
  /** Where they sit; it is recorded in the audit log. */
  readonly place: "notebook" | "terminal";
  /**
   * Asks.
   *
   * @param question The text; a notebook saves it, so it names no account and no fingerprint.
   * @param options `echo`: shows what is typed. Default false.
   * @returns The answer; empty if they declined; null if nobody can be asked.
   */
  ask(question: string, options?: { readonly echo?: boolean }): Promise<string | null>;
  /**
   * Tells something, without any secret.
   *
   * @param sentence What.
   */
  tell(sentence: string): void;
}

/**
 * Whoever can be asked from here: through the notebook's front end in the Deno kernel, else at the
 * terminal.
 *
 * @returns The person; asking gives null if nobody is there after all.
 */
export function findPerson(): Person {
  if (inKernel()) {
    return {
      place: "notebook",
      async ask(question, options) {
        const { askInKernel } = await import("../kernel/ask.ts");
        return askInKernel(question, options);
      },
      // deno-lint-ignore no-console -- a cell's output is where a notebook's person looks
      tell: (sentence) => console.log(sentence),
    };
  }
  return {
    place: "terminal",
    async ask(question, options) {
      const { askInTerminal } = await import("../terminal/ask.ts");
      return await askInTerminal(question, options);
    },
    // deno-lint-ignore no-console -- the answer to what this person just typed
    tell: (sentence) => console.error(sentence),
  };
}
