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
  RateLimitError,
  type RateLimitErrorCode,
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
export { createLimiter, type Limiter, type LimiterOptions } from "./src/limits/limiter.ts";
export type { LimitKey } from "./src/limits/key.ts";
export type {
  AcquireOptions,
  LimitStatus,
  LimitWait,
  Permit,
  WindowStatus,
} from "./src/limits/permit.ts";
export type { WaitReason } from "./src/limits/sliding_window.ts";
export type { Window } from "./src/limits/window.ts";
