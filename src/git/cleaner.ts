/**
 * What the filter does with one file.
 *
 * @module
 */

import { applyCuts, type Cut } from "../notebook/cut.ts";
import { keepsOutput, NO_SETTINGS, optionsFor, parseSettings } from "../notebook/settings.ts";
import { findCuts, type StripPlan, stripPlan } from "../notebook/strip.ts";
import { SUSPECT_MINIMUM } from "../secret/shape.ts";

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
   * @param bytes Its content; it must stay valid until {@link Cleaner.afterwards} has ended.
   * @returns The content to store.
   * @throws {NotebookError} If the notebook cannot be understood.
   * @throws {ConfigError} If the settings are not valid.
   */
  clean(path: string, bytes: Uint8Array<ArrayBuffer>): Uint8Array;
  /** Searches the outputs that the last call cleared, and warns of tokens in them. */
  afterwards(): Promise<void>;
}

/** A notebook whose outputs were cleared, until they are searched. */
interface ClearedOutputs {
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly cuts: readonly Cut[];
}

/**
 * Makes a cleaner.
 *
 * @param options Settings and warnings.
 * @returns The cleaner.
 */
export function filterCleaner({ settings, warn }: CleanerOptions): Cleaner {
  let planFor: ((path: string) => StripPlan) | undefined;
  const warned = new Set<string>();
  let last: ClearedOutputs | undefined;
  let mayHold: ((bytes: Uint8Array) => boolean) | undefined;
  return {
    clean(path, bytes) {
      last = undefined;
      planFor ??= plansOf(settings());
      const { cuts, removed } = findCuts(bytes, planFor(path));
      if (cuts.length === 0) return bytes;
      if (removed.outputs > 0 && !warned.has(path)) last = { path, bytes, cuts };
      return applyCuts(bytes, cuts);
    },
    async afterwards() {
      if (last === undefined) return;
      const { path, bytes, cuts } = last;
      last = undefined;
      // Loaded while git stores the first notebook, not before it is answered.
      mayHold ??= await loadPrefilter();
      // Only what was cut: a token in outputs that stay is for the hook to refuse.
      if (!cuts.some(({ start, end }) => mayHold!(bytes.subarray(start, end)))) return;
      const { findTokens } = await import("../notebook/find.ts");
      const found = findTokens(bytes, { path }).filter(({ inOutput }) => inOutput);
      if (found.length === 0) return;
      warned.add(path);
      const names = [...new Set(found.map(({ fingerprint }) => fingerprint))].join(", ");
      const { maskName } = await import("../notebook/mask_name.ts");
      const { TOKENS_PAGE } = await import("../notebook/report_words.ts");
      warn(
        `an output of ${
          maskName(path)
        } holds a token (fingerprint ${names}); it is not stored by ` +
          `git, but it was shown and is saved in the file: rotate it at ${TOKENS_PAGE}`,
      );
    },
  };
}

/** Whether bytes cut from a notebook may hold a token. */
async function loadPrefilter(): Promise<(bytes: Uint8Array) => boolean> {
  const [{ mayHoldToken }, { rawText }] = await Promise.all([
    import("../notebook/find_prefilter.ts"),
    import("../notebook/find_raw.ts"),
  ]);
  return (bytes) => bytes.length >= SUSPECT_MINIMUM && mayHoldToken(bytes, rawText(bytes));
}

/** How each notebook is stripped, by its path; what the settings say for most is made ready once. */
function plansOf(file: Uint8Array | null): (path: string) => StripPlan {
  const settings = file === null ? NO_SETTINGS : parseSettings(file);
  const [cleared, kept] = [false, true].map((keep) => stripPlan(optionsFor(settings, keep)));
  return (path) => keepsOutput(settings, path) ? kept! : cleared!;
}
