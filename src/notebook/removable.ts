/**
 * Which keys are removed: the default list, the user's additions and exceptions, as paths such as
 * `metadata.widgets` and `cell.metadata.scrolled`.
 *
 * @module
 */

import { UsageError } from "../errors.ts";

/**
 * The keys removed from every notebook unless kept by name: signatures, saved widget state, and
 * what the notebook program notes about folding, scrolling and timing. nbstripout's list.
 */
export const DEFAULT_KEYS: readonly string[] = [
  "metadata.signature",
  "metadata.widgets",
  "cell.metadata.collapsed",
  "cell.metadata.ExecuteTime",
  "cell.metadata.execution",
  "cell.metadata.heading_collapsed",
  "cell.metadata.hidden",
  "cell.metadata.scrolled",
];

/** Members without which a notebook is not valid, or which hold the user's work. */
const PROTECTED = new Set([
  "cell.cell_type",
  "cell.id",
  "cell.input",
  "cell.metadata",
  "cell.source",
  "cell.outputs",
  "cell.execution_count",
  "cell.prompt_number",
]);

/** Keys to remove from an object, and from the objects inside it. */
export interface KeyTree {
  /** Members to remove. */
  readonly whole: ReadonlySet<string>;
  /** Members to look into. */
  readonly inside: ReadonlyMap<string, KeyTree>;
}

/**
 * A tree of dotted paths. A key may hold dots itself, so `a.b` is both the key `a.b` and `b` in
 * `a`.
 */
function keyTree(paths: readonly string[]): KeyTree {
  const whole = new Set(paths);
  const heads = new Map<string, string[]>();
  for (const path of paths) {
    const dot = path.indexOf(".");
    if (dot < 0) continue;
    const head = path.slice(0, dot);
    heads.set(head, [...heads.get(head) ?? [], path.slice(dot + 1)]);
  }
  return {
    whole,
    inside: new Map([...heads].map(([head, rest]) => [head, keyTree(rest)])),
  };
}

/** The keys to remove from a notebook. */
export interface RemovableKeys {
  /** From the notebook's metadata. */
  readonly notebook: KeyTree;
  /** From each cell. */
  readonly cell: KeyTree;
}

/**
 * Checks one path of `extraKeys`.
 *
 * @param path For example `metadata.foo` or `cell.metadata.bar`.
 * @returns Why it cannot be removed, or undefined when it can.
 */
export function refuseKey(path: string): string | undefined {
  if (!/^(metadata|cell)\.[^\s]+$/.test(path)) {
    return "a key begins with metadata. or cell. and names a member, such as cell.metadata.scrolled";
  }
  return PROTECTED.has(path)
    ? "a notebook without it is not valid; outputs and execution counts are cleared anyway"
    : undefined;
}

/** A key as a message may show it: no token pasted by mistake is printed. */
function shownKey(path: string): string {
  return /^[\w.-]{1,30}$/.test(path) ? path : `${path.slice(0, 12)}…`;
}

/**
 * The keys to remove.
 *
 * @param extraKeys Paths to remove besides {@link DEFAULT_KEYS}.
 * @param keepMetadataKeys Paths not to remove, written exactly as they stand in either list.
 * @returns The keys, ready for use.
 * @throws {UsageError} When a path cannot be removed.
 */
export function removableKeys(
  extraKeys: readonly string[],
  keepMetadataKeys: readonly string[],
): RemovableKeys {
  for (const path of extraKeys) {
    const why = refuseKey(path);
    if (why !== undefined) throw new UsageError(`Cannot remove the key ${shownKey(path)}: ${why}`);
  }
  const paths = [...DEFAULT_KEYS, ...extraKeys].filter((path) => !keepMetadataKeys.includes(path));
  const under = (prefix: string) =>
    paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  return { notebook: keyTree(under("metadata.")), cell: keyTree(under("cell.")) };
}
