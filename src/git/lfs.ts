/**
 * Git LFS: what is staged is a pointer, the content lies elsewhere.
 *
 * @module
 */

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

/**
 * Opens the content behind a pointer: LFS's own copy, which is what will be pushed; else the working
 * file, if it has the right length.
 *
 * @param pointer The pointer.
 * @param gitFolder The git folder, absolute.
 * @param workingFile The working file, absolute.
 * @returns The content as a stream, or undefined if it is not on this machine.
 */
export async function openLfsContent(
  { oid, size }: LfsPointer,
  gitFolder: string,
  workingFile: string,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | undefined> {
  const stored = `${gitFolder}/lfs/objects/${oid.slice(0, 2)}/${oid.slice(2, 4)}/${oid}`;
  for (const path of [stored, workingFile]) {
    try {
      const info = await Deno.lstat(path);
      if (info.isFile && info.size === size) return (await Deno.open(path)).readable;
    } catch { /* Not there, or not readable: the next place. */ }
  }
  return undefined;
}
