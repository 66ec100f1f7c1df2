/**
 * Which notebook a cell belongs to.
 *
 * @module
 */

import { inKernel } from "./detect.ts";

/**
 * The notebook's file name, from `JPY_SESSION_NAME`, which Jupyter servers set for their kernels.
 * Other front ends do not tell.
 *
 * @param env Reads an environment variable.
 * @returns The last part of the path, or undefined outside a kernel and where nobody tells.
 */
export function notebookName(env: (name: string) => string | undefined): string | undefined {
  if (!inKernel()) return undefined;
  const name = env("JPY_SESSION_NAME")?.split(/[/\\]/).at(-1);
  // Only what the audit log takes: printable, and the name of a notebook.
  return name !== undefined && name.length <= 200 && /^[^\p{C}\u2028\u2029?#]+\.ipynb$/u.test(name)
    ? name
    : undefined;
}
