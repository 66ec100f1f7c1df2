/**
 * Tells from the lines of a log, each known to be authentic or not, what was done to it.
 *
 * @module
 */

import { risingRun } from "./rising_run.ts";

/** What was done to the log. */
export type AuditProblemKind =
  | "edited"
  | "inserted"
  | "deleted"
  | "reordered"
  | "spliced"
  | "cut"
  | "rewritten"
  | "key-lost";

/** One thing that is wrong with the log. */
export interface AuditProblem {
  /**
   * `edited`: a record was changed. `inserted`: a line nobody wrote with the key, or a copy of one.
   * `deleted`: records are missing. `reordered`: a record stands in another place. `spliced`: two
   * histories of the log were mixed, as when an old copy was put back. `cut`: records at the end
   * are missing. `rewritten`: the anchored record is another one now. `key-lost`: the key these
   * records were signed with is gone.
   */
  readonly kind: AuditProblemKind;
  /** The file's name. */
  readonly file: string;
  /** The line in that file, from 1: the bad one, or the one before which something is missing. */
  readonly line: number;
  /** First record concerned, when it is known. */
  readonly first?: number;
  /** Last record concerned, when it is known. */
  readonly last?: number;
  /** The same in words. */
  readonly message: string;
}

/** One line. */
export interface Entry {
  /** The file's name. */
  readonly file: string;
  /** The line in it, from 1. */
  readonly line: number;
  /** The number the line states; null when it is no record. */
  readonly seq: number | null;
  /** {@link macTag} of the MAC before, as the line states it. */
  readonly prev: number;
  /** {@link macTag} of its own MAC, as the line states it. */
  readonly mac: number;
  /** Whether that MAC is right. */
  readonly authentic: boolean;
  /** For a record that tells of others: the first. */
  readonly first?: number;
  /** For a record that tells of others: the last. */
  readonly last?: number;
}

/**
 * 48 bits of a MAC, for telling whether an authentic line names another as the one before it.
 * Nobody without the key chooses what they are, and of a million lines all are kept in memory.
 *
 * @param mac 64 hexadecimal digits; empty for none.
 * @returns A number.
 */
export function macTag(mac: string): number {
  return mac === "" ? -1 : Number.parseInt(mac.slice(0, 12), 16);
}

/** What is known besides the lines. */
export interface Known {
  /** The last purge: records up to `through` may be missing. */
  readonly purge: { readonly through: number; readonly head: number } | null;
  /** Number of the record with which the present key began; 0 when it was always the same. */
  readonly rekeyed: number;
  /** Whether there is no key at all. */
  readonly keyMissing: boolean;
}

/** What {@link classify} found. */
export interface Classified {
  /** What is wrong, in no order. */
  readonly problems: AuditProblem[];
  /** How many records stand where they belong. */
  readonly inPlace: number;
}

/**
 * Tells what was done to a log.
 *
 * An authentic record has its number under its MAC, so it can be moved, copied or removed but not
 * renumbered: the longest rising run of authentic records is what stands in place. A line that is
 * not authentic is an edited record if one is missing where it stands, and otherwise was inserted.
 *
 * @param entries All lines, in order.
 * @param known Purges and keys.
 * @returns What is wrong and what stands in place.
 */
