/**
 * What the filter does with one file.
 *
 * @module
 */

import { TOKENS_PAGE } from "../notebook/report_words.ts";
import { maskName } from "../notebook/mask_name.ts";
import { type Policy, readPolicy } from "./policy.ts";

/** What a cleaner works with. */
export interface CleanerOptions {
  /** Reads `hushbook.json` of the working tree; null if there is none. */
  readonly settings: () => Uint8Array | null;
  /** Is told once for each file whose cleared outputs held a token. */
  readonly warn: (message: string) => void;
}

/** What a filter does with files. */
export interface Cleaner {
  /**
   * Turns a working file into what git stores: a notebook without outputs.
   *
   * @param path The file from the top of the working tree.
   * @param bytes Its content.
   * @returns The content to store.
   * @throws {NotebookError} If the notebook cannot be understood.
   * @throws {ConfigError} If the settings are not valid.
   */
  clean(path: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array;
  /** Searches the outputs cleared since the last call, and warns of tokens in them. */
  afterwards(): void;
}

/**
 * Makes a cleaner.
 *
 * @param options Settings and warnings.
 * @returns The cleaner.
 */
export function filterCleaner({ settings, warn }: CleanerOptions): Cleaner {
  let policy: Policy | undefined;
  const warned = new Set<string>();
  const cleared = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    clean(path, bytes) {
      policy ??= readPolicy(settings(), null);
      const { bytes: stored, removed } = policy.clear(bytes, path);
      if (removed.outputs > 0 && !warned.has(path)) cleared.set(path, bytes);
      return stored;
    },
    afterwards() {
      for (const [path, bytes] of cleared) {
        const found = policy!.find(bytes, path).filter(({ inOutput }) => inOutput);
        if (found.length === 0) continue;
        warned.add(path);
        const names = [...new Set(found.map(({ fingerprint }) => fingerprint))].join(", ");
        warn(
          `an output of ${
            maskName(path)
          } holds a token (fingerprint ${names}); it is not stored by ` +
            `git, but it was shown and is saved in the file: rotate it at ${TOKENS_PAGE}`,
        );
      }
      cleared.clear();
    },
  };
}
