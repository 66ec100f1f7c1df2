/**
 * Notices that are useful once and a nuisance in every cell.
 *
 * @module
 */

import { openStateFolder, type StateFolderOptions } from "../state/folder.ts";
import { withLock } from "../state/lock.ts";
import { readPrivateFile, writePrivateFile } from "../state/private_file.ts";

/** A day, in ms. */
const DAY = 86_400_000;

/**
 * Whether a notice is due: it is, unless it was within the last 24 hours, in any process. Then it
 * counts as given. Where that cannot be kept, it is always due.
 *
 * @param name Names the notice; letters, digits, `-` and `:`.
 * @param options The private folder, and the clock.
 * @returns Whether to give it now.
 */
export async function isDue(
  name: string,
  options: StateFolderOptions & { readonly now?: () => number },
): Promise<boolean> {
  const now = (options.now ?? Date.now)();
  try {
    const path = `${await openStateFolder(options)}/notices.json`;
    return await withLock(`${path}.lock`, async () => {
      const given = await readTimes(path);
      const last = given[name] ?? -Infinity;
      // A time ahead of the clock is a clock that was set back; it must not silence the notice.
      if (last <= now && now - last < DAY) return false;
      const kept = Object.entries(given).filter(([, at]) => at <= now && now - at < DAY);
      const text = JSON.stringify({ ...Object.fromEntries(kept), [name]: now });
      await writePrivateFile(path, new TextEncoder().encode(`${text}\n`));
      return true;
    });
  } catch {
    return true;
  }
}

async function readTimes(path: string): Promise<Record<string, number>> {
  const bytes = await readPrivateFile(path, { maxBytes: 65_536 });
  if (bytes === null) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, number] =>
        typeof entry[1] === "number"
      ),
    );
  } catch {
    return {}; // damaged: the notices come once more
  }
}
