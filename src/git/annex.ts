/**
 * git-annex: what is staged for an unlocked file is a pointer, the content lies elsewhere. A locked one
 * is a symbolic link, which stays as it is.
 *
 * @module
 */

/** The most a pointer file holds, in bytes (git-annex, "pointer files": 32 KiB). */
const LONGEST = 32 * 1024;

const START = new TextEncoder().encode("/annex/objects/");

/**
 * Whether a blob is an annex pointer, and therefore no notebook whatever its name.
 *
 * @param bytes A blob, or the start of one.
 * @returns True for a pointer.
 */
export function isAnnexPointer(bytes: Uint8Array): boolean {
  return bytes.length <= LONGEST && START.every((byte, at) => bytes[at] === byte);
}

/**
 * Opens the content of an unlocked annexed file: git-annex keeps it in the working file too.
 *
 * @param workingFile The working file, absolute.
 * @returns The content as a stream; undefined if there is no such file. Where the content is not on
 * this machine, it is the pointer once more.
 */
export async function openAnnexed(
  workingFile: string,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
  try {
    if (!(await Deno.lstat(workingFile)).isFile) return undefined;
    return (await Deno.open(workingFile)).readable;
  } catch (error) {
    const { NotADirectory, NotFound } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw error;
  }
}
