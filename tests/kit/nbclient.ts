/** Debian's nbclient, as the reference for how a notebook is executed. */

import { ROOT } from "./kernel.ts";
import { installKernel } from "./kernelspec.ts";
import { temporaryFolder } from "./temporary.ts";

/** The program to name in `needs()`: it comes with Debian's python3-nbclient. */
export const NBCLIENT = "jupyter-execute";

/**
 * The Deno kernel says `idle` while outputs of the cell are still on their way, and nbclient stops
 * listening there: about every tenth cell loses its last outputs, the more the busier the machine. So
 * this one goes on listening until the kernel has answered twice. How outputs are taken in, what is
 * shown, cleared, updated or an error stays nbclient's. A machine under load is slow, not broken: the
 * time limits are only there to end a test that hangs.
 */
const SCRIPT = `
import sys, nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbclient.util import ensure_async

class Patient(NotebookClient):
    async def _async_poll_output_msg(self, cell_id, cell, cell_index):
        await super()._async_poll_output_msg(cell_id, cell, cell_index)
        for _ in range(2):
            question = self.kc.kernel_info()
            while True:
                message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=None))
                parent = message["parent_header"].get("msg_id")
                if parent == cell_id:
                    self.process_message(message, cell, cell_index)
                elif parent == question and message["content"].get("execution_state") == "idle":
                    break

path, cwd, allow = sys.argv[1:4]
notebook = nbformat.read(path, as_version=4)
client = Patient(notebook, kernel_name="deno", allow_errors=allow == "1", timeout=300,
                 iopub_timeout=300, raise_on_iopub_timeout=True, startup_timeout=300,
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
