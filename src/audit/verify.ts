/**
 * Checks the chain: which lines are as they were written, and what was done to the others.
 *
 * @module
 */

import { hmacSha256 } from "../secret/sha256.ts";
import type { AuditRecord } from "./event.ts";
import { type ChainHead, claimedSeq, GENESIS, lineEnd, parseLine, signedPart } from "./record.ts";
import { ACTIVE, type LineBlock, lineBlocks, type Snapshot } from "./segment.ts";
import { type AuditProblem, classify, type Entry, macTag } from "./classify.ts";
import { mergeProblems } from "./merge.ts";

/** What {@link verifyChain} found. */
export interface AuditVerification {
  /** Whether there is no problem. Notices are none. */
  readonly ok: boolean;
  /** Records whose MAC is right. */
  readonly records: number;
  /** The last of them: what an anchor would say now. */
  readonly head: ChainHead;
  /** The files that were read, oldest first, with their number of lines. */
  readonly segments: readonly { readonly name: string; readonly lines: number }[];
  /** What is wrong, in the order of the log. */
  readonly problems: readonly AuditProblem[];
  /**
   * What is worth knowing and not wrong: expired records, torn tails, gaps, calls without an end.
   */
  readonly notices: readonly string[];
  /** Records up to this number were purged as too old; 0 when none were. */
  readonly expiredThrough: number;
  /** Inference calls that were started and whose end was not recorded. */
  readonly unfinished: number;
}

const NOTE_LIMIT = 100;

/**
 * Reads all lines, checks their MACs and explains what does not fit.
 *
 * @param snapshot The files.
 * @param key The chain's key, or null when it is gone.
 * @param anchor A head kept elsewhere, to find out whether the end was cut off.
 * @param onProgress Is told now and then how much is done, from 0 to 1.
 * @returns What was found.
 */
