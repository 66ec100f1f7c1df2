/**
 * What every function about the stored token may be told, and how it comes to its recorder, lockout
 * and person.
 *
 * @module
 */

import type { AuditEvent } from "../audit/event.ts";
import { AuditError } from "../errors.ts";
import { notebookName } from "../kernel/notebook_name.ts";
import { findPerson, type Person } from "./person.ts";
import type { Recorder } from "./record.ts";
import type { StoreOptions } from "./store.ts";
import type { FailureCounter } from "./unlock.ts";

/** A log that events are appended to, such as `AuditLog`. */
export interface AuditSink {
  /** Appends an event; rejects if it cannot be recorded. */
  append(event: AuditEvent): Promise<unknown>;
}

/** What every function about tokens may be told. */
export interface TokenOptions extends StoreOptions {
  /** Where to record; false records nothing. Default the audit log in the private folder. */
  readonly audit?: AuditSink | false;
  /** The command that runs, such as `token save`, for the audit log. */
  readonly command?: string;
  /** Counts wrong passphrases. Default the lockout in the private folder. */
  readonly lockout?: FailureCounter;
  /** Whom to ask; null asks nobody. Default whoever sits at the notebook or the terminal. */
  readonly person?: Person | null;
}

/**
 * Where events go.
 *
 * @param options The log, or the folder of the default one.
 * @returns Records an event.
 */
export function recorderOf(options: TokenOptions): Recorder {
  const { audit } = options;
  if (audit === false) return () => Promise.resolve();
  const open = async (): Promise<AuditSink> => {
    const { AuditLog } = await import("../audit/log.ts");
    return new AuditLog(whereAndWhen(options));
  };
  const { command, env = (name: string) => Deno.env.get(name) } = options;
  const notebook = notebookName(env);
  const about = { ...(command && { command }), ...(notebook && { notebook }) };
  let log: Promise<AuditSink> | undefined;
  return async (event) => {
    try {
      log ??= audit === undefined ? open() : Promise.resolve(audit);
      await (await log).append({ ...event, ...about });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
      throw new AuditError(
        "audit-unwritable",
        "Cannot record what is done with the token: permission is missing. Add --allow-env, " +
          "--allow-sys=uid, and --allow-read and --allow-write for the private folder; or record " +
          "nothing with { audit: false }",
      );
    }
  };
}

/**
 * What counts wrong passphrases.
 *
 * @param options The counter, or the folder of the default one.
 * @returns The counter.
 */
export async function lockoutOf(options: TokenOptions): Promise<FailureCounter> {
  if (options.lockout !== undefined) return options.lockout;
  const { Lockout } = await import("./lockout.ts");
  return new Lockout({ ...whereAndWhen(options), audit: { append: recorderOf(options) } });
}

/**
 * Whom to ask.
 *
 * @param options The person, or null for nobody.
 * @returns The person, or null.
 */
export function personOf(options: TokenOptions): Person | null {
  return options.person === undefined ? findPerson() : options.person;
}

function whereAndWhen(options: TokenOptions): Pick<TokenOptions, "env" | "folder" | "now"> {
  const { env, folder, now } = options;
  return { ...(env && { env }), ...(folder !== undefined && { folder }), ...(now && { now }) };
}
