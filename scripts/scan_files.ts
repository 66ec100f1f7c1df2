/**
 * Which files `hushbook scan` reads, and how.
 *
 * @module
 */

import { LfsContent, lfsPointer } from "../src/git/lfs.ts";
import { LARGE, searchPieces } from "../src/git/pieces.ts";
import { listFiles } from "../src/git/repository.ts";
import type { Finding } from "../src/notebook/finding.ts";
import { absolute, join, splitPattern, upTo } from "../src/notebook/path.ts";
import { isPathPattern, pathPattern } from "../src/notebook/path_pattern.ts";
import { repositoryRoot } from "../src/notebook/repository_root.ts";
import { maskName, mayNameToken } from "../src/notebook/mask_name.ts";

/** One file to search. */
export interface ScanFile {
  /** Its path as the user would write it. */
  readonly path: string;
  /** Its absolute path. */
  readonly file: string;
  /** Whether the user named it; then a link is followed, and it must be there. */
  readonly named: boolean;
}

/** What a command line names. */
export interface ScanFiles {
  /** The files, each once. */
  readonly files: readonly ScanFile[];
  /** What could not be found or read. */
  readonly failures: readonly { readonly path: string; readonly message: string }[];
}

const SKIPPED = new Set([".git", "node_modules"]);

function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch {
    return undefined;
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Collects files; one for each command line. */
class Listing {
  readonly files = new Map<string, ScanFile>();
  readonly failures: { path: string; message: string }[] = [];
  readonly #cwd: string;

  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  add(path: string, named: boolean): void {
    const file = absolute(this.#cwd, path);
    if (!this.files.has(file)) this.files.set(file, { path, file, named });
  }

  /** Everything below a folder that `wanted` accepts, by its path from that folder. */
  async folder(path: string, wanted: (inside: string) => boolean = () => true): Promise<void> {
    const listed = await listFiles(absolute(this.#cwd, path));
    if (listed === null) return this.#walk(path, "", wanted);
    // A folder that git ignores and the user names is wanted all the same.
    if (listed.length === 0) return this.#walk(path, "", wanted);
    for (const inside of listed) {
      const whole = join(path, inside.replace(/\/$/, ""));
      // A submodule or a repository in the repository has files of its own.
      if (infoOf(absolute(this.#cwd, whole))?.isDirectory === true) {
        await this.folder(whole, (deeper) => wanted(`${inside.replace(/\/$/, "")}/${deeper}`));
      } else if (wanted(inside)) this.add(whole, false);
    }
  }

  #walk(path: string, inside: string, wanted: (inside: string) => boolean): void {
    let entries: Deno.DirEntry[];
    try {
      entries = [...Deno.readDirSync(absolute(this.#cwd, path === "" ? "." : path))]
        .sort((a, b) => a.name < b.name ? -1 : 1);
    } catch {
      this.failures.push({
        path,
        message: "Cannot read the folder: this user, or Deno, may not; change its permissions",
      });
      return;
    }
    if (inside !== "" && entries.some(({ name }) => name === "pyvenv.cfg")) return;
    for (const { name, isDirectory } of entries) {
      const deeper = join(inside, name);
      if (isDirectory && !SKIPPED.has(name)) this.#walk(join(path, name), deeper, wanted);
      else if (!isDirectory && wanted(deeper)) this.add(join(path, name), false);
    }
  }
}

/**
 * Lists the files a command line names. Needs `--allow-read`, and `--allow-run=git` for what git
 * ignores.
 *
 * @param names Files, folders and patterns; none stand for this repository, or this folder.
 * @param cwd The working folder, absolute.
 * @returns The files, and what could not be found.
 */
export async function listScanFiles(names: readonly string[], cwd: string): Promise<ScanFiles> {
  const listing = new Listing(cwd);
  const wanted = names.length === 0 ? [upTo(cwd, repositoryRoot(cwd) ?? cwd)] : names;
  for (const name of wanted) {
    const file = absolute(cwd, name);
    if (isFolder(file)) {
      await listing.folder(name.replace(/(.)[/\\]+$/, "$1"));
    } else if (infoOf(file) !== undefined || !isPathPattern(name)) {
      listing.add(name, true);
    } else {
      const { folder, rest } = splitPattern(name);
      const count = listing.files.size;
      if (isFolder(absolute(cwd, folder || "."))) {
        await listing.folder(folder || ".", pathPattern(rest, { exact: true }));
      }
      if (listing.files.size === count) {
        listing.failures.push({
          path: name,
          message: "Cannot search the files: the pattern matches none; check the spelling",
        });
      }
    }
  }
  return { files: [...listing.files.values()], failures: listing.failures };
}

/** The LFS content of a file's repository; git is asked once for each. */
function lfsOf(file: string, known: Map<string, LfsContent>): LfsContent {
  const folder = file.replace(/\/[^/]*$/, "") || "/";
  const root = repositoryRoot(folder) ?? folder;
  const content = known.get(root) ?? new LfsContent(root);
  known.set(root, content);
  return content;
}

/**
 * Searches one file: its name, its content, and what an LFS pointer stands for.
 *
 * @param one The file.
 * @param find Searches bytes; the path says what kind of file they are, and is missing for the name
 * itself.
 * @param lfs LFS content by repository, for all files of one search; empty at first.
 * @returns Everything found.
 */
export async function searchFile(
  { path, file, named }: ScanFile,
  find: (bytes: Uint8Array, path?: string) => readonly Finding[],
  lfs: Map<string, LfsContent>,
): Promise<Finding[]> {
  const search = (bytes: Uint8Array) => find(bytes, path);
  const findings: Finding[] = mayNameToken(path)
    ? find(new TextEncoder().encode(path))
      .map((found) => ({ ...found, path: maskName(path), field: "name" }))
    : [];
  const info = named ? await Deno.stat(file) : await Deno.lstat(file);
  if (info.isSymlink) {
    return [...findings, ...search(new TextEncoder().encode(await Deno.readLink(file)))];
  }
  if (!info.isFile) return findings;
  if (info.size >= LARGE) {
    return [...findings, ...await searchPieces((await Deno.open(file)).readable, search)];
  }
  const bytes = await Deno.readFile(file);
  findings.push(...search(bytes));
  const pointer = lfsPointer(bytes);
  if (pointer !== undefined) {
    const content = await lfsOf(file, lfs).open(pointer, file);
    if (content !== undefined) findings.push(...await searchPieces(content, search));
  }
  return findings;
}

/**
 * Why a file could not be searched.
 *
 * @param error What was thrown.
 * @returns A sentence.
 * @throws The error itself, if it is none of the file system's.
 */
export function whyUnread(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return "Cannot search the file: there is no such file; check the spelling";
  }
  const mayNot = error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
  if (!mayNot) throw error;
  return "Cannot search the file: this user, or Deno, may not read it; change its permissions";
}
