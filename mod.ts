/**
 * Hushbook keeps Hugging Face tokens out of Jupyter notebooks.
 *
 * @module
 */

export {
  ConfigError,
  FileError,
  type FileErrorCode,
  GitError,
  type GitErrorCode,
  HushbookError,
  NotebookError,
  type NotebookErrorCode,
  RequestError,
  type RequestErrorFacts,
  type RequestErrorKind,
  StateError,
  type StateErrorCode,
  UsageError,
} from "./src/errors.ts";
export { fingerprint } from "./src/secret/fingerprint.ts";
export { Secret, type SecretKind, type SecretOptions } from "./src/secret/secret.ts";
export {
  type InvalidToken,
  type TokenCheck,
  type TokenKind,
  type TokenProblem,
  validateToken,
  type ValidToken,
} from "./src/secret/validate.ts";
