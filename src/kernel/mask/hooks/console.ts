/**
 * Hooks `console`, which is also `node:console`: its methods are replaced by those of a console that
 * masks what it prints, on the same object.
 *
 * @module
 */

import { combined, type Hook, HookMissing, replaceProperty } from "../hook.ts";
import type { AnyFunction, Internals } from "../internals.ts";
import { maskText } from "../secrets.ts";
import { maskValue } from "../value.ts";

const CUSTOM_INSPECT = Symbol.for("Deno.customInspect");

/** An argument whose text will be masked: the public way, for methods that are not the runtime's. */
function maskedArgument(value: unknown): unknown {
  if (typeof value === "string") return maskText(value);
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
  return {
    [CUSTOM_INSPECT](inspect: (value: unknown, options: unknown) => string, options: unknown) {
      return maskText(inspect(value, options));
    },
  };
}

function wrapped(method: AnyFunction, name: string): AnyFunction {
  return name === "table"
    ? (data: unknown, columns?: unknown) => method(maskValue(data), columns)
    : (...args: unknown[]) => method(...args.map(maskedArgument));
}

/**
 * Whether a method is the runtime's own; any other was put there by the notebook. The runtime's are
 * native (but not bound, as a notebook's may be), or, before Deno 2.9, those of its `Console`.
 */
function isRuntimes(method: AnyFunction, fresh: AnyFunction): boolean {
  const source = Function.prototype.toString;
  const text = source.call(method);
  return text === source.call(fresh) ||
    (text.includes("[native code]") && !method.name.startsWith("bound "));
}

/** Methods that print. The others (`clear`, `profile`, …) show no values. */
const PRINTING = [
  "assert",
  "count",
  "countReset",
  "debug",
  "dir",
  "dirxml",
  "error",
  "group",
  "groupCollapsed",
  "groupEnd",
  "info",
  "log",
  "table",
  "time",
  "timeEnd",
  "timeLog",
  "trace",
  "warn",
];

/**
 * Installs the hook. Where the runtime's `Console` is not to be had, and for methods that the
 * notebook has replaced, the arguments are masked instead of the text.
 *
 * @param internals The runtime's internals, or null for the public way alone.
 * @returns The hook.
 * @throws {HookMissing} When `console` cannot be changed.
 */
export function hookConsole(internals: Internals | null): Hook {
  const console = globalThis.console as unknown as Record<string, AnyFunction>;
  const Console = internals?.holder.Console;
  const print = internals?.print;
  let fresh: Record<string, unknown> = {};
  if (typeof Console === "function" && print !== undefined) {
    fresh = new Console((text, level) => print(maskText(text), level > 1)) as typeof fresh;
  }
  const hooks: Hook[] = [];
  try {
    for (const name of PRINTING) {
      const current = console[name];
      if (typeof current !== "function") continue;
      const method = fresh[name];
      const replacement = typeof method === "function" && isRuntimes(current, method as AnyFunction)
        ? method
        : wrapped(current, name);
      hooks.push(replaceProperty(console, name, replacement));
    }
  } catch (error) {
    for (const hook of hooks.toReversed()) hook.uninstall();
    throw error;
  }
  if (hooks.length === 0) throw new HookMissing("console has no methods");
  return combined(hooks);
}
