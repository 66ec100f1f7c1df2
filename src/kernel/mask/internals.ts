/**
 * The parts of the runtime that the mask hooks into. They are reachable from user code, but no public
 * API: each is looked for before it is used, and where one is missing the mask says so.
 *
 * @module
 */

/** A function of any kind. */
// deno-lint-ignore no-explicit-any -- functions of the runtime, called as they were
export type AnyFunction = (...args: any[]) => any;

/** What of `Deno[Deno.internal]` is used, if it is there. */
export interface Internals {
  /** Operations of the runtime; a plain object that can be changed. */
  ops?: Record<string, AnyFunction>;
  /** Writes text to the notebook: `(text, isError)`. */
  print?: (text: string, isError: boolean) => void;
  /** The object that holds the functions below. */
  holder: {
    inspectArgs?: AnyFunction;
    enableJupyter?: AnyFunction;
    Console?: new (print: (text: string, level: number) => void) => object;
    jupyter?: Record<string, unknown>;
  };
}

/**
 * Looks for the runtime's internals.
 *
 * @returns What there is, or null.
 */
export function findInternals(): Internals | null {
  try {
    const deno = Deno as unknown as { internal?: symbol } & Record<symbol, unknown>;
    const holder = deno[deno.internal!] as Internals["holder"] & {
      core?: { ops?: Record<string, AnyFunction>; print?: Internals["print"] };
    };
    if (typeof holder !== "object" || holder === null) return null;
    const { ops, print } = holder.core ?? {};
    return {
      holder,
      ...(typeof ops === "object" && ops !== null && { ops }),
      ...(typeof print === "function" && { print }),
    };
  } catch {
    return null;
  }
}
