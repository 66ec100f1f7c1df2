/** Debian's nbclient, as the reference for how a notebook is executed. */

import { ROOT } from "./kernel.ts";
import { installKernel } from "./kernelspec.ts";
import { temporaryFolder } from "./temporary.ts";

/** The program to name in `needs()`: it comes with Debian's python3-nbclient. */
export const NBCLIENT = "jupyter-execute";

const SCRIPT = `
import sys, nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
path, cwd, allow = sys.argv[1:4]
notebook = nbformat.read(path, as_version=4)
client = NotebookClient(notebook, kernel_name="deno", allow_errors=allow == "1", timeout=60,
                        resources={"metadata": {"path": cwd}})
try:
    client.execute()
except CellExecutionError:
    pass
nbformat.write(notebook, path)
`;

/**
 * Executes a notebook in place with Debian's nbclient on this Deno.
 *
 * @param path The notebook.
 * @param options Environment for the kernel, its folder, whether errors are allowed.
 */
export async function nbclient(
  path: string,
  options: { env?: Record<string, string>; cwd?: string; allowErrors?: boolean } = {},
): Promise<void> {
  using folder = temporaryFolder();
  await installKernel(folder.path);
  const { PATH = "", HOME = "", DENO_DIR } = Deno.env.toObject();
  const { success, stderr } = await new Deno.Command("/usr/bin/python3", {
    args: ["-c", SCRIPT, path, options.cwd ?? ROOT, options.allowErrors === true ? "1" : "0"],
    clearEnv: true,
    env: {
      PATH,
      HOME,
      ...(DENO_DIR !== undefined && { DENO_DIR }),
      NO_COLOR: "1",
      JUPYTER_PATH: folder.path,
      JUPYTER_RUNTIME_DIR: folder.path,
      ...options.env,
    },
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`nbclient failed: ${new TextDecoder().decode(stderr)}`);
}
