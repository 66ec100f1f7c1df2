/**
 * The temporary files that private files are written through, and what is left of them when their
 * writer is killed.
 *
 * @module
 */

/**
 * Names a temporary file; no two calls give the same.
 *
 * @param folder The private folder.
 * @param name Name of the file that is to be written.
 * @returns A path in that folder.
 */
export function temporaryPath(folder: string, name: string): string {
  return `${folder}/.${name}.${crypto.randomUUID()}.tmp`;
}

const LEFTOVER = /^\.(.+)\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * Removes the temporary files of writers that were killed. A writer at work holds a lock on its
 * file, so it is left alone.
 *
 * @param folder The private folder.
 * @param name Only those of this file. Default: all.
 */
export function removeLeftovers(folder: string, name?: string): void {
  try {
    for (const entry of Deno.readDirSync(folder)) {
      const owner = LEFTOVER.exec(entry.name)?.[1];
      if (owner === undefined || (name !== undefined && owner !== name) || !entry.isFile) continue;
      const path = `${folder}/${entry.name}`;
      try {
        using file = Deno.openSync(path, { read: true });
        if (file.tryLockSync(true)) Deno.removeSync(path);
      } catch { /* renamed or removed in between, or not ours to remove */ }
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    // Sweeping is a courtesy: a folder that cannot be listed fails where it matters.
  }
}
