/**
 * Finds the list of allowed findings that holds for a file: `.hushbook-allow` at the root of its
 * repository, or in the working folder where there is no repository.
 *
 * @module
 */

import { ConfigError } from "../errors.ts";
import { ALLOW_FILE, AllowList, parseAllow } from "./allow.ts";
import type { Finding } from "./finding.ts";
import { repositoryRoot } from "./repository_root.ts";

function readList(folder: string): AllowList {
  const path = `${folder}/${ALLOW_FILE}`;
  try {
    return new AllowList(parseAllow(Deno.readTextFileSync(path), path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new AllowList([]);
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `Cannot use the list in ${path}: the file cannot be read; change its permissions`,
    );
  }
}

/** One root and its list. */
interface Root {
  readonly folder: string;
  readonly list: AllowList;
}

/** Answers which findings are allowed where; reads each list once. */
export class AllowResolver {
  readonly #cwd: string;
  readonly #lists = new Map<string, AllowList>();
  readonly #byFolder = new Map<string, Root>();
  readonly #known: Map<string, string | undefined>;

  /**
   * Prepares to answer.
   *
   * @param cwd The working folder, absolute: the root of files in no repository.
   * @param known Folders whose repository is known; see `repositoryRoot`.
   */
  constructor(cwd: string, known: Map<string, string | undefined> = new Map()) {
    this.#known = known;
    this.#cwd = cwd;
  }

  /** The lists that were read, by their folder. */
  get lists(): ReadonlyMap<string, AllowList> {
    return this.#lists;
  }

  /**
   * Reads the list that holds for a file, so that a wrong one is refused before anything is done.
   * Needs `--allow-read`.
   *
   * @param file The file's absolute path.
   * @throws {ConfigError} When the list is not valid.
   */
  prepare(file: string): void {
    this.#rootOf(file);
  }

  /**
   * Whether a finding is allowed. Needs `--allow-read`.
   *
   * @param finding The finding.
   * @param file Absolute path of the file it is in.
   * @returns True when an entry that has not expired names it.
   * @throws {ConfigError} When the list is not valid.
   */
  allows(finding: Finding, file: string): boolean {
    const { folder, list } = this.#rootOf(file);
    const inside = file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
    return list.allows(finding, inside);
  }

  #rootOf(file: string): Root {
    const folder = file.slice(0, file.lastIndexOf("/")) || "/";
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const top = repositoryRoot(folder, this.#known) ?? this.#cwd;
    const list = this.#lists.get(top) ?? readList(top);
    this.#lists.set(top, list);
    const root = { folder: top, list };
    this.#byFolder.set(folder, root);
    return root;
  }
}
