/**
 * Passing options on to parts whose options may be left out but not be `undefined`.
 *
 * @module
 */

/**
 * Leaves out the options that are not set: the other parts' options do not know `undefined`.
 *
 * @param options Any options.
 * @returns The ones that are set.
 */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]: Exclude<T[K], undefined> };
}
