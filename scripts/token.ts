/**
 * `hushbook token`: the stored token, never its value.
 *
 * @module
 */

import { PromptError, UsageError } from "../src/errors.ts";
import type { Person } from "../src/token/person.ts";
import type { Command } from "./command.ts";
import type { TokenAction } from "./token/action.ts";

const HELP = `Usage: hushbook token ACTION [OPTIONS]
       hushbook token revoke [FILE…]

Keeps a Hugging Face token encrypted on this machine. The token is typed unseen or read from standard
input; it is never an argument, and no action prints it.

Actions:
  save        asks for a token and stores it in place of the one that is stored
  status      tells whether a token is stored, how, since when, and whether it is time for a new one
  rotate      asks for a new token, checks it at the Hub, stores it, and tells where to revoke the old one
  revoke      asks for a leaked token and has the Hub revoke it, for good; with FILE… (files, folders,
              patterns, - for standard input) those that are found there, after showing which
  import      takes over the token that \`hf auth login\` left unencrypted, or a Fernet file
  passphrase  encrypts the stored token anew, with another passphrase or in another mode
  forget      removes the stored token and its key
  explain     shows every place a token can come from, what is there, and which one is used

Options:
  --mode MODE        save, import, passphrase: what opens the file. machine: only this user on this
                     machine (not safe from your other programs); passphrase; both. Default: asks in
                     a terminal, else machine
  --stdin            save, rotate, revoke: reads the token from the first line of standard input; the second
                     line, if there is one, is the passphrase
  --home PLACE       rotate: where the token is kept, if not in the encrypted file: keychain,
                     vault:[MOUNT:]PATH[#FIELD], aws:SECRET[#FIELD], azure:HOST/NAME[#FIELD];
                     these need more permissions: deno run --allow-all scripts/hushbook.ts token rotate
  --check            save, status: asks the Hub whether the token is valid
  --no-check         rotate: does not ask the Hub, for machines without network
  --days N           status: from how many days on a token is old, 30 to 90. Default 90
  --fernet FILE      import: a file encrypted by Python's cryptography (asks for its password)
  --salt TEXT        import: the Fernet file's salt, base64
  --salt-file FILE   import: the same, as bytes of a file
  --iterations N     import: rounds of PBKDF2-HMAC-SHA256. Default 480000
  --yes              forget, revoke: does not ask
  --json             writes the result as JSON on standard output
  -h, --help         shows this

Exit codes:
  0  done; status: a token is stored and young enough
  1  status: no token is stored, or it is time for a new one; explain: no token would be found;
     revoke: the files hold none
  2  wrong usage, or nobody could be asked: no terminal, or the question was declined
  3  the token or a file cannot be used

Environment: HUSHBOOK_HOME moves the private folder, HF_ENDPOINT the Hub.
`;

const ACTIONS: Readonly<Record<string, () => Promise<{ action: TokenAction }>>> = {
  save: () => import("./token/save.ts"),
  status: () => import("./token/status.ts"),
  rotate: () => import("./token/rotate.ts"),
  revoke: () => import("./token/revoke.ts"),
  import: () => import("./token/import.ts"),
  passphrase: () => import("./token/passphrase.ts"),
  forget: () => import("./token/forget.ts"),
  explain: () => import("./token/explain.ts"),
};

/**
 * Makes the command.
 *
 * @param options `person`: who is asked; default whoever sits at the terminal.
 * @returns The command.
 */
export function tokenCommand(options: { readonly person?: Person | null } = {}): Command {
  return {
    summary: "store, rotate, forget or explain the token, never showing it",
    help: HELP,
    async main(args, io) {
      const [name, ...rest] = args;
      const load = name !== undefined && Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
      if (load === undefined) {
        throw new UsageError(
          `Cannot run that: name one of ${
            Object.keys(ACTIONS).join(", ")
          }; see hushbook token --help`,
        );
      }
      const { action } = await load();
      try {
        return await action(rest, io, options.person);
      } catch (error) {
        if (!(error instanceof PromptError)) throw error;
        io.err(`${error.message}\n`);
        return 2;
      }
    },
  };
}

/** The command with the person at the terminal. */
export const command: Command = tokenCommand();
