/**
 * What each error code means. The compiler refuses this file when a code of `src/errors.ts` is
 * missing here, or one too many is.
 *
 * @module
 */

type Errors =
  & Omit<typeof import("../../src/errors.ts"), "HushbookError">
  & typeof import("../../src/door/request_error.ts");

/** By class, then by code. */
export const ERROR_CODES: {
  readonly [Name in keyof Errors]: Readonly<Record<InstanceType<Errors[Name]>["code"], string>>;
} = {
  UsageError: { usage: "the command line, an option or an argument is wrong" },
  NotebookError: {
    "notebook-syntax": "the file is not JSON",
    "notebook-conflict": "it holds git's conflict markers",
    "notebook-truncated": "it ends too early",
    "notebook-trailing": "something follows the notebook",
    "notebook-shape": "it is JSON, but not a notebook of nbformat 3 or 4",
    "notebook-too-large": "it is longer than a string can be",
  },
  RequestError: {
    "request-auth": "401 or 403: the token is not accepted, or may not do this",
    "request-credits": "402: no credits left",
    "request-rate": "429: the server limits calls, and asks to wait for longer than allowed",
    "request-loading": "503 while a model is loaded",
    "request-server": "408, another 5xx, or an answer nobody can read",
    "request-network": "no answer",
    "request-abort": "the caller's signal ended it",
    "request-stream": "an error inside a stream that began well",
    "request-request": "any other 4xx: the request itself is wrong",
    "request-refused": "hushbook did not send it, or not further",
  },
  FileError: {
    "file-missing": "there is no such file",
    "file-not-regular": "it is a folder, a device or another thing without a content of its own",
    "file-unreadable": "it cannot be read",
    "file-unwritable": "it cannot be written; it is as it was",
  },
  ConfigError: { "config-invalid": "`hushbook.json` or `.hushbook-allow` is not valid" },
  GitError: {
    "git-missing": "git is not installed, or may not be run",
    "git-failed": "a git command failed",
    "git-no-repository": "the folder is in no repository",
  },
  RateLimitError: {
    "rate-limit-wait": "the wait for a free slot is longer than allowed",
    "rate-limit-store": "the shared store (Redis) is down",
  },
  BudgetError: {
    "budget-exceeded": "the call could pass a ceiling",
    "budget-no-price": "a ceiling of dollars, and no price for this model",
    "budget-unreadable": "`budgets.json` cannot be read",
  },
  StateError: {
    "state-no-folder": "it is not known where the private folder is",
    "state-unreadable": "a private file cannot be read",
    "state-unwritable": "a private file cannot be written",
    "state-foreign-owner": "the folder or file belongs to another user",
    "state-open-folder": "others can look into the folder, and it holds other files too",
    "state-not-a-file": "a symbolic link, or something else than a file or folder",
    "state-too-large": "the file is larger than it can be",
    "state-busy": "another process holds the lock for too long",
  },
  PromptError: {
    "prompt-interrupted": "Ctrl-C, or the terminal went away",
    "prompt-too-long": "more was typed than a token can hold",
    "prompt-unavailable":
      "there is nobody to ask: no terminal, or the notebook is run by a program",
    "prompt-declined": "the answer was empty",
    "prompt-refused": "the answers were not usable",
  },
  KernelError: {
    "kernel-start": "the Deno kernel did not start",
    "kernel-dead": "it ended on its own",
    "kernel-closed": "it was closed before",
  },
  AuditError: {
    "audit-unwritable": "the event could not be written",
    "audit-refused": "it names an event or a field that is not on the list",
    "audit-key": "`audit.key` or `pseudonym.key` is damaged",
    "audit-broken": "the log does not verify",
  },
  LockoutError: { lockout: "too many failures in a row; the message says for how long" },
  TokenError: {
    "token-missing": "no source has a token",
    "token-invalid": "what is there is no token",
    "token-tracked": "git tracks the `.env` it is in",
    "token-unreadable": "the place it is in cannot be read",
    "token-refused": "the Hub does not accept it",
    "token-unchecked": "the Hub could not be asked",
    "token-role": "its role is less than required",
  },
  StoreError: {
    "store-missing": "no token is stored",
    "store-damaged": "the file is damaged; this does not count as a wrong passphrase",
    "store-refused": "hushbook did not write the file: foreign or weak parameters",
    "store-passphrase": "the passphrase is wrong or missing",
    "store-key": "the key file is missing or not the one",
    "store-import": "the Fernet file cannot be imported",
    "store-library": "the package `jose` cannot be loaded",
    "store-changed": "another process changed the stored token meanwhile",
  },
  SourceError: {
    "source-setup": "an address, a login or an option is missing or wrong",
    "source-package": "an optional package is not installed; the message says how to add it",
    "source-unreachable": "the service does not answer",
    "source-timeout": "it does not answer in time",
    "source-tls": "its certificate is not trusted",
    "source-redirect": "it redirects; credentials are not sent on",
    "source-denied": "it refuses the credentials",
    "source-sealed": "the vault is sealed",
    "source-deleted": "the secret was deleted",
    "source-changed": "somebody else wrote the secret meanwhile; nothing was overwritten",
    "source-throttled": "it limits requests",
    "source-malformed": "its answer is not what it documents",
    "source-failed": "any other failure",
  },
};
