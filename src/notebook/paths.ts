/**
 * Which notebooks a command line names: files, folders, patterns, or nothing for all of a
 * repository.
 *
 * @module
 */

import { FileError, type FileErrorCode } from "../errors.ts";
import { isTemporaryName } from "./replace.ts";
import { absolute, join, splitPattern, upTo } from "./path.ts";
import { isPathPattern, pathPattern } from "./path_pattern.ts";
import { repositoryRoot } from "./repository_root.ts";

/** One notebook to look at. */
export interface FoundNotebook {
  /** Its path as the user would write it: relative to the working folder where it was named so. */
  readonly path: string;
  /** Its absolute path. */
  readonly file: string;
  /** Whether it is a checkpoint copy: searched for tokens, never written. */
  readonly checkpoint: boolean;
}

/** What a command line names. */
export interface FoundNotebooks {
  /** The notebooks, in order, each once. */
  readonly notebooks: readonly FoundNotebook[];
  /** What could not be found or read. */
  readonly failures: readonly { readonly path: string; readonly error: FileError }[];
  /** Absolute paths of temporary files of ours that were seen in these folders. */
  readonly leftovers: readonly string[];
  /** So many notebooks were left out because git ignores them. */
  readonly ignored: number;
}

/** How {@link findNotebooks} looks. */
export interface FindNotebooksOptions {
  /** The working folder, absolute. */
  readonly cwd: string;
  /**
   * Which of these paths, relative to a folder in a repository, git ignores. Default: none.
   */
  readonly ignored?: (folder: string, paths: readonly string[]) => Promise<ReadonlySet<string>>;
}

const CHECKPOINTS = ".ipynb_checkpoints";
const SKIPPED = new Set([".git", "node_modules"]);
const isNotebookName = (name: string) => /\.ipynb$/i.test(name);

/** Notebooks below one folder, grouped by the repository they belong to. */
interface Group {
  /** Folder of the repository, absolute; undefined where there is none. */
  readonly root: string | undefined;
  /** The group of the repository around it, and its own path there. */
  readonly outer?: { readonly group: Group; readonly path: string };
  readonly notebooks: { path: string; inside: string; checkpoint: boolean }[];
}

/** What became of the groups of one folder. */
interface Fate {
  /** Repositories that the one around them ignores. */
  readonly gone: Set<Group>;
  /**
   * Groups in which the user has named an ignored folder, so that git's word does not count there.
   */
  readonly named: Set<Group>;
}

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch {
    return undefined;
  }
}

/** Collects what lies below folders; one for each command line. */
class Search {
  readonly found = new Map<string, FoundNotebook>();
  readonly failures: { path: string; error: FileError }[] = [];
  readonly leftovers: string[] = [];
  ignored = 0;
  readonly #seen = new Set<string>();
  readonly #cwd: string;
  readonly #isIgnored: NonNullable<FindNotebooksOptions["ignored"]>;

  constructor({ cwd, ignored }: FindNotebooksOptions) {
    this.#cwd = cwd;
    this.#isIgnored = ignored ?? (() => Promise.resolve(new Set()));
  }

  add(path: string, file: string, checkpoint: boolean): void {
    if (!this.found.has(file)) this.found.set(file, { path, file, checkpoint });
  }

