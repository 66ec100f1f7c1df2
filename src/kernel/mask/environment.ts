/**
 * Tokens in environment variables: registered so that a dump of the environment shows none, and
 * removed on request so that child processes do not inherit them.
 *
 * @module
 */

import { cleanToken } from "../../secret/clean.ts";
import { searchTokens, tokenShape } from "../../secret/shape.ts";
import { validateToken } from "../../secret/validate.ts";

/** A variable that holds a token, or several. */
export interface EnvironmentToken {
  /** Name of the variable. */
  readonly name: string;
  /** What of its value is secret. */
  readonly secrets: readonly string[];
}

/**
 * Finds variables whose value is a token, or holds one (`https://user:TOKEN@huggingface.co`).
 *
 * @param environment Names and values.
 * @returns Those that hold something of a token's shape, placeholders included: it costs nothing to
 *   mask them too.
 */
export function environmentTokens(
  environment: Readonly<Record<string, string>>,
): EnvironmentToken[] {
  return Object.entries(environment).flatMap(([name, value]) => {
    const whole = cleanToken(value);
    const secrets = searchTokens(value, { notes: true }).map(({ start, end }) =>
      value.slice(start, end)
    );
    if (tokenShape(whole) !== undefined || validateToken(whole).valid) secrets.push(whole);
    return secrets.length === 0 ? [] : [{ name, secrets: [...new Set(secrets)] }];
  });
}

/**
 * The process's environment.
 *
 * @returns Names and values; none when it may not be read.
 */
export function processEnvironment(): Record<string, string> {
  try {
    return Deno.env.toObject();
  } catch {
    return {};
  }
}

/**
 * Deletes a variable from this process, so that child processes and dumps of the environment lack it.
 *
 * @param name The variable.
 * @returns False when that is not permitted.
 */
export function removeVariable(name: string): boolean {
  try {
    Deno.env.delete(name);
    return true;
  } catch {
    return false;
  }
}