export async function verifyChain(
  snapshot: Snapshot,
  key: Uint8Array | null,
  anchor: ChainHead | null = null,
  onProgress: (done: number) => void = () => {},
): Promise<AuditVerification> {
  const sign = key === null ? () => "" : hmacSha256(key);
  const entries: Entry[] = [];
  const segments: { name: string; lines: number }[] = [];
  const notices: string[] = [];
  const said = (notice: string) => notices.length < NOTE_LIMIT && notices.push(notice);
  const started = new Set<string>();
  const repaired = new Set<string>();
  let purge: { through: number; head: string } | null = null;
  let rekeyed = 0;
  let head = GENESIS;
  let anchored = false;
  const cuts: Entry[] = [];

  const told = (record: AuditRecord, entry: Entry) => {
    switch (record.event) {
      case "inference.start":
        if (record.id !== undefined) started.add(record.id);
        break;
      case "inference.end":
        if (record.id !== undefined) started.delete(record.id);
        break;
      case "audit.purge":
        if (record.last !== undefined && record.last >= (purge?.through ?? 0)) {
          purge = { through: record.last, head: record.head ?? "" };
          said(
            `Records up to ${record.last} expired: they were purged at ${record.time}` +
              (record.problems ? `, though ${record.problems} problems were known` : ""),
          );
        }
        break;
      case "audit.repair":
        if (record.segment !== undefined) repaired.add(record.segment);
        said(
          `A torn line of ${record.bytes} bytes before record ${record.seq} is kept in ` +
            `${record.segment}; its writer was killed at or before ${record.time}`,
        );
        break;
      case "audit.gap":
        said(
          `${record.records} events before record ${record.seq} could not be recorded ` +
            `(${record.time}): disk or folder did not take them`,
        );
        break;
      case "audit.rekey":
        rekeyed = Math.max(rekeyed, record.seq);
        break;
      case "audit.cut":
        cuts.push({ ...entry, first: record.first!, last: record.last! });
        break;
    }
  };

  const size = snapshot.segments.reduce((sum, segment) => sum + segment.size, 0);
  let read = 0;
  for (const [index, segment] of snapshot.segments.entries()) {
    let line = 0;
    const lastFile = index === snapshot.segments.length - 1;
    const check = ({ lines, rest }: LineBlock) => {
      const all = rest.length > 0 && !lastFile ? [...lines, rest] : lines;
      for (const bytes of all) {
        line++;
        const end = lineEnd(bytes);
        const authentic = end !== null && sign(signedPart(bytes)) === end.mac;
        const entry: Entry = {
          file: segment.name,
          line,
          seq: end?.seq ?? claimedSeq(bytes),
          prev: macTag(end?.prev ?? ""),
          mac: macTag(end?.mac ?? ""),
          authentic,
        };
        entries.push(entry);
        if (authentic && end.seq > head.seq) head = { seq: end.seq, mac: end.mac };
        if (authentic && end.seq === anchor?.seq && end.mac === anchor.mac) anchored = true;
        const record = authentic && OWN.test(TEXT.decode(bytes.subarray(0, 90)))
          ? parseLine(bytes)
          : null;
        if (record !== null) told(record, entry);
      }
      if (rest.length > 0 && lastFile) {
        said(
          `The last line is torn (${rest.length} bytes): its writer was killed; the next event ` +
            "recorded puts it aside",
        );
      }
    };
    for await (const block of lineBlocks(segment)) {
      check(block);
      read += block.bytes;
      onProgress(read / size);
    }
    segments.push({ name: segment.name, lines: line });
  }
  for (const name of snapshot.aside) {
    if (!repaired.has(name)) {
      said(`${name} holds a torn line whose record has expired or was never written`);
    }
  }
  if (started.size > 0) {
    said(
      `${started.size} inference calls have no recorded end: still running, or their kernel ended`,
    );
  }

  const expired = purge as { through: number; head: string } | null;
  const found = classify(entries, {
    purge: expired && { through: expired.through, head: macTag(expired.head) },
    rekeyed,
    keyMissing: key === null,
  });
  const problems: AuditProblem[] = [
    ...found.problems,
    ...cuts.map(({ file, line, first = 0, last = 0 }): AuditProblem => ({
      kind: "cut",
      file,
      line,
      first: first + 1,
      last,
      message: `records ${first + 1} to ${last} were cut off the end while a process that had ` +
        "written them was running, which noticed",
    })),
  ];
  if (anchor !== null && !anchored) {
    const where = segments.at(-1) ?? { name: ACTIVE, lines: 0 };
    const problem = checkAnchor(anchor, head, expired, where);
    if (problem !== null) problems.push(problem);
    else if (anchor.seq !== 0) {
      said(
        `The anchored record ${anchor.seq} has expired: up to there the anchor proves nothing now`,
      );
    }
  }
  const order = new Map(segments.map(({ name }, index) => [name, index]));
  problems.sort((a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line);
  return {
    ok: problems.length === 0,
    records: found.inPlace,
    head,
    segments,
    problems: mergeProblems(problems),
    notices,
    expiredThrough: expired?.through ?? 0,
    unfinished: started.size,
  };
}

const TEXT = new TextDecoder();
/** Events that say something about the log or pair with another; the rest need no parsing. */
const OWN = /"event":"(?:audit\.|inference\.)/;

/** Why an anchored record that was not found is missing; null when it may be. */
function checkAnchor(
  anchor: ChainHead,
  head: ChainHead,
  expired: { through: number; head: string } | null,
  { name, lines }: { name: string; lines: number },
): AuditProblem | null {
  const where = { file: name, line: lines + 1, first: anchor.seq, last: anchor.seq };
  if (anchor.seq === 0 || anchor.seq < (expired?.through ?? 0)) return null;
  if (anchor.seq === expired?.through && anchor.mac === expired.head) return null;
  if (anchor.seq > head.seq) {
    return {
      ...where,
      kind: "cut",
      first: head.seq + 1,
      message: `the log ends at record ${head.seq}, but had reached ${anchor.seq} when it was ` +
        "anchored: the end was cut off",
    };
  }
  return {
    ...where,
    kind: "rewritten",
    message:
      `record ${anchor.seq} is not the one that was anchored: it was changed, or the log was ` +
      "rewritten by someone who has the key, or the anchor is of another log",
  };
}
