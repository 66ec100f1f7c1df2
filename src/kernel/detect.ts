/**
 * Whether this code runs in a notebook.
 *
 * @module
 */

/**
 * Tells whether this is a cell of the Deno Jupyter kernel. Reading `Deno.jupyter` throws everywhere
 * else, and the property exists everywhere, so there is no simpler way to ask.
 *
 * @returns True in the kernel.
 */
export function inKernel(): boolean {
  try {
    return typeof Deno.jupyter.broadcast === "function";
  } catch {
    return false;
  }
}
