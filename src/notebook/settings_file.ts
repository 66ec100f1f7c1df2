/**
 * Finds the settings that hold for a notebook: `hushbook.json` at the root of its repository, or in
 * the working folder where there is no repository.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { repositoryRoot } from "./repository_root.ts";
import { keepsOutput, NO_SETTINGS, optionsFor, parseSettings } from "./settings.ts";
import { type Settings, SETTINGS_FILE } from "./settings.ts";
import type { StripOptions } from "./strip.ts";

/** One root and its settings. */
interface Root {
  readonly folder: string;
  readonly settings: Settings;
  /** Options for notebooks that the settings let keep their outputs, and for others. */
  readonly options: Map<boolean, StripOptions>;
}

function readSettings(folder: string): Settings {
  const path = `${folder}/${SETTINGS_FILE}`;
  try {
    return parseSettings(Deno.readFileSync(path), path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NO_SETTINGS;
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `Cannot use the settings in ${path}: the file cannot be read; change its permissions`,
    );
  }
}

/** Answers which options hold for which notebook; reads each settings file once. */
export class SettingsResolver {
  readonly #cwd: string;
  readonly #flags: StripOptions;
  readonly #roots = new Map<string, Root>();
  readonly #byFolder = new Map<string, Root>();
  readonly #known: Map<string, string | undefined>;

  /**
   * Prepares to answer.
   *
   * @param cwd The working folder, absolute: the root of notebooks in no repository.
   * @param flags Options of the command line.
   * @param known Folders whose repository is known; see `repositoryRoot`.
   */
  constructor(
    cwd: string,
    flags: StripOptions = {},
    known: Map<string, string | undefined> = new Map(),
  ) {
    this.#known = known;
    this.#cwd = cwd;
    this.#flags = flags;
  }

  /**
   * The options for a notebook. Needs `--allow-read`.
   *
   * @param file Its absolute path.
   * @returns The options; the same object for notebooks that share them.
   * @throws {ConfigError} When the settings are not valid.
   */
  optionsFor(file: string): StripOptions {
    const folder = file.slice(0, file.lastIndexOf("/")) || "/";
    const root = this.#byFolder.get(folder) ?? this.#findRoot(folder);
    const { settings } = root;
    const inside = file.startsWith(`${root.folder}/`)
      ? file.slice(root.folder.length + 1)
      : file.slice(1);
    const keep = keepsOutput(settings, inside);
    const known = root.options.get(keep);
    if (known !== undefined) return known;
    const options = optionsFor(settings, keep, this.#flags);
    root.options.set(keep, options);
    return options;
  }

  #findRoot(folder: string): Root {
    const top = repositoryRoot(folder, this.#known) ?? this.#cwd;
    let root = this.#roots.get(top);
    if (root === undefined) {
      root = { folder: top, settings: readSettings(top), options: new Map() };
      this.#roots.set(top, root);
    }
    this.#byFolder.set(folder, root);
    return root;
  }
}
