/**
 * Unstaged edits that a hook manager has set aside while its hooks run. It puts them back as a patch,
 * which no longer fits a working file that was cleared meanwhile: such files are left alone.
 *
 * @module
 */

/**
 * Whether lefthook has set unstaged edits aside: where only a part of a file is staged, it keeps the
 * rest in `info/lefthook-unstaged.patch` of the common git folder and checks out what is staged.
 *
 * Needs `--allow-read` for the git folder.
 *
 * @param gitFolder The git folder of this working tree, absolute.
 * @returns True if a patch waits, be it one that could not be put back earlier.
 */
export function editsAreSetAside(gitFolder: string): boolean {
  try {
    for (const { name } of Deno.readDirSync(`${commonFolder(gitFolder)}/info`)) {
      if (/^lefthook-unstaged.*\.patch$/u.test(name)) return true;
    }
  } catch { /* There need not be such a folder. */ }
  return false;
}

/** What all worktrees share (gitrepository-layout, "commondir"). */
function commonFolder(gitFolder: string): string {
  try {
    const named = Deno.readTextFileSync(`${gitFolder}/commondir`).trim();
    return /^(?:[\\/]|[A-Za-z]:)/u.test(named) ? named : `${gitFolder}/${named}`;
  } catch {
    return gitFolder;
  }
}
