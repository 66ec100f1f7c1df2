/**
 * `hushbook token import`.
 *
 * @module
 */

import { PromptError, TokenError, UsageError } from "../../src/errors.ts";
import { acceptToken } from "../../src/token/accept.ts";
import type { StoreMode } from "../../src/token/envelope.ts";
import { importFernet } from "../../src/token/import_fernet.ts";
import { contextOf } from "../../src/token/load.ts";
import { hubLogin } from "../../src/token/login_file.ts";
import type { TokenOptions } from "../../src/token/options.ts";
import type { Person } from "../../src/token/person.ts";
import { save, type SavedToken, secretOf } from "../../src/token/save.ts";
import {
  chooseMode,
  readOptions,
  report,
  type TokenAction,
  tokenOptions,
  type Values,
} from "./action.ts";

type Options = TokenOptions & { readonly person: Person | null };

/** Takes over a token from elsewhere. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, {
    mode: { type: "string" },
    fernet: { type: "string" },
    salt: { type: "string" },
    "salt-file": { type: "string" },
    iterations: { type: "string" },
  });
  const options = tokenOptions("import", io, someone);
  const choose = () => chooseMode(values, options.person);
  const { saved, advice } = typeof values.fernet === "string"
    ? await fromFernet(values.fernet, values, options, choose)
    : await fromLogin(options, choose);
  const { fingerprint, mode, path } = saved;
  report(
    values,
    io,
    saved,
    `Stored the token ${fingerprint}, encrypted (${mode}), in ${path}.\n${advice}`,
  );
  return 0;
};

interface Imported {
  readonly saved: SavedToken;
  readonly advice: string;
}

async function fromLogin(options: Options, choose: () => Promise<StoreMode>): Promise<Imported> {
  const context = contextOf({ ...options, audit: false }, () => {});
  const found = await hubLogin().read(context);
  if (found === null) {
    throw new TokenError(
      "token-missing",
      "Cannot import a token: the Hub's tools have left none on this machine. Store one: " +
        "hushbook token save",
    );
  }
  const value = typeof found.value === "string" ? found.value : found.value.reveal();
  const { token } = acceptToken(value, found.where);
  const saved = await save(secretOf(token), {
    ...options,
    mode: await choose(),
    ...(found.expiresAt !== undefined && { expiresAt: found.expiresAt }),
  }, "token.import");
  const advice =
    `The Hub's tools still have it unencrypted in ${found.where}; to remove it there: ` +
    "hf auth logout";
  return { saved, advice };
}

async function fromFernet(
  file: string,
  values: Values,
  options: Options,
  choose: () => Promise<StoreMode>,
): Promise<Imported> {
  const { iterations } = values;
  if (iterations !== undefined && !/^\d{1,8}$/.test(String(iterations))) {
    throw new UsageError("Cannot use --iterations: it must be a whole number");
  }
  const salt = await saltOf(values);
  const password = await options.person?.ask("Password of the Fernet file (hidden): ") ?? null;
  if (password === null || password === "") {
    throw new PromptError(
      password === null ? "prompt-unavailable" : "prompt-declined",
      "Cannot import the Fernet file: its password is needed; run this in a terminal and enter it",
    );
  }
  const saved = await importFernet(file, {
    ...options,
    password,
    salt,
    mode: await choose(),
    ...(iterations !== undefined && { iterations: Number(iterations) }),
  });
  return {
    saved,
    advice: `The Fernet file is as it was; if nothing else needs it, remove it: ${file}`,
  };
}

async function saltOf(values: Values): Promise<Uint8Array | string> {
  if (typeof values.salt === "string") return values.salt;
  const file = values["salt-file"];
  if (typeof file !== "string") {
    throw new UsageError("Cannot import the Fernet file: give its salt with --salt or --salt-file");
  }
  try {
    return await Deno.readFile(file);
  } catch {
    throw new UsageError("Cannot import the Fernet file: the file of --salt-file cannot be read");
  }
}
