/**
 * Clearing the output of a cell while it runs.
 *
 * @module
 */

import { inKernel } from "../detect.ts";

/**
 * Clears what the running cell has put out so far. Outside a notebook it does nothing.
 *
 * @param options `wait: true` clears only when the next output comes, so that nothing flickers;
 *   default false.
 *
 * @example Count down in one place
 * ```ts
 * import { clearOutput, show } from "hushbook";
 *
 * for (let left = 3; left > 0; left--) {
 *   clearOutput({ wait: true });
 *   await show(`${left} left`);
 * }
 * ```
 */
export function clearOutput(options: { readonly wait?: boolean } = {}): void {
  if (!inKernel()) return;
  Deno.jupyter.broadcast("clear_output", { wait: options.wait === true });
}
