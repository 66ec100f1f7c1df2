/**
 * The private folder: who can reach its files, and what the stored token is protected against.
 *
 * @module
 */

import { HushbookError } from "../../errors.ts";
import type { StoreMode } from "../../token/envelope.ts";
import { inspectStore } from "../../token/store.ts";
import { counted, linesOf, type SecurityLine } from "../line.ts";
import type { PartContext } from "./options.ts";

/** One private file or folder. */
export interface FileState {
  /** Its path inside the private folder; `.` is the folder. */
  readonly name: string;
  /** Its permissions as octal digits, such as `0600`; null where the system has none. */
  readonly mode: string | null;
  /** Whether only its owner can reach it, and that is this user. */
  readonly safe: boolean;
}

/** What is stored. */
export interface StorageState {
  /** The private folder, absolute. */
  readonly folder: string;
  /** Its files. */
  readonly files: readonly FileState[];
  /** What opens the stored token; null when none is stored. */
  readonly mode: StoreMode | null;
}

/** What each mode protects against, and against what it does not. */
const PROTECTS: Readonly<Record<StoreMode, string>> = {
  machine:
    "Encrypted for this machine: safe when the file alone is copied or committed, not from other programs of yours",
  passphrase: "Encrypted with a passphrase: safe at rest from anyone who does not know it",
  both: "Encrypted with a passphrase and this machine's key: the file opens nowhere else",
};

const line = linesOf("storage");

/**
 * Looks at permissions, without mending them, and at the stored token, without opening it.
 *
 * @param context Where.
 * @returns What is stored, and the lines about it.
 */
export async function storagePart(
  context: PartContext,
): Promise<{ storage: StorageState; lines: SecurityLine[] }> {
  const files = await filesIn(context.folder);
  const lines: SecurityLine[] = [];
  const open = files.filter(({ safe }) => !safe);
  if (open.length > 0) {
    const [first] = open;
    lines.push(
      line(
        "files",
        "bad",
        "Private files",
        `${counted(open.length, "file")} can be reached by other users, such as ${first!.name} (${
          first!.mode ?? "foreign owner"
        })`,
        `chmod -R go= '${context.folder}'`,
      ),
    );
  } else if (files.length > 0) {
    lines.push(
      line("files", "good", "Private files", `Only you can reach all ${files.length} of them`),
    );
  }
  let mode: StoreMode | null = null;
  try {
    const store = files.length === 0 ? null : await inspectStore(context);
    mode = store?.mode ?? null;
    if (mode !== null) lines.push(line("mode", "good", "Stored token", PROTECTS[mode]));
  } catch (error) {
    if (!(error instanceof HushbookError)) throw error;
    lines.push(line("mode", "bad", "Stored token", error.message, "hushbook token save"));
  }
  return { storage: { folder: context.folder, files, mode }, lines };
}

async function filesIn(folder: string): Promise<FileState[]> {
  const files: FileState[] = [];
  const look = async (path: string, name: string) => {
    let info: Deno.FileInfo;
    try {
      info = await Deno.lstat(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      throw error;
    }
    files.push({ name, mode: modeOf(info), safe: isSafe(info) });
    if (!info.isDirectory) return;
    for await (const entry of Deno.readDir(path)) {
      await look(`${path}/${entry.name}`, name === "." ? entry.name : `${name}/${entry.name}`);
    }
  };
  await look(folder, ".");
  return files.sort((a, b) => a.name < b.name ? -1 : 1);
}

function modeOf({ mode }: Deno.FileInfo): string | null {
  if (mode === null || Deno.build.os === "windows") return null;
  return (mode & 0o777).toString(8).padStart(4, "0");
}

function isSafe(info: Deno.FileInfo): boolean {
  if (Deno.build.os === "windows") return true; // permissions are not enforced there
  return !info.isSymlink && ((info.mode ?? 0) & 0o077) === 0 && info.uid === Deno.uid();
}