export function classify(entries: readonly Entry[], known: Known): Classified {
  const problems: AuditProblem[] = [];
  let lines = entries;
  const unsigned = known.keyMissing
    ? entries.length
    : entries.findIndex(({ authentic, seq }) => authentic && seq === known.rekeyed);
  if (unsigned > 0 && (known.keyMissing || known.rekeyed > 0)) {
    problems.push(lostKey(entries.slice(0, unsigned), known));
    lines = entries.slice(unsigned);
  }

  const authentic = lines.filter((entry): entry is Entry & { seq: number } => entry.authentic);
  const inPlace = risingRun(authentic);
  const present = new Set(authentic.map(({ seq }) => seq));
  const placed = new Set<number>();
  for (const entry of inPlace) placed.add(entry.seq);
  for (const entry of authentic) {
    if (inPlace.has(entry)) continue;
    problems.push(
      placed.has(entry.seq)
        ? problem(
          "inserted",
          entry,
          entry.seq,
          `is a copy of record ${entry.seq}, which stands elsewhere`,
        )
        : problem(
          "reordered",
          entry,
          entry.seq,
          `holds record ${entry.seq}, which belongs elsewhere`,
        ),
    );
  }

  let before: (Entry & { seq: number }) | null = null;
  let foreign: Entry[] = [];
  for (const entry of lines) {
    if (!entry.authentic) foreign.push(entry);
    if (!entry.authentic || !inPlace.has(entry as Entry & { seq: number })) continue;
    const here = entry as Entry & { seq: number };
    const expected = before !== null
      ? before.seq + 1
      : known.rekeyed > 0
      ? here.seq
      : Math.min(here.seq, (known.purge?.through ?? 0) + 1);
    gap(problems, foreign, missing(expected, here.seq, present), here);
    foreign = [];
    if (before !== null && here.seq === before.seq + 1 && here.prev !== before.mac) {
      problems.push(spliced(here));
    }
    if (
      before === null && here.seq - 1 === known.purge?.through && here.prev !== known.purge.head
    ) problems.push(spliced(here));
    before = here;
  }
  // After the last authentic record nothing is known to be missing, except what stands there.
  let next = (before?.seq ?? 0) + 1;
  for (const entry of foreign) {
    problems.push(foreignProblem(entry, entry.seq === next ? next++ : null));
  }
  return { problems, inPlace: inPlace.size };
}

/** Lines without the key's MAC, and missing records, between two that stand in place. */
function gap(problems: AuditProblem[], foreign: Entry[], absent: Set<number>, next: Entry): void {
  const unnamed: Entry[] = [];
  for (const entry of foreign) {
    if (entry.seq !== null && absent.delete(entry.seq)) {
      problems.push(foreignProblem(entry, entry.seq));
    } else unnamed.push(entry);
  }
  for (const entry of unnamed) { // its number was changed too, or is gone
    const [seq] = absent;
    if (seq !== undefined) absent.delete(seq);
    problems.push(foreignProblem(entry, seq ?? null));
  }
  let first: number | null = null;
  const rest = [...absent];
  for (const [index, seq] of rest.entries()) {
    first ??= seq;
    if (rest[index + 1] === seq + 1) continue;
    problems.push({
      kind: "deleted",
      file: next.file,
      line: next.line,
      first,
      last: seq,
      message: `before line ${next.line}, ${
        first === seq ? `record ${seq} is` : `records ${first} to ${seq} are`
      } missing${first === 1 ? ", and no record vouches for their purge" : ""}`,
    });
    first = null;
  }
}

function missing(from: number, to: number, present: ReadonlySet<number>): Set<number> {
  const absent = new Set<number>();
  // A forged number of records cannot be in here: only authentic lines count. Yet a log of which
  // nearly all was deleted shall not fill the memory.
  for (let seq = from; seq < to && absent.size < 10_000_000; seq++) {
    if (!present.has(seq)) absent.add(seq);
  }
  return absent;
}

function foreignProblem(entry: Entry, seq: number | null): AuditProblem {
  return seq === null
    ? problem("inserted", entry, null, "was not written by this log")
    : problem("edited", entry, seq, `is not record ${seq} as it was written`);
}

function spliced(entry: Entry & { seq: number }): AuditProblem {
  return problem(
    "spliced",
    entry,
    entry.seq,
    `holds record ${entry.seq}, which does not follow the one before: two copies of the log were mixed`,
  );
}

function problem(
  kind: AuditProblemKind,
  { file, line }: Entry,
  seq: number | null,
  what: string,
): AuditProblem {
  return {
    kind,
    file,
    line,
    ...(seq !== null && { first: seq, last: seq }),
    message: `line ${line} ${what}`,
  };
}

function lostKey(entries: readonly Entry[], { keyMissing, rekeyed }: Known): AuditProblem {
  const { file, line } = entries[0]!;
  return {
    kind: "key-lost",
    file,
    line,
    message: keyMissing
      ? `none of ${entries.length} lines can be checked: the key is gone`
      : `${entries.length} lines before record ${rekeyed} cannot be checked: their key is gone`,
  };
}
