/**
 * Locks the encrypted store after wrong passphrases, and a token after refusals by the Hub, in all
 * processes at once.
 *
 * @module
 */

import { AuditLog } from "../audit/log.ts";
import type { AuditEvent } from "../audit/event.ts";
import { LockoutError } from "../errors.ts";
import type { EnvReader } from "../state/folder.ts";
import type { LockOptions } from "../state/lock.ts";
import type { Notice } from "../state/open_private_file.ts";
import { LockoutFile } from "./lockout_file.ts";
import { EVERYTHING, type LockoutState, remaining } from "./lockout_state.ts";

/** What a {@link Lockout} may be told. */
export interface LockoutOptions {
  /** The private folder, absolute. Default: as `stateFolder` says. */
  readonly folder?: string;
  /** Environment to find the folder by. Default: this process's. */
  readonly env?: EnvReader;
  /** The time in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /** Failures in a row that lock. Default 5. */
  readonly failures?: number;
  /** For how long they lock, in ms. Default 300 000 (5 minutes). */
  readonly periodMs?: number;
  /** Where locking and clearing are recorded. Default: the audit log in the same folder. */
  readonly audit?: { append(event: AuditEvent): Promise<unknown> };
  /** Waits for the lock between processes. Default: a timer. */
  readonly sleep?: NonNullable<LockOptions["sleep"]>;
  /** Is told, in one sentence, about repairs. Default: nobody is told. */
  readonly onNotice?: Notice;
}

/** How one subject stands. */
export interface LockoutStatus {
  /** `store`, a token's fingerprint, or `*` for everything. */
  readonly subject: string;
  /** Failures in a row so far. */
  readonly failures: number;
  /** Until when it is locked; null when it is not. */
  readonly until: Date | null;
  /** How long that is from now, in ms; 0 when it is not locked. */
  readonly remainingMs: number;
}

/**
 * Counts failures in a row and locks after five of them for five minutes, over all processes and
 * restarts. Subjects are counted apart: `store` for wrong passphrases, and each token's fingerprint
 * for refusals (401) by the Hub, so that a new token is never locked by an old one.
 *
 * A state file that is damaged counts as locked for five minutes from now, and so does a lock that
 * lasts longer than that, as it does after the clock was set back. Setting the clock forward ends a
 * lock early. It slows guessing through hushbook; whoever holds the file can guess without it, and
 * then only the passphrase counts.
 *
 * Needs `--allow-read` and `--allow-write` for the folder, `--allow-sys=uid`, and `--allow-env` for
 * finding the folder.
 *
 * @example Five failures lock, a success in between starts over
 * ```ts
 * import { Lockout, LockoutError } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const lockout = new Lockout({ folder: `${await Deno.makeTempDir()}/hushbook` });
 * for (let i = 0; i < 4; i++) await lockout.fail("store");
 * await lockout.succeed("store");
 * for (let i = 0; i < 5; i++) await lockout.fail("store");
 * await assert.rejects(lockout.check("store"), LockoutError);
 * await lockout.check("3fa9c1d2e4b5"); // another subject
 * ```
 */
export class Lockout {
  readonly #options: LockoutOptions;
  readonly #now: () => number;
  readonly #most: number;
  readonly #periodMs: number;
  readonly #file: LockoutFile;

  /**
   * Opens nothing yet.
   *
   * @param options Folder, clock, how many failures lock and for how long.
   * @throws {RangeError} When `failures` is no whole number from 1, or `periodMs` not above 0.
   */
  constructor(options: LockoutOptions = {}) {
    const { now = Date.now, failures = 5, periodMs = 300_000 } = options;
    if (!Number.isInteger(failures) || failures < 1) {
      throw new RangeError("Cannot make a Lockout: failures must be a whole number of 1 or more");
    }
    if (!(periodMs > 0 && periodMs < Infinity)) {
      throw new RangeError("Cannot make a Lockout: periodMs must be above 0");
    }
    this.#options = options;
    this.#now = now;
    this.#most = failures;
    this.#periodMs = periodMs;
    this.#file = new LockoutFile({ ...options, now, periodMs });
  }

  /**
   * Does nothing unless the subject is locked. Call it before each try.
   *
   * @param subject `store`, or a token's fingerprint.
   * @throws {LockoutError} When it is locked; says how long.
   * @throws {StateError} When the state cannot be read: then nothing is let through.
   */
  async check(subject: string): Promise<void> {
    checkSubject(subject);
    const state = await this.#file.read();
    const sound = state !== null &&
      [subject, EVERYTHING].every((name) => this.#left(state, name) <= this.#periodMs);
    // A damaged state, or a lock that reaches too far ahead, is first put right, once for all.
    const left = sound ? state : await this.#file.change(() => {});
    const locked = Math.max(this.#left(left, subject), this.#left(left, EVERYTHING));
    if (locked > 0) throw this.#error(subject, locked);
  }

  /**
   * Counts a failure; the fifth in a row locks and is recorded. One that arrives while the subject
   * is locked, because its try had begun before, neither counts nor makes the lock longer.
   *
   * @param subject `store`, or a token's fingerprint.
   * @returns How the subject stands now.
   * @throws {StateError} When the state cannot be written.
   */
  async fail(subject: string): Promise<LockoutStatus> {
    checkSubject(subject);
    let locks = false;
    const state = await this.#file.change((state) => {
      if (this.#left(state, subject) > 0) return;
      const failures = (state[subject]?.failures ?? 0) + 1;
      locks = failures >= this.#most;
      state[subject] = { failures, until: locks ? this.#now() + this.#periodMs : 0 };
    });
    const status = this.#status(state, subject);
    if (locks) {
      // The lock holds whether or not it can be recorded.
      await this.#record({
        event: "lockout.set",
        outcome: "ok",
        subject,
        failures: status.failures,
        until: status.until!.toISOString(),
      }).catch(() => {});
    }
    return status;
  }

