/**
 * Git LFS: what is staged is a pointer, the content lies elsewhere.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { gitText } from "./run.ts";

/** What an LFS pointer says (git-lfs, docs/spec.md). */
export interface LfsPointer {
  /** SHA-256 of the content. */
  readonly oid: string;
  /** Length of the content in bytes. */
  readonly size: number;
}

/**
 * Reads an LFS pointer.
 *
 * @param bytes A blob.
 * @returns What it points to, or undefined if it is no pointer.
 */
export function lfsPointer(bytes: Uint8Array): LfsPointer | undefined {
  if (bytes.length > 1024 || bytes[0] !== 0x76) return undefined;
  const text = new TextDecoder().decode(bytes);
  const found = /^version https:\/\/[^\n]+\n(?:[^\n]+\n)*?oid sha256:([0-9a-f]{64})\nsize (\d+)\n/u
    .exec(text);
  return found === null ? undefined : { oid: found[1]!, size: Number(found[2]) };
}

/** The content that LFS pointers of one repository stand for; asks git where it is only when it is needed. */
export class LfsContent {
  readonly #cwd: string;
  #stores: Promise<readonly string[]> | undefined;

  /**
   * Prepares to open content.
   *
   * @param cwd A folder in the repository, absolute.
   */
  constructor(cwd: string) {
    this.#cwd = cwd;
  }

  /**
   * Opens the content behind a pointer: LFS's own copy, which is what will be pushed; else the
   * working file, if it has the right length.
   *
   * Needs `--allow-run=git`, and `--allow-read` for the common git folder.
   *
   * @param pointer The pointer.
   * @param workingFile The working file, absolute.
   * @returns The content as a stream, or undefined if it is not on this machine.
   * @throws {GitError} If the content may be on this machine, where Deno may not read.
   */
  async open(
    { oid, size }: LfsPointer,
    workingFile: string,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
    this.#stores ??= lfsStores(this.#cwd);
    const inside = `objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`;
    let closed = false;
    for (const path of [...(await this.#stores).map((one) => `${one}/${inside}`), workingFile]) {
      try {
        const info = await Deno.lstat(path);
        if (info.isFile && info.size === size) return (await Deno.open(path)).readable;
      } catch (error) {
        // Not there, or not readable: the next place.
        closed ||= error instanceof Deno.errors.NotCapable ||
          error instanceof Deno.errors.PermissionDenied;
      }
    }
    if (!closed) return undefined;
    throw new GitError(
      "git-failed",
      "Cannot read the content of an LFS file: LFS keeps it where this check may not read, and the " +
        "file in the working tree is another version; git add that file as it is now, and try again",
    );
  }
}

/** The folders LFS keeps content in: one for all worktrees of a repository (git-lfs-config, "lfs.storage"). */
async function lfsStores(cwd: string): Promise<readonly string[]> {
  const where = { cwd, env: { LC_ALL: "C" } };
  try {
    const common = await gitText(
      ["rev-parse", "--path-format=absolute", "--git-common-dir"],
      where,
    );
    const named = await gitText(["config", "--type=path", "--get", "lfs.storage"], {
      ...where,
      exits: [0, 1],
    });
    const own = `${common}/lfs`;
    if (named === "") return [own];
    return [/^(?:[\\/]|[A-Za-z]:[\\/])/u.test(named) ? named : `${common}/${named}`, own];
  } catch (error) {
    if (error instanceof GitError && error.code !== "git-failed") return []; // nobody to ask
    throw error;
  }
}
