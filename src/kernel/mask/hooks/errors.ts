/**
 * Hooks how an uncaught error reaches the kernel: as `JSON.stringify({ name, message, stack })`, called
 * in the notebook's own realm. Only that very shape is touched. This covers every kind of thrown
 * value, since the kernel has turned it into three strings by then.
 *
 * @module
 */

import { type Hook, HookMissing, replaceProperty } from "../hook.ts";
import { maskText } from "../secrets.ts";

/** The three strings, or undefined when the value has any other shape. */
function report(value: unknown): { name: string; message: string; stack: string } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const keys = Object.keys(value);
  if (keys.length !== 3) return undefined;
  const { name, message, stack } = value as Record<string, unknown>;
  return typeof name === "string" && typeof message === "string" && typeof stack === "string"
    ? { name, message, stack }
    : undefined;
}

/**
 * Installs the hook. Where `JSON.stringify` cannot be replaced, stack traces are masked as they are
 * made. That is only the second best: the runtime's own formatting (locations from source maps, file
 * addresses) cannot be had from there, so it is not used unless needed.
 *
 * @returns The hook.
 * @throws {HookMissing} When neither can be changed.
 */
export function hookErrors(): Hook {
  const stringify = JSON.stringify;
  const masking = function (value: unknown, ...rest: unknown[]): string | undefined {
    const parts = rest.length === 0 ? report(value) : undefined;
    if (parts === undefined) return Reflect.apply(stringify, JSON, [value, ...rest]);
    return stringify({
      name: maskText(parts.name),
      message: maskText(parts.message),
      stack: maskText(parts.stack),
    });
  };
  Object.defineProperties(masking, {
    name: { value: "stringify", configurable: true },
    length: { value: 3, configurable: true },
  });
  try {
    return replaceProperty(JSON, "stringify", masking);
  } catch (error) {
    if (!(error instanceof HookMissing)) throw error;
    return hookStacks();
  }
}

type Prepare = (error: Error, sites: NodeJS.CallSite[]) => unknown;

/**
 * Masks stack traces as they are made, and name and message of the error with them. A
 * `prepareStackTrace` that the notebook sets is called as before.
 */
function hookStacks(): Hook {
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  let own: Prepare | undefined = before?.value;
  const prepare: Prepare = (error, sites) => {
    for (const key of ["message", "name"] as const) {
      try {
        const text = error[key];
        if (typeof text === "string" && maskText(text) !== text) {
          Object.defineProperty(error, key, { value: maskText(text), configurable: true });
        }
      } catch { /* a getter that throws, or a frozen error: the stack is masked all the same */ }
    }
    const stack = own === undefined
      ? `${Error.prototype.toString.call(error)}${sites.map((site) => `\n    at ${site}`).join("")}`
      : own(error, sites);
    return typeof stack === "string" ? maskText(stack) : stack;
  };
  const descriptor: PropertyDescriptor = {
    configurable: true,
    get: () => prepare,
    set: (value: Prepare | undefined) => void (own = value === prepare ? undefined : value),
  };
  if (!Reflect.defineProperty(Error, "prepareStackTrace", descriptor)) {
    throw new HookMissing("neither JSON.stringify nor Error.prepareStackTrace can be changed");
  }
  const inPlace = () =>
    Object.getOwnPropertyDescriptor(Error, "prepareStackTrace")?.get === descriptor.get;
  return {
    inPlace,
    uninstall() {
      if (!inPlace()) return;
      if (own === undefined) Reflect.deleteProperty(Error, "prepareStackTrace");
      else {
        Reflect.defineProperty(Error, "prepareStackTrace", {
          value: own,
          writable: true,
          configurable: true,
          enumerable: true,
        });
      }
    },
  };
}
