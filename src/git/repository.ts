/**
 * Questions about a repository: where it is, which files it has, which it ignores, which it tracks.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { gitText, runGit } from "./run.ts";

/** Where the parts of a repository are. All paths are absolute. */
export interface Repository {
  /** The working tree this folder belongs to, or undefined in a bare repository. */
  readonly top: string | undefined;
  /** The git folder of this working tree; a linked worktree has its own. */
  readonly gitFolder: string;
  /** The git folder shared by all linked worktrees. */
  readonly commonFolder: string;
}

/**
 * Finds the repository a folder belongs to.
 *
 * @param folder The folder to ask about, absolute. Default: the working folder.
 * @returns Its working tree and git folders.
 * @throws {GitError} With code `git-no-repository` if it belongs to none.
 */
export async function findRepository(folder?: string): Promise<Repository> {
  // English, so that "not a git repository" can be told from other failures.
  const where = { ...(folder === undefined ? {} : { cwd: folder }), env: { LC_ALL: "C" } };
  const answer = await gitText(
    [
      "rev-parse",
      "--is-bare-repository",
      "--is-inside-work-tree",
      "--path-format=absolute",
      "--git-dir",
      "--git-common-dir",
    ],
    where,
  );
  const [, inside, gitFolder, commonFolder] = answer.split("\n");
  if (gitFolder === undefined || commonFolder === undefined) {
    throw new GitError(
      "git-failed",
      "Cannot find the repository: git rev-parse answered too little",
    );
  }
  // Asked by itself: it fails in a bare repository, and a folder name may hold a line end.
  const top = inside === "true"
    ? await gitText(["rev-parse", "--show-toplevel"], where)
    : undefined;
  return { top, gitFolder, commonFolder };
}

/** A repository that has a working tree. */
export interface WorkTree extends Repository {
  /** The top of the working tree. */
  readonly top: string;
}

/**
 * Finds the working tree a folder belongs to.
 *
 * @param folder The folder, absolute.
 * @returns The repository and its working tree.
 * @throws {GitError} With code `git-no-repository` if it is in none, or in a bare repository.
 */
export async function workTree(folder: string): Promise<WorkTree> {
  const { top, ...folders } = await findRepository(folder);
  if (top !== undefined) return { top, ...folders };
  throw new GitError(
    "git-no-repository",
    "Cannot go on: this is a git folder or a bare repository, and nothing is committed in it; change " +
      "to a working tree",
  );
}

/**
 * The folder git runs hooks from: `core.hooksPath`, else `hooks` in the common git folder.
 *
 * @param tree The working tree.
 * @returns Its absolute path; it need not exist.
 * @throws {GitError} If git fails.
 */
export async function hooksFolder({ top }: WorkTree): Promise<string> {
  return (await gitText(["rev-parse", "--path-format=absolute", "--git-path", "hooks"], {
    cwd: top,
  }))
    .replace(/(?<=.)\/+$/u, "");
}

/** Whether what git said means that there is no repository, or no git, to ask. */
function nobodyToAsk(error: unknown): boolean {
  return error instanceof GitError &&
    (error.code === "git-no-repository" || error.code === "git-missing");
}

function namesOf(bytes: Uint8Array): string[] {
  const names = new TextDecoder().decode(bytes).split("\0");
  names.pop();
  return [...new Set(names)];
}

/**
 * Lists the files of a repository below a folder: tracked ones, and untracked ones that are not
 * ignored. A tracked file that is gone from the working tree is listed too; git's own folder,
 * submodules' content and what an embedded repository holds are not.
 *
 * @param folder The folder, absolute.
 * @param patterns Git pathspecs, such as `*.ipynb` (in any folder below) or `:/*.ipynb` (in the whole
 * repository). Default: every file below the folder.
 * @returns Paths relative to the folder, or null if the folder is in no repository or there is no git.
 * @throws {GitError} If git fails otherwise.
 */
export async function listFiles(
  folder: string,
  patterns: readonly string[] = [],
): Promise<string[] | null> {
  try {
    const { stdout } = await runGit([
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
      "--deduplicate",
      "--",
      ...patterns,
    ], { cwd: folder, env: { LC_ALL: "C" } });
    return namesOf(stdout);
  } catch (error) {
    if (nobodyToAsk(error)) return null;
    throw error;
  }
}

/**
 * Which of these paths git ignores. A path that is tracked is not ignored, whatever the patterns say.
 *
 * @param folder The folder the paths are relative to, absolute.
 * @param paths Paths to files or folders; they need not exist.
 * @param options `tracked`: also tracked paths that the patterns would ignore; default false.
 * @returns Those that are ignored, as they were given; empty in no repository or without git.
 * @throws {GitError} If git fails otherwise.
 */
export async function ignoredPaths(
  folder: string,
  paths: readonly string[],
  { tracked = false }: { readonly tracked?: boolean } = {},
): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  try {
    const flags = tracked ? ["--no-index"] : [];
    const { stdout } = await runGit(["check-ignore", ...flags, "-z", "--stdin"], {
      cwd: folder,
      env: { LC_ALL: "C" },
      input: paths.map((path) => `${path}\0`).join(""),
      exits: [0, 1],
    });
    return new Set(namesOf(stdout));
  } catch (error) {
    if (nobodyToAsk(error)) return new Set();
    throw error;
  }
}

/**
 * Whether git tracks a file, and would therefore commit and share it.
 *
 * @param path The file, absolute.
 * @returns True if it is in the index of the repository its folder belongs to.
 * @throws {GitError} With code `git-missing` if there is no git to ask, or if git fails.
 */
export async function isTracked(path: string): Promise<boolean> {
  const file = Deno.build.os === "windows" ? path.replaceAll("\\", "/") : path;
  const cut = file.lastIndexOf("/") + 1;
  try {
    const { stdout } = await runGit(
      ["--literal-pathspecs", "ls-files", "-z", "--cached", "--", file.slice(cut)],
      { cwd: file.slice(0, cut), env: { LC_ALL: "C" } },
    );
    return stdout.length > 0;
  } catch (error) {
    if (error instanceof GitError && error.code === "git-no-repository") return false;
    throw error;
  }
}
