/**
 * What each hook of the mask has in common: it says what it covers, whether it is in place, and can be
 * taken out.
 *
 * @module
 */

/** A place where the mask can hook into the runtime. */
export type HookName = "display" | "inspect" | "console" | "errors" | "input";

/** An installed hook. */
export interface Hook {
  /** Whether outputs pass through it now; false when something later replaced it. */
  inPlace(): boolean;
  /** Puts back what was there, unless something later has replaced the hook. */
  uninstall(): void;
}

/** Why a hook could not be installed. */
export class HookMissing extends Error {}

/**
 * Replaces a property and remembers how to put it back.
 *
 * @param target The object.
 * @param key The property.
 * @param value What to put there; the property's other attributes stay.
 * @returns The hook.
 * @throws {HookMissing} When the property cannot be changed.
 */
export function replaceProperty(target: object, key: PropertyKey, value: unknown): Hook {
  const before = Object.getOwnPropertyDescriptor(target, key);
  const descriptor: PropertyDescriptor = {
    value,
    writable: true,
    configurable: true,
    enumerable: before?.enumerable ?? false,
  };
  if (!Reflect.defineProperty(target, key, descriptor)) {
    throw new HookMissing(`${String(key)} cannot be changed`);
  }
  const inPlace = () => Object.getOwnPropertyDescriptor(target, key)?.value === value;
  return {
    inPlace,
    uninstall() {
      if (!inPlace()) return;
      if (before === undefined) Reflect.deleteProperty(target, key);
      else Reflect.defineProperty(target, key, before);
    },
  };
}

/**
 * Several replacements as one hook.
 *
 * @param hooks The parts.
 * @returns In place when all are; taken out in reverse order.
 */
export function combined(hooks: readonly Hook[]): Hook {
  return {
    inPlace: () => hooks.every((hook) => hook.inPlace()),
    uninstall: () => hooks.toReversed().forEach((hook) => hook.uninstall()),
  };
}
