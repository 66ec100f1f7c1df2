/**
 * The filter as one long-running process (gitattributes, "Long Running Filter Process"): one start
 * serves every file of a `git add`, `status`, `diff`, `stash` or `checkout`.
 *
 * It never fails a file: without the filter being `required`, git would pass the file anyway, and with
 * it a failure deletes working files or refuses unrelated work. The hook is the gate.
 *
 * @module
 */

import { GitError } from "../errors.ts";
import { endInRoom, roomForFile } from "../notebook/skip.ts";
import { ContentFramer, linePackets, PacketReader, type ReadBytes } from "./pkt_line.ts";

/** What the filter process works with. */
export interface FilterOptions {
  /** Where git's packets come from. */
  readonly read: ReadBytes;
  /** Where the answers go, each by one call; it writes all bytes. */
  readonly write: (bytes: Uint8Array) => void;
  /**
   * Turns a working file into what git stores.
   *
   * @param path The file from the top of the working tree.
   * @param bytes Its content; it is valid until {@link FilterOptions.afterwards} has ended.
   * @returns The content to store. What it throws passes the file as it is, with a warning.
   */
  readonly clean: (path: string, bytes: Uint8Array<ArrayBuffer>) => Uint8Array;
  /**
   * Called after each answer: while git hashes and compresses it, there is time for what git need not
   * wait for. Default: nothing.
   */
  readonly afterwards?: () => void | Promise<void>;
  /** Is told, in one sentence, what could not be cleaned. */
  readonly warn: (message: string) => void;
}

/**
 * What the filter says first, in the words of `printf`: its name, version 2, and that it can clean and
 * smudge. The shell says it before this program starts: git ends with an error when a filter dies before
 * this, and merely passes the file when it dies after.
 */
export const GREETING = "0016git-filter-server\\n000eversion=2\\n0000" +
  "0015capability=clean\\n0016capability=smudge\\n0000";

/**
 * Serves git until it closes the stream. {@link GREETING} must have been said already.
 *
 * @param options Streams and the cleaning function.
 * @throws {GitError} If the other end does not speak version 2 of the protocol.
 */
export async function serveFilter(options: FilterOptions): Promise<void> {
  const { read, write } = options;
  const reader = new PacketReader(read, roomForFile);
  const framer = new ContentFramer();
  const greeting = reader.lines() ?? [];
  if (greeting[0] !== "git-filter-client" || !greeting.includes("version=2")) {
    throw new GitError(
      "git-failed",
      "Cannot serve as a filter: this is started by git itself, which did not ask for version 2 of " +
        "its filter protocol",
    );
  }
  reader.lines(); // What git can do; it was told what we can.

  const success = linePackets(["status=success"]);
  const flush = linePackets([]);
  for (let request = reader.lines(); request !== undefined; request = reader.lines()) {
    const value = (key: string) =>
      request!.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? "";
    const content = reader.content();
    endInRoom(content);
    let stored: Uint8Array = content; // Smudge: what git stores is what belongs into the working file.
    let failure: { readonly error: unknown } | undefined;
    if (value("command") === "clean") {
      try {
        stored = options.clean(value("pathname"), content);
      } catch (error) {
        failure = { error };
      }
    }
    write(framer.frame(success, stored, flush)); // After the content, the status still holds.
    if (failure !== undefined) options.warn(await passedText(value("pathname"), failure.error));
    const later = options.afterwards?.();
    if (later !== undefined) await later;
  }
}

/** What to say of a file that is passed as it is. */
async function passedText(path: string, error: unknown): Promise<string> {
  const { maskName } = await import("../notebook/mask_name.ts");
  // Only our own errors are known to quote nothing of the notebook.
  const why = error instanceof Error && "code" in error ? `: ${error.message}` : "";
  return `Cannot clear ${maskName(path)}, so it is passed to git as it is${why}`;
}
