/**
 * The audit log: who did what with the token, when, and how it went.
 *
 * @module
 */

import { AuditError } from "../errors.ts";
import { type EnvReader, stateFolder } from "../state/folder.ts";
import type { Notice } from "../state/open_private_file.ts";
import type { AuditEvent, AuditRecord } from "./event.ts";
import { followLog, type FollowOptions } from "./follow.ts";
import { readKey } from "./key.ts";
import { RecordQueue } from "./queue.ts";
import type { AuditPurge, Exclusive } from "./purge.ts";
import {
  type AuditFilter,
  type AuditPage,
  type AuditQuery,
  newestFirst,
  readPage,
} from "./read.ts";
import { formatAnchor, parseAnchor } from "./record.ts";
import { KEY, Snapshot } from "./segment.ts";
import type { AuditVerification } from "./verify.ts";

/** What an {@link AuditLog} may be told. */
export interface AuditLogOptions {
  /** The private folder, absolute. Default: as `stateFolder` says. */
  readonly folder?: string;
  /** Environment to find the folder by. Default: this process's. */
  readonly env?: EnvReader;
  /** The time in ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
  /**
   * From this size a segment is closed and the next begun, in bytes. Default 10 MB; at least 4096.
   */
  readonly maxBytes?: number;
  /** Which notebook or command this is; recorded with every event. Default: not known. */
  readonly about?: Pick<AuditEvent, "notebook" | "command">;
  /** Is told, in one sentence, about repairs. Default: nobody is told. */
  readonly onNotice?: Notice;
}

/**
 * The audit log of this machine's user: JSON Lines in the private folder, one event a line, each
 * chained to the one before by HMAC-SHA-256 under the key `audit.key`.
 *
 * **What it promises.** Edits, insertions and deletions in the log, by anyone without the key, are
 * detected; cuts at the end are detected up to the last anchor kept elsewhere. **What it does
 * not:** code that runs as you can read the key and rewrite what is after the last anchor.
 *
 * **What is in it.** Only fields of {@link AuditEvent}: no token, prompt, reply, body, header, URL
 * query, error text or plain user id can be written. It stays on this machine; nothing is sent.
 * `purge` deletes what is older than you need; deleting the private folder deletes all of it.
 *
 * **What can be lost.** A killed process loses nothing that `append` returned. A power cut may take
 * the last second, but never a lockout, clear, budget denial, saved or rotated token.
 *
 * Many processes may write at once; the folder must be on a local disk, for locks on network disks
 * cannot be relied on. Needs `--allow-read` and `--allow-write` for the folder,
 * `--allow-sys=uid`, and `--allow-env` for finding the folder.
 *
 * @example Record an event
 * ```ts
 * import { AuditLog } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const folder = `${await Deno.makeTempDir()}/hushbook`;
 * using log = new AuditLog({ folder });
 * const record = await log.append({ event: "token.load", outcome: "ok", source: "env:HF_TOKEN" });
 * assert.equal(record.seq, 2); // the first tells that the log was opened
 * ```
 */
export class AuditLog implements Disposable {
  readonly #options: AuditLogOptions;
  readonly #queue: RecordQueue;

  /**
   * Opens nothing yet: the first event makes folder, key and file.
   *
   * @param options Folder, clock, size.
   * @throws {RangeError} When `maxBytes` is under 4096.
   */
  constructor(options: AuditLogOptions = {}) {
    if (options.maxBytes !== undefined && !(options.maxBytes >= 4096)) {
      throw new RangeError("Cannot make an AuditLog: maxBytes must be at least 4096");
    }
    const { now = Date.now, maxBytes = 10_000_000 } = options;
    this.#options = options;
    this.#queue = new RecordQueue({ ...options, now, maxBytes });
  }

  /** The folder the log is in, absolute. */
  get folder(): string {
    return this.#options.folder ?? stateFolder(this.#options);
  }

  /** Events that could not be recorded since the last one that was. */
  get lost(): number {
    return this.#queue.lost;
  }

  /**
   * Records an event. When the lock is free, which is the rule, the record is in the file before
   * this method returns its promise; otherwise it waits its turn without blocking.
   *
   * @param event What happened.
   * @returns The record, once it is written (and on the disk, if losing it would change what is
   * allowed).
   * @throws {AuditError} `audit-refused` when the event or a field is not on the list;
   * `audit-unwritable` when disk, folder or lock do not take it; `audit-key` when the key is
   * damaged.
   */
  append(event: AuditEvent): Promise<AuditRecord> {
    return this.#queue.append(event);
  }

