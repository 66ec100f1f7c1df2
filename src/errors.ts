/**
 * The errors hushbook throws: few classes, each with a stable `code`.
 *
 * A message starts with the action that failed, then says why, then what to do. No message, property
 * or cause ever holds a token, a passphrase, a prompt or a line of the user's notebook, so every
 * error can be printed, logged and pasted into an issue.
 *
 * @module
 */

/** What every hushbook error is an instance of. */
export abstract class HushbookError extends Error {
  /** A stable, documented identifier of the condition, such as `"notebook-syntax"`. */
  abstract readonly code: string;

  /**
   * Creates the error.
   *
   * @param message The failed action, the reason, and what to do.
   */
  constructor(message: string) {
    // No `cause`: a foreign error may quote a header, a body or a line of the notebook.
    super(message);
    this.name = new.target.name;
  }
}

/** The command line, an option or an argument is wrong. Commands answer it with exit code 2. */
export class UsageError extends HushbookError {
  /** Always `"usage"`. */
  override readonly code = "usage";
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
export class NotebookError extends HushbookError {
  /** Which kind of damage. */
  override readonly code: NotebookErrorCode;
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
    super(message);
    this.code = code;
    this.line = line;
    this.column = column;
  }
}

/** A checked-in settings file (`hushbook.json`, `.hushbook-allow`) is not valid. */
export class ConfigError extends HushbookError {
  /** Always `"config-invalid"`. */
  override readonly code = "config-invalid";
}

/** Why git could not do its part. */
export type GitErrorCode = "git-missing" | "git-failed" | "git-no-repository";

/** A git command failed or is not available. */
export class GitError extends HushbookError {
  /** Which failure. */
  override readonly code: GitErrorCode;
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
    super(message);
    this.code = code;
    this.exitCode = exitCode;
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
export class StateError extends HushbookError {
  /** Which problem. */
  override readonly code: StateErrorCode;

  /**
   * Creates the error.
   *
   * @param code Which problem.
   * @param message The action, the reason and what to do.
   */
  constructor(code: StateErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a person could not be asked, or gave no usable answer. */
export type PromptErrorCode =
  | "prompt-interrupted"
  | "prompt-too-long"
  | "prompt-unavailable"
  | "prompt-declined"
  | "prompt-refused";

/** A question to the person could not be asked, or was not answered. Commands answer it with exit code 2. */
export class PromptError extends HushbookError {
  /** Which reason. */
  override readonly code: PromptErrorCode;

  /**
   * Creates the error.
   *
   * @param code Which reason.
   * @param message The action, the reason and what to do, without anything that was typed.
   */
  constructor(code: PromptErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
