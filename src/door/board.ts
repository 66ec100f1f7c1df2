/**
 * The one board per process on which connections are written down. It hangs on the global object
 * under a registered symbol, so that two copies of hushbook in one kernel (two versions, or two
 * import URLs) never hand out the same placeholder and see each other's connections. Nothing is
 * made at import.
 *
 * @module
 */

/** What all copies of hushbook in this process share. */
export interface Board {
  /** How many placeholders have been handed out. */
  handedOut: number;
  /** The guarded fetch of each open connection, by its placeholder. */
  readonly routes: Map<string, typeof fetch>;
  /** Each routing fetch put in the global's place, and the fetch it stands before. */
  readonly layers: WeakMap<typeof fetch, typeof fetch>;
}

const key = Symbol.for("hushbook.door/1");

/**
 * Finds the board, and hangs it up when it is first asked for.
 *
 * @returns The board of this process.
 */
export function board(): Board {
  const holder = globalThis as { [key]?: Board };
  const existing = holder[key];
  if (existing !== undefined) return existing;
  const made: Board = { handedOut: 0, routes: new Map(), layers: new WeakMap() };
  Object.defineProperty(globalThis, key, { value: made, enumerable: false });
  return made;
}
