/**
 * One line of the security status.
 *
 * @module
 */

/** How a thing stands: nothing to do, worth a look, or to be mended now. */
export type SecurityLevel = "good" | "warning" | "bad";

/** The group a line belongs to. */
export type SecurityGroup = "token" | "storage" | "use" | "record" | "repository" | "notebook";

/** The groups, in the order they are shown. */
export const GROUPS: readonly SecurityGroup[] = [
  "token",
  "storage",
  "use",
  "record",
  "repository",
  "notebook",
];

/** One thing that was looked at. */
export interface SecurityLine {
  /** Stable name, such as `store.mode`; the same thing always has the same. */
  readonly id: string;
  /** Where it is shown. */
  readonly group: SecurityGroup;
  /** How it stands. */
  readonly level: SecurityLevel;
  /** What was looked at, a few words. */
  readonly title: string;
  /** What was found, one sentence without final period. */
  readonly text: string;
  /** The command that mends it, where there is one. */
  readonly mend?: string;
}

/**
 * Makes lines of one group.
 *
 * @param group The group.
 * @returns A function that makes a line from id, level, title, text and the command that mends it.
 */
export function linesOf(
  group: SecurityGroup,
): (id: string, level: SecurityLevel, title: string, text: string, mend?: string) => SecurityLine {
  return (id, level, title, text, mend) => ({
    id: `${group}.${id}`,
    group,
    level,
    title,
    text,
    ...(mend !== undefined && { mend }),
  });
}

/**
 * The worst level of some lines.
 *
 * @param lines The lines.
 * @returns `bad` if any is, else `warning` if any is, else `good`.
 */
export function worst(lines: readonly SecurityLine[]): SecurityLevel {
  const levels = new Set(lines.map(({ level }) => level));
  return levels.has("bad") ? "bad" : levels.has("warning") ? "warning" : "good";
}

/**
 * A number and a noun.
 *
 * @param count How many.
 * @param one The noun for one.
 * @param many The noun for any other number. Default: `one` and an s.
 * @returns Such as `1 token` or `3 tokens`.
 */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
