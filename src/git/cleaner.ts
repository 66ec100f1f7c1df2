/**
 * What the filter does with one file.
 *
 * @module
 */

import { maskTokens } from "../secret/mask.ts";
import { TOKEN_PAGE } from "./token_page.ts";
import { type Policy, readPolicy } from "./policy.ts";

/** What a cleaner works with. */
export interface CleanerOptions {
  /** Reads `hushbook.json` of the working tree; null if there is none. */
  readonly settings: () => Uint8Array | null;
  /** Is told once for each file whose cleared outputs held a token. */
  readonly warn: (message: string) => void;
}

/**
 * Makes the function that turns a working file into what git stores: a notebook without outputs.
 *
 * @param options Settings and warnings.
 * @returns The function. It throws NotebookError for a notebook it does not understand, and
 * ConfigError for settings that are not valid.
 */
export function filterCleaner(
  { settings, warn }: CleanerOptions,
): (path: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array {
  let policy: Policy | undefined;
  const warned = new Set<string>();
  return (path, bytes) => {
    policy ??= readPolicy(settings(), null);
    const { bytes: cleared, removed } = policy.clear(bytes, path);
    if (removed.outputs === 0 || warned.has(path)) return cleared;
    const found = policy.find(bytes, path).filter(({ inOutput }) => inOutput);
    if (found.length > 0) {
      warned.add(path);
      const names = [...new Set(found.map(({ fingerprint }) => fingerprint))].join(", ");
      warn(
        `an output of ${
          maskTokens(path)
        } holds a token (fingerprint ${names}); it is not stored by ` +
          `git, but it was shown and is saved in the file: rotate it at ${TOKEN_PAGE}`,
      );
    }
    return cleared;
  };
}
