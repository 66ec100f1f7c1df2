/** Debian's jupyter-notebook, as a person starts it. */

import type { Checkout } from "./checkout.ts";

/** A running Jupyter server. */
export interface Jupyter extends AsyncDisposable {
  /** Its address, such as `http://127.0.0.1:40001/`. */
  readonly url: string;
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/**
 * Starts a server on a copy of the project.
 *
 * @param project Whose notebooks it serves.
 * @param env More environment for it and its kernels.
 */
export async function startJupyter(
  project: Checkout,
  env: Record<string, string>,
): Promise<Jupyter> {
  const port = freePort();
  const log = `${project.home}/jupyter.log`;
  const child = new Deno.Command("sh", {
    args: [
      ...["-c", 'exec "$@" >"$0" 2>&1', log],
      ...["jupyter-notebook", "--no-browser", "--ip=127.0.0.1", `--port=${port}`],
      ...["--port-retries=0", "--NotebookApp.token=", "--NotebookApp.password="],
      ...["--allow-root", `--notebook-dir=${project.path}`],
    ],
    clearEnv: true,
    env: { ...project.env, ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const url = `http://127.0.0.1:${port}/`;
  const close = async () => {
    try {
      child.kill("SIGTERM"); // it stops its kernels, then itself
    } catch { /* ended already */ }
    await child.status;
  };
  for (let tries = 0; tries < 600; tries++) {
    const answer = await fetch(`${url}api`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.ok) return { url, [Symbol.asyncDispose]: close };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await close();
  throw new Error(`jupyter-notebook does not answer: ${await Deno.readTextFile(log)}`);
}
