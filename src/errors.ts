/**
 * The errors hushbook throws: few classes, each with a stable `code`.
 *
 * A message starts with the action that failed, then says why, then what to do. No message,
 * property or cause ever holds a token, a passphrase, a prompt or a line of the user's notebook, so
 * every error can be printed, logged and pasted into an issue.
 *
 * @module
 */

/** What every hushbook error is an instance of. */
export abstract class HushbookError<Code extends string = string> extends Error {
  /** A stable, documented identifier of the condition, such as `"notebook-syntax"`. */
  readonly code: Code;

  /**
   * Creates the error.
   *
   * @param code Which condition.
   * @param message The failed action, the reason, and what to do: nothing secret, nothing typed,
   * printed or answered by anybody else.
   */
  constructor(code: Code, message: string) {
    // No `cause`: a foreign error may quote a header, a body or a line of the notebook.
    super(message);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The command line, an option or an argument is wrong. Commands answer it with exit code 2. */
export class UsageError extends HushbookError<"usage"> {
  /**
   * Creates the error.
   *
   * @param message The action, the reason and what to do.
   */
  constructor(message: string) {
    super("usage", message);
  }
}

/** What can be wrong with a notebook. */
export type NotebookErrorCode =
  | "notebook-syntax"
  | "notebook-conflict"
  | "notebook-truncated"
  | "notebook-trailing"
  | "notebook-shape"
  | "notebook-too-large";

/** A notebook that cannot be understood, and therefore is never written. */
export class NotebookError extends HushbookError<NotebookErrorCode> {
  /** Line of the first byte that could not be understood, counted from 1. */
  readonly line: number;
  /** Column in that line, in characters, counted from 1. */
  readonly column: number;

  /**
   * Creates the error.
   *
   * @param code Which kind of damage.
   * @param message The reason and what to do, without any text of the notebook.
   * @param line Line, counted from 1.
   * @param column Column in characters, counted from 1.
   */
  constructor(code: NotebookErrorCode, message: string, line: number, column: number) {
    super(code, message);
    this.line = line;
    this.column = column;
  }
}

/** Why a file could not be read or written. */
export type FileErrorCode =
  | "file-missing"
  | "file-not-regular"
  | "file-unreadable"
  | "file-unwritable";

/** A file of the user that cannot be read or written. It is as it was. */
export class FileError extends HushbookError<FileErrorCode> {}

/** A checked-in settings file (`hushbook.json`, `.hushbook-allow`) is not valid. */
export class ConfigError extends HushbookError<"config-invalid"> {
  /**
   * Creates the error.
   *
   * @param message The action, the reason and what to do.
   */
  constructor(message: string) {
    super("config-invalid", message);
  }
}

/** Why git could not do its part. */
export type GitErrorCode = "git-missing" | "git-failed" | "git-no-repository";

/** A git command failed or is not available. */
export class GitError extends HushbookError<GitErrorCode> {
  /** The exit code of the git process, if it ran. */
  readonly exitCode: number | undefined;

  /**
   * Creates the error.
   *
   * @param code Which failure.
   * @param message The action, the reason and what to do.
   * @param exitCode The exit code of the git process, if it ran.
   */
  constructor(code: GitErrorCode, message: string, exitCode?: number) {
    super(code, message);
    this.exitCode = exitCode;
  }
}

/** Why a call was not queued, or left the queue. */
export type RateLimitErrorCode = "rate-limit-wait" | "rate-limit-store";

/** A call would wait for its rate limit for longer than allowed. It was not sent. */
export class RateLimitError extends HushbookError<RateLimitErrorCode> {
  /** Milliseconds until the call could go, as far as known. */
  readonly waitMs: number;

  /**
   * Creates the error.
   *
   * @param code Which wait.
   * @param message The action, the reason and what to do.
   * @param waitMs Milliseconds until the call could go, as far as known.
   */
  constructor(code: RateLimitErrorCode, message: string, waitMs: number) {
    super(code, message);
    this.waitMs = waitMs;
  }
}

/** Why a call is not paid for. */
export type BudgetErrorCode = "budget-exceeded" | "budget-no-price" | "budget-unreadable";

/** What a {@link BudgetError} of the code `budget-exceeded` says about the ceiling. */
export interface BudgetErrorFacts {
  /** What is counted. */
  readonly unit: "tokens" | "dollars";
  /** How long the ceiling holds, in UTC. */
  readonly period: "day" | "month";
  /** The ceiling. */
  readonly ceiling: number;
  /** What is left under it. */
  readonly left: number;
  /** When the next day or month begins. */
  readonly resetsAt: Date;
}

/** A call could pass a ceiling of the budget, or what it costs is not known. It was not sent. */
export class BudgetError extends HushbookError<BudgetErrorCode> {
  /** The ceiling that would be passed; absent for other codes. */
  readonly facts?: BudgetErrorFacts;

  /**
   * Creates the error.
   *
   * @param code Which problem.
   * @param message The action, the reason and what to do.
   * @param facts The ceiling that would be passed.
   */
  constructor(code: BudgetErrorCode, message: string, facts?: BudgetErrorFacts) {
    super(code, message);
    if (facts !== undefined) this.facts = facts;
  }
}

/** What can be wrong with the private state folder or a file in it. */
export type StateErrorCode =
  | "state-no-folder"
  | "state-unreadable"
  | "state-unwritable"
  | "state-foreign-owner"
  | "state-open-folder"
  | "state-not-a-file"
  | "state-too-large"
  | "state-busy";

/** The private folder, or a file in it, is not safe or not usable. */
export class StateError extends HushbookError<StateErrorCode> {}

/** Why a person could not be asked, or gave no usable answer. */
export type PromptErrorCode =
  | "prompt-interrupted"
  | "prompt-too-long"
  | "prompt-unavailable"
  | "prompt-declined"
  | "prompt-refused";

/**
 * A question to the person could not be asked, or was not answered. Commands answer it with exit
 * code 2.
 */
export class PromptError extends HushbookError<PromptErrorCode> {}

/** What can be wrong with a kernel. */
export type KernelErrorCode = "kernel-start" | "kernel-dead" | "kernel-closed";

/** The Deno kernel could not be started, or has gone. */
export class KernelError extends HushbookError<KernelErrorCode> {}

/** What can be wrong with the audit log. */
export type AuditErrorCode =
  | "audit-unwritable"
  | "audit-refused"
  | "audit-key"
  | "audit-broken";

/** An event could not be recorded, or the audit log cannot be trusted. */
export class AuditError extends HushbookError<AuditErrorCode> {}

/** Too many failures in a row: the stored token, or one token, is locked for a while. */
export class LockoutError extends HushbookError<"lockout"> {
  /** What is locked: `store`, or a token's fingerprint. */
  readonly subject: string;
  /** Until when. */
  readonly until: Date;
  /** How long that is from now, in ms. */
  readonly remainingMs: number;

  /**
   * Creates the error.
   *
   * @param message The action, the reason and what to do.
   * @param subject What is locked.
   * @param until Until when.
   * @param remainingMs How long that is from now, in ms.
   */
  constructor(message: string, subject: string, until: Date, remainingMs: number) {
    super("lockout", message);
    this.subject = subject;
    this.until = until;
    this.remainingMs = remainingMs;
  }
}

/** Why there is no usable token. */
export type TokenErrorCode =
  | "token-missing"
  | "token-invalid"
  | "token-tracked"
  | "token-unreadable"
  | "token-refused"
  | "token-unchecked"
  | "token-role";

/** No source has a token, or the one that has it cannot be used. */
export class TokenError extends HushbookError<TokenErrorCode> {}

/** What can be wrong with the encrypted token file. */
export type StoreErrorCode =
  | "store-missing"
  | "store-damaged"
  | "store-refused"
  | "store-passphrase"
  | "store-key"
  | "store-import"
  | "store-library"
  | "store-changed";

/** The encrypted token file cannot be opened or written. */
export class StoreError extends HushbookError<StoreErrorCode> {}

/** What can go wrong with a token that a service or the operating system keeps. */
export type SourceErrorCode =
  | "source-setup"
  | "source-package"
  | "source-unreachable"
  | "source-timeout"
  | "source-tls"
  | "source-redirect"
  | "source-denied"
  | "source-sealed"
  | "source-deleted"
  | "source-changed"
  | "source-throttled"
  | "source-malformed"
  | "source-failed";

/**
 * A token kept elsewhere (Vault, AWS, Azure, keychain, sign-in at the Hub) cannot be read or
 * written.
 */
export class SourceError extends HushbookError<SourceErrorCode> {}
