/**
 * Replacing a text file of the user's or of git's in one step.
 *
 * @module
 */

/**
 * Writes a file so that at any moment either the old or the new content is there, whole: a temporary
 * file in the same folder, then a rename.
 *
 * @param path The file, absolute; its folder exists.
 * @param content The new content.
 * @param options `mode`: permissions, default those of the file that is there, else 0644.
 * `followLinks`: whether to write where a symbolic link leads (default), or to put the file in its
 * place.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  { mode, followLinks = true }: { readonly mode?: number; readonly followLinks?: boolean } = {},
): Promise<void> {
  let target = path;
  let permissions = mode ?? 0o644;
  try {
    if (followLinks) target = await Deno.realPath(path);
    permissions = mode ?? ((await Deno.stat(target)).mode ?? 0o644) & 0o7777;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const temporary = `${target}.hushbook-${crypto.randomUUID()}`;
  try {
    const file = await Deno.open(temporary, { write: true, createNew: true, mode: 0o600 });
    try {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
      await file.sync();
    } finally {
      file.close();
    }
    if (Deno.build.os !== "windows") await Deno.chmod(temporary, permissions);
    await Deno.rename(temporary, target);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}
