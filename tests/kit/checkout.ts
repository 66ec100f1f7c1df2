/** A copy of this project as a stranger has it, in a folder of its own, and Jupyter's Deno kernel. */

import { ROOT } from "./kernel.ts";
import { installKernel } from "./kernelspec.ts";
import { temporaryFolder } from "./temporary.ts";

/** A copy of the project. */
export interface Checkout extends Disposable {
  /** The copy's folder. */
  readonly path: string;
  /** A home folder for the programs that work on it. */
  readonly home: string;
  /** The whole environment for these programs: nothing of the user's own but the way to Deno's packages. */
  readonly env: Readonly<Record<string, string>>;
}

const PARTS = ["deno.json", "mod.ts", "src", "notebooks"];

async function copy(from: string, to: string): Promise<void> {
  if ((await Deno.stat(from)).isFile) return await Deno.copyFile(from, to);
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) await copy(`${from}/${name}`, `${to}/${name}`);
}

/** Copies the project. */
export async function checkout(): Promise<Checkout> {
  const folder = temporaryFolder();
  const path = `${folder.path}/hushbook`;
  const home = `${folder.path}/home`;
  await Deno.mkdir(path);
  await Deno.mkdir(home);
  for (const part of PARTS) await copy(`${ROOT}${part}`, `${path}/${part}`);
  // With all that the notebooks import pinned, their kernels need no network.
  await Deno.copyFile(`${ROOT}tests/deno.lock`, `${path}/deno.lock`);
  await installKernel(`${home}/jupyter`);
  const { PATH = "", HOME = "", DENO_DIR = `${HOME}/.cache/deno` } = Deno.env.toObject();
  return {
    path,
    home,
    env: {
      PATH,
      DENO_DIR,
      HOME: home,
      HUSHBOOK_HOME: `${home}/hushbook`,
      JUPYTER_PATH: `${home}/jupyter`,
      JUPYTER_RUNTIME_DIR: `${home}/jupyter-runtime`,
      JUPYTER_CONFIG_DIR: `${home}/jupyter-config`,
      IPYTHONDIR: `${home}/ipython`,
      NO_COLOR: "1",
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
