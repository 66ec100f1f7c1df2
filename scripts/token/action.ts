/**
 * What the actions of `hushbook token` share: options, input, and who is told what.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { PromptError, UsageError } from "../../src/errors.ts";
import { Secret } from "../../src/secret/secret.ts";
import { acceptToken } from "../../src/token/accept.ts";
import type { StoreMode } from "../../src/token/envelope.ts";
import type { TokenOptions } from "../../src/token/options.ts";
import { findPerson, type Person } from "../../src/token/person.ts";
import { askToken } from "../../src/token/prompt.ts";
import type { CommandIo } from "../command.ts";

/**
 * One action of `hushbook token`.
 *
 * @param args Its options.
 * @param io Streams, folder, environment.
 * @param person Who is asked; null for nobody; default whoever sits at the terminal.
 * @returns The exit code.
 */
export type TokenAction = (
  args: readonly string[],
  io: CommandIo,
  person?: Person | null,
) => Promise<number>;

/** Options as `node:util` describes them. */
type Options = NonNullable<ParseArgsConfig["options"]>;

/** Values of options as they were given. */
export type Values = Readonly<Record<string, string | boolean | undefined>>;

/**
 * Reads the options of an action. What is wrong is told without repeating it: somebody may have put
 * the token there.
 *
 * @param args The arguments.
 * @param options The options the action has, besides `--json`.
 * @returns Their values.
 * @throws {UsageError} If there is anything else.
 */
export function readOptions(args: readonly string[], options: Options): Values {
  return read(args, options, false)[0];
}

/**
 * Reads the options of an action that also takes names of files.
 *
 * @param args The arguments.
 * @param options The options the action has, besides `--json`.
 * @returns Their values, and the names.
 * @throws {UsageError} If there is an option that the action does not have.
 */
export function readOptionsAndNames(
  args: readonly string[],
  options: Options,
): [values: Values, names: readonly string[]] {
  return read(args, options, true);
}

function read(
  args: readonly string[],
  options: Options,
  allowPositionals: boolean,
): [values: Values, names: readonly string[]] {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, json: { type: "boolean" } },
      allowPositionals,
    });
    return [values as Values, positionals];
  } catch {
    throw new UsageError(
      "Cannot read the options: there is one that this action does not have, or one too many. The token " +
        "itself is never an argument (it would stay in the shell's history): it is asked for, or read " +
        "with --stdin. See hushbook token --help",
    );
  }
}

/**
 * What the functions about the stored token are told by the command line.
 *
 * @param action The action's name, for the audit log.
 * @param io Environment and error stream.
 * @param person Who is asked.
 * @returns The options.
 */
export function tokenOptions(
  action: string,
  io: CommandIo,
  person: Person | null | undefined,
): TokenOptions & { readonly person: Person | null } {
  return {
    command: `token ${action}`,
    env: (name) => io.env(name),
    person: person === undefined ? findPerson() : person,
    onNotice: (notice) => io.err(`${notice}\n`),
  };
}

/**
 * The mode given by `--mode`.
 *
 * @param values The options.
 * @returns The mode, or undefined if none is given.
 * @throws {UsageError} If there is no such mode.
 */
export function modeOf(values: Values): StoreMode | undefined {
  const { mode } = values;
  if (mode === undefined || mode === "machine" || mode === "passphrase" || mode === "both") {
    return mode;
  }
  throw new UsageError("Cannot use --mode: it must be machine, passphrase or both");
}

/**
 * The mode to store in: the given one; else the person is asked; else `machine`.
 *
 * @param values The options.
 * @param person Who is asked.
 * @returns The mode.
 */
export async function chooseMode(values: Values, person: Person | null): Promise<StoreMode> {
  const given = modeOf(values);
  if (given !== undefined) return given;
  const answer = await person?.ask(
    "Open it by a passphrase (p, Enter), by this machine alone (m), or by both (b)? ",
    { echo: true },
  ) ?? "m";
  const choice = answer.trim().toLowerCase().slice(0, 1);
  return choice === "m" ? "machine" : choice === "b" ? "both" : "passphrase";
}

/** A token that was entered, and the passphrase if it came along on standard input. */
export interface Entered {
  /** The token. */
  readonly secret: Secret;
  /** The passphrase from the second line of standard input. */
  readonly passphrase?: string;
}

/**
 * Gets the token: from standard input with `--stdin`, else from the person.
 *
 * @param values The options.
 * @param io Standard input.
 * @param person Who is asked.
 * @returns The token.
 * @throws {PromptError} If nobody can be asked, or nothing was entered.
 */
export async function enterToken(
  values: Values,
  io: CommandIo,
  person: Person | null,
): Promise<Entered> {
  if (values.stdin === true) {
    const [first = "", second = ""] = new TextDecoder().decode(await io.readInput()).split(
      /\r?\n/u,
    );
    const secret = new Secret(acceptToken(first, "standard input").token);
    return { secret, ...(second !== "" && { passphrase: second }) };
  }
  const secret = person === null ? null : await askToken(person, "Hugging Face token (hidden): ");
  if (secret === null) {
    throw new PromptError(
      "prompt-unavailable",
      "Cannot ask for the token: there is no terminal. Run this in one, or send the token to " +
        "standard input with --stdin",
    );
  }
  return { secret };
}

/**
 * Writes the result: JSON with `--json`, else sentences.
 *
 * @param values The options.
 * @param io Standard output.
 * @param json What `--json` writes.
 * @param text What is written without.
 */
export function report(values: Values, io: CommandIo, json: unknown, text: string): void {
  io.out(values.json === true ? `${JSON.stringify(json, null, 2)}\n` : `${text}\n`);
}
