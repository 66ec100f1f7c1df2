/** Small disks of their own, for tests of a full and of a read-only one. */

/** Whether this user may mount here: root in most containers may not. */
function mayMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  try {
    const args = ["-t", "tmpfs", "tmpfs", folder];
    if (!new Deno.Command("mount", { args }).outputSync().success) return false;
    return new Deno.Command("umount", { args: [folder] }).outputSync().success;
  } finally {
    Deno.removeSync(folder);
  }
}

/**
 * Test options for a test that mounts. Where that is not allowed it is left out, and its name says so:
 * `Deno.test({ ...needsMount("append says that the disk is full"), fn() { … } })`.
 */
export function needsMount(name: string): { name: string; ignore: boolean } {
  return mayMount()
    ? { name, ignore: false }
    : { name: `${name} [left out: nothing may be mounted here]`, ignore: true };
}