  /**
   * A try went well: the count starts over.
   *
   * @param subject `store`, or a token's fingerprint.
   * @throws {StateError} When the state cannot be written.
   */
  async succeed(subject: string): Promise<void> {
    checkSubject(subject);
    const state = await this.#file.read();
    if (state !== null && state[subject] === undefined) return; // the rule: nothing to forget
    await this.#file.change((state) => delete state[subject]);
  }

  /**
   * Ends locks and forgets failures. It is recorded first: a lock nobody could tell was cleared
   * stays.
   *
   * @param subject `store`, or a token's fingerprint. Default: everything.
   * @throws {AuditError} When it cannot be recorded.
   * @throws {StateError} When the state cannot be written.
   */
  async clear(subject?: string): Promise<void> {
    if (subject !== undefined) checkSubject(subject);
    await this.#file.path(); // a folder that is not safe is refused before anything is recorded
    await this.#record({ event: "lockout.clear", outcome: "ok", subject: subject ?? "all" });
    await this.#file.change((state) => {
      for (const name of Object.keys(state)) {
        if (subject === undefined || name === subject || name === EVERYTHING) delete state[name];
      }
    });
  }

  /**
   * Lists the subjects with failures or a lock.
   *
   * @returns How each stands; `*` while everything is locked because the state was damaged.
   * @throws {StateError} When the state is not safe to read.
   */
  async status(): Promise<LockoutStatus[]> {
    const state = await this.#file.read() ?? await this.#file.change(() => {});
    return Object.keys(state).map((subject) => this.#status(state, subject));
  }

  #status(state: LockoutState, subject: string): LockoutStatus {
    const remainingMs = Math.min(this.#left(state, subject), this.#periodMs);
    return {
      subject,
      failures: state[subject]?.failures ?? 0,
      until: remainingMs > 0 ? new Date(this.#now() + remainingMs) : null,
      remainingMs,
    };
  }

  #left(state: LockoutState, subject: string): number {
    return remaining(state[subject], this.#now());
  }

  #error(subject: string, remainingMs: number): LockoutError {
    const until = new Date(this.#now() + remainingMs);
    const what = subject === "store" ? "the stored token" : `the token ${subject}`;
    const why = subject === "store"
      ? `${this.#most} wrong passphrases in a row`
      : `${this.#most} refusals by Hugging Face in a row`;
    return new LockoutError(
      `Cannot use ${what}: it is locked for another ${duration(remainingMs)} after ${why} (or ` +
        `because the lockout file was damaged); wait, or run clearLockout() if that was you`,
      subject,
      until,
      remainingMs,
    );
  }

  async #record(event: AuditEvent): Promise<void> {
    const { audit, now, onNotice, folder, env } = this.#options;
    if (audit !== undefined) return void await audit.append(event);
    using log = new AuditLog({
      ...(now && { now }),
      ...(onNotice && { onNotice }),
      ...(folder && { folder }),
      ...(env && { env }),
    });
    await log.append(event);
  }
}

/**
 * Ends a lockout before its time, and records that in the audit log.
 *
 * @param subject `store`, or a token's fingerprint. Default: everything.
 * @param options As for {@link Lockout}.
 * @throws {AuditError} When it cannot be recorded: then nothing is cleared.
 * @throws {StateError} When the state cannot be written.
 *
 * @example It was you who mistyped
 * ```ts
 * import { clearLockout, Lockout } from "hushbook";
 *
 * const folder = `${await Deno.makeTempDir()}/hushbook`;
 * const lockout = new Lockout({ folder });
 * for (let i = 0; i < 5; i++) await lockout.fail("store");
 * await clearLockout("store", { folder });
 * await lockout.check("store");
 * ```
 */
export async function clearLockout(subject?: string, options: LockoutOptions = {}): Promise<void> {
  await new Lockout(options).clear(subject);
}

function checkSubject(subject: string): void {
  if (/^(?:store|[0-9a-f]{12})$/.test(subject)) return;
  throw new RangeError(
    "Cannot look up the lockout: the subject must be `store` or a token's fingerprint",
  );
}

/** `4 min 12 s`, rounded up. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds} s` : `${minutes} min ${seconds % 60} s`;
}
