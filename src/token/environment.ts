/**
 * A token in an environment variable.
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import { cleanToken } from "../secret/clean.ts";
import { sightingOf } from "./accept.ts";
import type { SourceContext, TokenSource } from "./source.ts";

/** The variables that hold a token, in the order they are asked. */
export const TOKEN_VARIABLES: readonly string[] = [
  "HF_TOKEN",
  "HUGGINGFACE_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
];

function readVariable(context: SourceContext, name: string): string | undefined {
  try {
    return context.env(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotCapable)) throw error;
    throw new TokenError(
      "token-unreadable",
      `Cannot look for a token in the environment: permission to read ${name} is missing; ` +
        `add --allow-env=${TOKEN_VARIABLES.join(",")}`,
    );
  }
}

/**
 * The environment variables `HF_TOKEN`, `HUGGINGFACE_TOKEN` and `HUGGING_FACE_HUB_TOKEN`. An empty
 * variable counts as not set.
 *
 * Needs `--allow-env` for these names.
 *
 * @returns A source for `loadToken({ order })`.
 */
export function environment(): TokenSource {
  return {
    name: "env",
    // deno-lint-ignore require-await -- a source is asynchronous
    async read(context) {
      for (const where of TOKEN_VARIABLES) {
        const value = readVariable(context, where);
        if (value !== undefined && cleanToken(value) !== "") return { value, where };
      }
      return null;
    },
    // deno-lint-ignore require-await -- a source is asynchronous
    async peek(context) {
      return TOKEN_VARIABLES.map((name) => sightingOf(readVariable(context, name), name));
    },
  };
}
