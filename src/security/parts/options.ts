/**
 * What every part of the status works with.
 *
 * @module
 */

import type { EnvReader } from "../../state/folder.ts";

/** The place, the clock and the environment that a status is taken of. */
export interface PartContext {
  /** The private folder, absolute. */
  readonly folder: string;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** Reads an environment variable. */
  readonly env: EnvReader;
  /** The clock, in ms since 1970. */
  readonly now: () => number;
}