  /**
   * Reads a page of records, newest first. They are read, not verified.
   *
   * @param query Filters, limit, cursor.
   * @returns The page; an empty one when nothing was ever recorded.
   * @throws {RangeError} When limit or cursor make no sense.
   * @throws {StateError} When the files are not safe to read.
   *
   * @example Go through the log, two records a page
   * ```ts
   * import { AuditLog } from "hushbook";
   * import assert from "node:assert/strict";
   *
   * using log = new AuditLog({ folder: `${await Deno.makeTempDir()}/hushbook` });
   * for (const source of ["env:HF_TOKEN", "dotenv", "store"]) {
   *   await log.append({ event: "token.load", outcome: "ok", source });
   * }
   * const newest = await log.read({ events: ["token."], limit: 2 });
   * assert.deepEqual(newest.records.map(({ source }) => source), ["store", "dotenv"]);
   * const older = await log.read({ events: ["token."], limit: 2, cursor: newest.next! });
   * assert.deepEqual(older.records.map(({ source }) => source), ["env:HF_TOKEN"]);
   * assert.equal(older.next, null);
   * ```
   */
  async read(query: AuditQuery = {}): Promise<AuditPage> {
    using snapshot = await this.#snapshot();
    return await readPage(snapshot, query);
  }

  /**
   * Goes through the records once, from the newest to the oldest: what is no longer needed is not
   * read, and a long log is not searched anew for each page. They are read, not verified.
   *
   * @param filter Which records.
   * @yields The records that were there at the start.
   * @throws {StateError} When the files are not safe to read.
   *
   * @example The last refusal
   * ```ts
   * import { AuditLog } from "hushbook";
   * import assert from "node:assert/strict";
   *
   * using log = new AuditLog({ folder: `${await Deno.makeTempDir()}/hushbook` });
   * for (const records of [1, 2]) {
   *   await log.append({ event: "hook.refuse", outcome: "refused", records });
   * }
   * for await (const { records } of log.newest({ outcomes: ["refused"] })) {
   *   assert.equal(records, 2);
   *   break;
   * }
   * ```
   */
  async *newest(filter: AuditFilter = {}): AsyncGenerator<AuditRecord> {
    using snapshot = await this.#snapshot();
    for await (const record of newestFirst(snapshot, filter)) if (record !== null) yield record;
  }

  /**
   * Gives each record as it is written, by any process, until the signal aborts.
   *
   * @param filter Which records.
   * @param options `signal`: ends it. `after`: number of the last record already seen; default the
   * newest. `pollMs`: how often to look, in ms; default 250.
   * @returns The records, oldest first.
   * @throws {StateError} When the files are not safe to read.
   *
   * @example Wait for the next record
   * ```ts
   * import { AuditLog } from "hushbook";
   * import assert from "node:assert/strict";
   *
   * using log = new AuditLog({ folder: `${await Deno.makeTempDir()}/hushbook` });
   * setTimeout(() => log.append({ event: "token.load", outcome: "ok" }), 20);
   * for await (const record of log.follow({ events: ["token."] }, { pollMs: 10 })) {
   *   assert.equal(record.event, "token.load");
   *   break;
   * }
   * ```
   */
  async *follow(
    filter: AuditFilter = {},
    options: FollowOptions = {},
  ): AsyncGenerator<AuditRecord> {
    yield* followLog(this, filter, options);
  }

