/**
 * `hushbook token revoke`.
 *
 * @module
 */

import { PromptError, UsageError } from "../../src/errors.ts";
import type { Secret } from "../../src/secret/secret.ts";
import type { Person } from "../../src/token/person.ts";
import { revokeTokens } from "../../src/token/revoke.ts";
import {
  enterToken,
  readOptionsAndNames,
  report,
  type TokenAction,
  tokenOptions,
  type Values,
} from "./action.ts";
import { leakedTokens } from "./leaked.ts";

/** Has the Hub revoke a leaked token that is typed, or those that files hold. */
export const action: TokenAction = async (args, io, someone) => {
  const [values, names] = readOptionsAndNames(args, {
    stdin: { type: "boolean" },
    yes: { type: "boolean" },
  });
  const options = tokenOptions("revoke", io, someone);
  if (names.length === 0) {
    const { secret } = await enterToken(values, io, options.person);
    const question = `Revoke the token ${secret.fingerprint} for good?`;
    const secrets = await confirmed([secret], question, values, options.person);
    report(values, io, ...done(await revokeTokens(secrets, options)));
    return 0;
  }
  if (values.stdin === true) {
    throw new UsageError("Cannot use --stdin with FILE; to search standard input, name the file -");
  }
  const { secrets, lines, failures } = await leakedTokens(names, io);
  for (const failure of failures) io.err(`${failure}\n`);
  const code = failures.length > 0 ? 3 : 0;
  if (secrets.length === 0) {
    report(values, io, { revoked: [] }, "No token was found there, and nothing was revoked");
    return code || 1;
  }
  io.err(`${lines.join("\n")}\n`);
  const question = secrets.length === 1
    ? "Revoke this token for good?"
    : `Revoke these ${secrets.length} tokens for good?`;
  const wanted = await confirmed(secrets, question, values, options.person);
  report(values, io, ...done(await revokeTokens(wanted, options)));
  return code;
};

/** The tokens, once a person has said yes; there is no other way but `--yes`. */
async function confirmed(
  secrets: readonly Secret[],
  question: string,
  values: Values,
  person: Person | null,
): Promise<readonly Secret[]> {
  if (values.yes === true) return secrets;
  const effect = secrets.length === 1 ? "It stops" : "They stop";
  const asked = `${question} ${effect} working everywhere. y: yes, Enter: no. `;
  const answer = await person?.ask(asked, { echo: true }) ?? null;
  if (answer === null) {
    throw new PromptError(
      "prompt-unavailable",
      "Cannot ask whether to revoke: there is no terminal to ask in. Nothing was revoked; say --yes to revoke",
    );
  }
  if (/^\s*y(?:es)?\s*$/iu.test(answer)) return secrets;
  throw new PromptError("prompt-declined", "Nothing was revoked");
}

function done(revoked: readonly string[]): [json: unknown, text: string] {
  const [which, ending, them] = revoked.length === 1
    ? [`the token ${revoked[0]}`, "revokes it", "it"]
    : [`the tokens ${revoked.join(", ")}`, "revokes them", "them"];
  return [
    { revoked },
    `The Hub has taken ${which} and ${ending}. Remove ${them} from where ${
      revoked.length === 1 ? "it" : "they"
    } leaked, and see what ${
      revoked.length === 1 ? "it was" : "they were"
    } used for: hushbook audit show`,
  ];
}
