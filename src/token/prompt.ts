/**
 * The person as a source: types or pastes the token, unseen.
 *
 * @module
 */

import { PromptError, TokenError } from "../errors.ts";
import { cleanToken } from "../secret/clean.ts";
import { Secret, type SecretKind } from "../secret/secret.ts";
import { validateToken } from "../secret/validate.ts";
import { stateFolder } from "../state/folder.ts";
import type { Person } from "./person.ts";
import { remember } from "./session.ts";
import type { SourceContext, TokenSource } from "./source.ts";

/** How often a person is asked before giving up. */
const MOST_ASKS = 3;

const KINDS: Readonly<Record<SecretKind, string>> = {
  user: "looks like a user token",
  oauth: "looks like an OAuth token",
  oidc: "looks like an OIDC token",
  unknown: "begins like a token, but its length or form is new; check that it was copied whole",
  other: "is no token",
};

/**
 * Asks a person for a token, at most three times, and says what came in, never what it was.
 *
 * @param person Whom.
 * @param question What. A notebook saves it, so it names no account and no fingerprint.
 * @returns The token, or null if nobody can be asked.
 * @throws {PromptError} `prompt-declined` if they entered nothing, `prompt-refused` after the third
 * unusable answer.
 */
export async function askToken(person: Person, question: string): Promise<Secret | null> {
  for (let ask = 1; ask <= MOST_ASKS; ask++) {
    const count = ask === 1 ? "" : `(${ask} of ${MOST_ASKS}) `;
    const answer = await person.ask(count + question);
    if (answer === null) return null;
    if (answer.trim() === "") {
      throw new PromptError("prompt-declined", "Stopped: no token was entered");
    }
    const token = cleanToken(answer);
    const check = validateToken(token);
    if (check.valid) {
      person.tell(`Received ${check.length} characters, ${KINDS[check.kind]}.`);
      return new Secret(token);
    }
    person.tell(`That is no Hugging Face token: it ${check.reason}.`);
  }
  throw new PromptError(
    "prompt-refused",
    `Stopped asking after ${MOST_ASKS} answers that are no token. ` +
      "Copy one whole from https://huggingface.co/settings/tokens",
  );
}

/**
 * Asks the person, in the notebook or the terminal, and remembers the answer in this process's
 * memory: cells that ask at the same time cause one prompt.
 *
 * @returns A source for `loadToken({ order })`.
 */
export function prompt(): TokenSource {
  return {
    name: "prompt",
    interactive: true,
    async read(context) {
      const folder = context.folder ?? stateFolder({ env: context.env });
      const answer = await remember(`prompt\0${folder}`, () => ask(context));
      return answer === null ? null : { value: answer.secret, where: "the prompt" };
    },
  };
}

async function ask(context: SourceContext): Promise<{ readonly secret: Secret } | null> {
  const { person, record } = context;
  if (person === null) return null;
  const method = person.place;
  let secret: Secret | null;
  try {
    secret = await askToken(person, "Hugging Face token (hidden while you type; Enter to skip): ");
  } catch (error) {
    const reason = error instanceof PromptError || error instanceof TokenError
      ? error.code
      : "prompt-failed";
    await record({ event: "token.prompt", outcome: "aborted", source: "prompt", method, reason });
    throw error;
  }
  if (secret === null) return null;
  const { fingerprint, kind } = secret;
  await record({
    event: "token.prompt",
    outcome: "ok",
    source: "prompt",
    method,
    fingerprint,
    kind,
  });
  await offerToSave(context, secret, person);
  return { secret };
}

/** Offers, never forces; what goes wrong here must not cost the token that was just typed. */
async function offerToSave(context: SourceContext, secret: Secret, person: Person): Promise<void> {
  const answer = await person.ask(
    "Keep it encrypted for next time? m: for this machine, p: with a passphrase, Enter: no. ",
    { echo: true },
  ).catch(() => null);
  const choice = (answer ?? "").trim().toLowerCase();
  if (choice === "" || choice.startsWith("n")) return;
  try {
    const { saveAsked } = await import("./save.ts");
    await saveAsked(secret, choice.startsWith("p") ? "passphrase" : "machine", person, context);
  } catch (error) {
    context.notice(error instanceof Error ? error.message : "The token was not saved");
  }
}
