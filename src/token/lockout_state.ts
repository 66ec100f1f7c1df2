/**
 * The form of `lockout.json`.
 *
 * @module
 */

/** One subject's entry. */
export interface LockoutEntry {
  /** Failures in a row. */
  readonly failures: number;
  /** Until when it is locked, in ms since 1970; 0 when it is not. */
  readonly until: number;
}

/** All entries by subject. */
export type LockoutState = Record<string, LockoutEntry>;

/** Stands for every subject: what is locked while the state cannot be read. */
export const EVERYTHING = "*";

/** Most subjects kept; the ones not locked go first. */
const MOST = 500;

/**
 * How long an entry locks.
 *
 * @param entry The entry; undefined for a subject without failures.
 * @param now The time, in ms since 1970.
 * @returns The time left, in ms; 0 when it does not lock.
 */
export function remaining(entry: LockoutEntry | undefined, now: number): number {
  return entry === undefined || entry.until === 0 ? 0 : Math.max(0, entry.until - now);
}

/**
 * Reads the file.
 *
 * @param bytes Its content.
 * @returns The entries, or null when the file is not as {@link printState} writes it.
 */
export function parseState(bytes: Uint8Array): LockoutState | null {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (value?.v !== 1 || !isObject(value.subjects)) return null;
    const state: LockoutState = Object.create(null);
    for (const [subject, entry] of Object.entries(value.subjects)) {
      if (!/^(?:\*|store|[0-9a-f]{12})$/.test(subject) || !isObject(entry)) return null;
      const { failures, until } = entry as Record<string, unknown>;
      if (!isCount(failures) || !isCount(until)) return null;
      state[subject] = { failures, until };
    }
    return state;
  } catch {
    return null;
  }
}

/**
 * Writes the file.
 *
 * @param state The entries.
 * @returns Its content.
 */
export function printState(state: LockoutState): Uint8Array {
  let entries = Object.entries(state);
  if (entries.length > MOST) {
    entries = entries.sort(([, a], [, b]) => b.until - a.until).slice(0, MOST);
  }
  const text = JSON.stringify({ v: 1, subjects: Object.fromEntries(entries) }, null, 2);
  return new TextEncoder().encode(`${text}\n`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