  /** A file that the user has named, and what lies beside it. */
  file(path: string): void {
    const file = absolute(this.#cwd, path);
    this.add(path, file, false);
    const folder = file.slice(0, file.lastIndexOf("/") + 1);
    if (this.#seen.has(folder)) return;
    this.#seen.add(folder);
    for (const { name } of this.#entries(folder)) this.#leftover(join(folder, name), name);
  }

  #leftover(path: string, name: string): void {
    if (isTemporaryName(name)) this.leftovers.push(absolute(this.#cwd, path));
  }

  fail(path: string, code: FileErrorCode, message: string): void {
    this.failures.push({ path, error: new FileError(code, message) });
  }

  /** All notebooks below a folder that `wanted` accepts, by their path from that folder. */
  async folder(path: string, wanted: (inside: string) => boolean = () => true): Promise<void> {
    const top = absolute(this.#cwd, path);
    const root = repositoryRoot(top);
    const groups: Group[] = [{ root, notebooks: [] }];
    this.#walk({ path, inside: "", top, checkpoint: false }, groups[0]!, groups, wanted);
    if (groups.every(({ notebooks }) => notebooks.length === 0)) return;
    const fate: Fate = { gone: new Set(), named: new Set() };
    for (const group of groups) {
      for (const notebook of await this.#kept(group, top, fate)) {
        this.add(notebook.path, join(top, notebook.inside), notebook.checkpoint);
      }
    }
  }

  #walk(
    folder: { path: string; inside: string; top: string; checkpoint: boolean },
    group: Group,
    groups: Group[],
    wanted: (inside: string) => boolean,
  ): void {
    const entries = this.#entries(folder.path);
    if (entries.some(({ name }) => name === "pyvenv.cfg")) return; // a Python environment
    const whole = folder.inside === "" ? folder.top : `${folder.top}/${folder.inside}`;
    let own = group;
    if (folder.inside !== "" && entries.some(({ name }) => name === ".git")) {
      own = { root: whole, outer: { group, path: whole }, notebooks: [] };
      groups.push(own);
    }
    for (const { name, isDirectory, isFile } of entries) {
      const path = join(folder.path, name);
      const inside = join(folder.inside, name);
      if (isDirectory && !SKIPPED.has(name)) {
        const checkpoint = folder.checkpoint || name === CHECKPOINTS;
        this.#walk({ ...folder, path, inside, checkpoint }, own, groups, wanted);
      } else if (isFile && isNotebookName(name) && wanted(inside)) {
        own.notebooks.push({ path, inside, checkpoint: folder.checkpoint });
      } else if (isFile) {
        this.#leftover(path, name);
      }
    }
  }

  #entries(path: string): Deno.DirEntry[] {
    try {
      const entries = [...Deno.readDirSync(path === "" ? "." : absolute(this.#cwd, path))];
      return entries.sort((a, b) => a.name < b.name ? -1 : 1);
    } catch {
      this.fail(path, "file-unreadable", "Cannot read the folder: this user, or Deno, may not");
      return [];
    }
  }

  /** The notebooks of a group that git does not ignore; checkpoint copies stay in any case. */
  async #kept(group: Group, top: string, fate: Fate): Promise<Group["notebooks"]> {
    const { root, outer, notebooks } = group;
    if (root === undefined) return notebooks;
    const copies = notebooks.filter(({ checkpoint }) => checkpoint);
    const others = notebooks.filter(({ checkpoint }) => !checkpoint);
    if (
      outer !== undefined && !fate.named.has(outer.group) &&
      (fate.gone.has(outer.group) || await this.#ignores(outer.group, outer.path))
    ) {
      fate.gone.add(group);
      this.ignored += others.length;
      return copies;
    }
    const relative = ({ inside }: { inside: string }) => `${top}/${inside}`.slice(root.length + 1);
    const named = outer === undefined && top !== root ? [top.slice(root.length + 1)] : [];
    const ignored = await this.#isIgnored(root, [...others.map(relative), ...named]);
    // A folder that git ignores and the user names is wanted all the same.
    if (named.some((folder) => ignored.has(folder))) {
      fate.named.add(group);
      return notebooks;
    }
    const kept = others.filter((notebook) => !ignored.has(relative(notebook)));
    this.ignored += others.length - kept.length;
    return notebooks.filter((notebook) => notebook.checkpoint || kept.includes(notebook));
  }

  async #ignores({ root }: Group, path: string): Promise<boolean> {
    if (root === undefined) return false;
    const relative = path.slice(root.length + 1);
    return (await this.#isIgnored(root, [relative])).has(relative);
  }
}

/**
 * Finds the notebooks a command line names.
 *
 * A folder stands for the notebooks in it, at any depth, without `.git`, `node_modules`, Python
 * environments and files that git ignores; those in `.ipynb_checkpoints` are found as checkpoint
 * copies. Symbolic links in it are not followed. A pattern (see `pathPattern`) stands for what it
 * matches, by the same rules. A file stands for itself, whatever it is. Nothing stands for the
 * folder of this repository, or, outside of one, the working folder.
 *
 * Needs `--allow-read`.
 *
 * @param names What the user wrote.
 * @param options The working folder, and how to ask git.
 * @returns The notebooks, and what could not be found.
 */
export async function findNotebooks(
  names: readonly string[],
  options: FindNotebooksOptions,
): Promise<FoundNotebooks> {
  const { cwd } = options;
  const search = new Search(options);
  for (const name of names.length === 0 ? [upTo(cwd, repositoryRoot(cwd) ?? cwd)] : names) {
    const info = infoOf(absolute(cwd, name));
    if (info?.isDirectory) {
      await search.folder(name.replace(/(.)[/\\]+$/, "$1"));
    } else if (info?.isFile) {
      search.file(name);
    } else if (info !== undefined) {
      search.fail(
        name,
        "file-not-regular",
        "Cannot read the notebook: this is no regular file; name a notebook or a folder",
      );
    } else if (isPathPattern(name)) {
      const count = search.found.size;
      const { folder, rest } = splitPattern(name);
      if (infoOf(absolute(cwd, folder || "."))?.isDirectory) {
        await search.folder(folder || ".", pathPattern(rest, { exact: true }));
      }
      if (search.found.size === count) {
        search.fail(name, "file-missing", "Cannot read the notebooks: the pattern matches none");
      }
    } else {
      search.fail(
        name,
        "file-missing",
        "Cannot read the notebook: there is no such file; check the spelling",
      );
    }
  }
  const { found, failures, leftovers, ignored } = search;
  return { notebooks: [...found.values()], failures, leftovers, ignored };
}
