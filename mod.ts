/**
 * Hushbook keeps Hugging Face tokens out of Jupyter notebooks.
 *
 * @module
 */

export {
  ConfigError,
  GitError,
  type GitErrorCode,
  HushbookError,
  NotebookError,
  type NotebookErrorCode,
  StateError,
  type StateErrorCode,
  UsageError,
} from "./src/errors.ts";
