/**
 * Hooks how values are turned into text. It also covers results and `display` functions that were
 * taken before the mask was there.
 *
 * @module
 */

import { type Hook, HookMissing, replaceProperty } from "../hook.ts";
import type { Internals } from "../internals.ts";
import { maskText } from "../secrets.ts";

/**
 * Installs the hook.
 *
 * @param internals The runtime's internals.
 * @returns The hook.
 * @throws {HookMissing} When the function is not where it should be.
 */
export function hookInspect({ holder }: Internals): Hook {
  const inspect = holder.inspectArgs;
  if (typeof inspect !== "function") {
    throw new HookMissing("the function that formats values is not where it was");
  }
  return replaceProperty(holder, "inspectArgs", (...args: unknown[]) => {
    const text = inspect(...args);
    return typeof text === "string" ? maskText(text) : text;
  });
}