  /**
   * Verifies the whole log.
   *
   * @param options `anchor`: what {@link AuditLog.anchor} gave earlier, to find cuts too.
   * `onProgress`: is told now and then how much is done, from 0 to 1.
   * @returns What was found; `ok` is false when anything is wrong.
   * @throws {RangeError} When the anchor is none.
   * @throws {StateError} When the files are not safe to read.
   * @throws {AuditError} `audit-key` when the key is damaged.
   *
   * @example An edit shows
   * ```ts
   * import { AuditLog } from "hushbook";
   * import assert from "node:assert/strict";
   *
   * const folder = `${await Deno.makeTempDir()}/hushbook`;
   * using log = new AuditLog({ folder });
   * await log.append({ event: "token.load", outcome: "ok", source: "dotenv" });
   * assert.equal((await log.verify()).ok, true);
   *
   * const text = await Deno.readTextFile(`${folder}/audit.jsonl`);
   * await Deno.writeTextFile(`${folder}/audit.jsonl`, text.replace("dotenv", "prompt"));
   * const { ok, problems } = await log.verify();
   * assert.equal(ok, false);
   * assert.equal(problems[0]?.kind, "edited");
   * assert.equal(problems[0]?.line, 2);
   * ```
   */
  async verify(
    options: { readonly anchor?: string; readonly onProgress?: (done: number) => void } = {},
  ): Promise<AuditVerification> {
    const anchor = options.anchor === undefined ? null : parseAnchor(options.anchor);
    if (options.anchor !== undefined && anchor === null) {
      throw new RangeError(
        "Cannot verify the audit log: the anchor must be a number, a colon and 64 hexadecimal digits",
      );
    }
    const { verifyChain } = await import("./verify.ts"); // recording, the rule, does without
    using snapshot = await this.#snapshot();
    return await verifyChain(snapshot, this.#readKey(), anchor, options.onProgress);
  }

  /**
   * Gives number and MAC of the last record, to be kept where the log is not: in a notebook that is
   * committed, in a mail, on paper. {@link AuditLog.verify} with it finds cuts and rewrites up to
   * it.
   *
   * @returns For example `42:9f3c…`.
   * @throws {AuditError} `audit-broken` when the log does not verify: an anchor would vouch for it.
   *
   * @example Cutting off the end shows against an anchor
   * ```ts
   * import { AuditLog } from "hushbook";
   * import assert from "node:assert/strict";
   *
   * const folder = `${await Deno.makeTempDir()}/hushbook`;
   * using log = new AuditLog({ folder });
   * await log.append({ event: "token.load", outcome: "ok" });
   * const { size } = await Deno.stat(`${folder}/audit.jsonl`);
   * await log.append({ event: "token.reveal", outcome: "ok" });
   * const anchor = await log.anchor();
   *
   * await Deno.truncate(`${folder}/audit.jsonl`, size);
   * assert.equal((await log.verify()).ok, true); // nothing in the file tells of the cut
   * assert.equal((await log.verify({ anchor })).problems[0]?.kind, "cut");
   * ```
   */
  async anchor(): Promise<string> {
    const { ok, problems, head } = await this.verify();
    if (ok) return formatAnchor(head);
    throw new AuditError(
      "audit-broken",
      `Cannot anchor the audit log: it does not verify (${problems[0]!.file}: ` +
        `${problems[0]!.message}); see \`hushbook audit verify\``,
    );
  }

  /**
   * Removes the records that are older than needed. The rest stays verifiable: a record tells what
   * expired. Deleting is for good.
   *
   * @param options `olderThanDays`: the age in days. `force`: also remove a part that does not
   * verify, and with it the evidence; default false.
   * @returns How many lines went, and the last record's number.
   * @throws {RangeError} When the age is no number of 0 or more.
   * @throws {AuditError} `audit-broken` when the old part does not verify; `audit-unwritable`.
   *
   * @example Keep 90 days
   * ```ts
   * import { AuditLog } from "hushbook";
   * import assert from "node:assert/strict";
   *
   * let day = 0;
   * const folder = `${await Deno.makeTempDir()}/hushbook`;
   * using log = new AuditLog({ folder, now: () => day * 86_400_000 });
   * for (day of [1, 50, 100]) await log.append({ event: "token.load", outcome: "ok" });
   * const { removed } = await log.purge({ olderThanDays: 90 });
   * assert.equal(removed, 2); // the opening of the log, and the record of day 1
   * assert.equal((await log.verify()).ok, true);
   * ```
   */
  async purge(
    options: { readonly olderThanDays: number; readonly force?: boolean },
  ): Promise<AuditPurge> {
    const { olderThanDays, force = false } = options;
    if (!(olderThanDays >= 0)) {
      throw new RangeError("Cannot purge the audit log: olderThanDays must be 0 or more");
    }
    const now = (this.#options.now ?? Date.now)();
    const before = now - olderThanDays * 86_400_000;
    const { purgeChain } = await import("./purge.ts");
    const exclusive: Exclusive = (work) => this.#queue.exclusive(work);
    return await purgeChain(this.folder, this.#readKey(), { before, now, force }, exclusive);
  }

  /** Syncs and closes the files. Records that wait are still written. */
  close(): void {
    this.#queue.close();
  }

  /** As {@link AuditLog.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #readKey(): Uint8Array | null {
    return readKey(`${this.folder}/${KEY}`, this.#options.onNotice);
  }

  #snapshot(): Promise<Snapshot> {
    return Snapshot.open(this.folder, this.#options.onNotice);
  }
}
