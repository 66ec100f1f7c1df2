/**
 * `hushbook token status`.
 *
 * @module
 */

import { UsageError } from "../../src/errors.ts";
import { checkRotateAfter, ROTATE_AFTER_DAYS } from "../../src/token/age.ts";
import { loadToken } from "../../src/token/load.ts";
import { encryptedFile } from "../../src/token/encrypted_file.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { inspectStore } from "../../src/token/store.ts";
import { whoami } from "../../src/token/whoami.ts";
import { readOptions, report, type TokenAction, tokenOptions } from "./action.ts";

const DAY = 86_400_000;

function daysOf(value: string | boolean | undefined): number {
  if (value === undefined) return ROTATE_AFTER_DAYS;
  if (typeof value !== "string" || !/^\d{2}$/.test(value)) {
    throw new UsageError("Cannot use --days: it must be a whole number from 30 to 90");
  }
  return checkRotateAfter(Number(value));
}

/** Tells whether a token is stored, how, since when, and whether it is time for a new one. */
export const action: TokenAction = async (args, io, someone) => {
  const values = readOptions(args, { days: { type: "string" }, check: { type: "boolean" } });
  const days = daysOf(values.days);
  const options = tokenOptions("status", io, someone);
  const info = await inspectStore(options);
  if (info === null) {
    report(values, io, { stored: false }, "No token is stored. Store one: hushbook token save");
    return 1;
  }
  let made = info.iat * 1000;
  let hub = "";
  if (values.check === true) {
    const { secret } = await loadToken({ ...options, order: [encryptedFile()] });
    const identity = await whoami(secret, { ...options, fresh: true });
    made = identity.createdAt ?? made;
    hub = `; the Hub knows it (${identity.role ?? identity.type})`;
  }
  const locked = (await new Lockout({ env: (name) => io.env(name) }).status())
    .find(({ subject, remainingMs }) => remainingMs > 0 && /^(?:store|\*)$/.test(subject));
  const lockedUntil = locked?.until?.toISOString();
  const age = Math.max(0, Math.floor((Date.now() - made) / DAY));
  const due = age >= days;
  const { path, mode, fingerprint } = info;
  const since = new Date(made).toISOString();
  report(
    values,
    io,
    {
      stored: true,
      path,
      mode,
      fingerprint,
      since,
      ageDays: age,
      due,
      checked: hub !== "",
      lockedUntil,
    },
    `Token ${fingerprint}, encrypted (${mode}), ${age} days old, in ${path}${hub}` +
      (due
        ? "\nIt is time for a new one: make it at https://huggingface.co/settings/tokens, then " +
          "hushbook token rotate"
        : "") +
      (lockedUntil === undefined
        ? ""
        : `\nIt is locked until ${lockedUntil} after wrong passphrases`),
  );
  return due ? 1 : 0;
};
