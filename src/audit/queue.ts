/**
 * Events on their way into the chain: they wait in line, and who holds the lock writes for all.
 *
 * @module
 */

import { AuditError, HushbookError, StateError } from "../errors.ts";
import { openStateFolderSync, type StateFolderOptions } from "../state/folder.ts";
import { FileLock } from "../state/lock.ts";
import { checkEvent } from "./allow_list.ts";
import { type AuditEvent, type AuditRecord, isWeighty } from "./event.ts";
import { LOCK } from "./segment.ts";
import { ChainWriter, type WriterOptions } from "./writer.ts";

/** What the queue needs to know. */
export interface QueueOptions extends StateFolderOptions, Omit<WriterOptions, "folder"> {
  /** Fields of every event that does not say otherwise. */
  readonly about?: Pick<AuditEvent, "notebook" | "command">;
}

interface Waiting {
  readonly fields: Readonly<Record<string, string | number>>;
  readonly resolve: (record: AuditRecord) => void;
  readonly reject: (reason: unknown) => void;
  readonly weighty: boolean;
}

/** Most records written before others get their turn at the lock. */
const BATCH = 64;
/** Records that are not synced at once reach the disk within this time, in ms. */
const SYNC_EVERY_MS = 1000;

/** The line of events that are to be recorded. */
export class RecordQueue {
  readonly #options: QueueOptions;
  #waiting: Waiting[] = [];
  #flushing = false;
  #closing = false;
  #lock: FileLock | null = null;
  /** Kept when files are closed: it remembers how far the chain had come. */
  #writer: ChainWriter | null = null;
  #lost = 0;
  #syncedAt = -Infinity;
  #syncTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Opens nothing yet.
   *
   * @param options Folder, clock, size.
   */
  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Events that could not be recorded since the last one that was. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * Records an event, at once if the lock is free.
   *
   * @param event What happened.
   * @returns The record, once it is written.
   * @throws {AuditError} When it may not or cannot be written.
   */
  append(event: AuditEvent): Promise<AuditRecord> {
    return new Promise((resolve, reject) => {
      const fields = this.#checked(event);
      this.#waiting.push({ fields, resolve, reject, weighty: isWeighty(event.event) });
      if (!this.#flushing) this.#flush();
    });
  }

  /**
   * Does something else under the lock.
   *
   * @param work Gets a function that writes a record and syncs it.
   * @returns What `work` returns.
   * @throws {AuditError} When a record cannot be written, or the lock is not free in time.
   */
  async exclusive<T>(
    work: (record: (event: AuditEvent) => Promise<void>) => Promise<T>,
  ): Promise<T> {
    try {
      const { lock, writer } = this.#opened();
      await lock.acquire();
      try {
        return await work(async (event) => {
          writer.write([this.#checked(event)], () => {});
          await writer.file?.syncData();
        });
      } finally {
        lock.release();
      }
    } catch (error) {
      throw recordError(error);
    }
  }

  /** Syncs and closes the files, after the records that wait are written. */
  close(): void {
    this.#closing = this.#flushing;
    if (this.#closing) return;
    this.#stopTimer();
    try {
      this.#writer?.file?.syncDataSync();
    } catch { /* the records are in the file; only a power cut could take them */ }
    this.#drop();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH);
      const records: AuditRecord[] = [];
      try {
        const { lock, writer } = this.#opened();
        if (!lock.tryAcquire()) await lock.acquire();
        try {
          this.#write(writer, batch, records);
        } finally {
          lock.release();
        }
        if (writer.weighty || batch.some(({ weighty }) => weighty)) {
          await this.#sync().catch((error) => {
            records.length = 0; // in the file, but not safe: nobody may rely on them
            throw error;
          });
        } else this.#syncSoon();
      } catch (error) {
        const failed = batch.slice(records.length);
        this.#lost += failed.length;
        this.#drop();
        const reason = recordError(error);
        for (const { reject } of failed) reject(reason);
      }
      for (const [index, record] of records.entries()) batch[index]!.resolve(record);
    }
    this.#flushing = false;
    if (this.#closing) this.close();
  }

  #checked(event: AuditEvent): Readonly<Record<string, string | number>> {
    const { notebook, command } = this.#options.about ?? {};
    return checkEvent({
      ...event,
      notebook: event.notebook ?? notebook,
      command: event.command ?? command,
    });
  }

  /** Writes a batch, and before it how many events were lost. */
  #write(writer: ChainWriter, batch: Waiting[], records: AuditRecord[]): void {
    const gap = this.#lost === 0
      ? []
      : [checkEvent({ event: "audit.gap", outcome: "failed", records: this.#lost })];
    writer.write([...gap, ...batch.map(({ fields }) => fields)], (index, record) => {
      if (index < gap.length) this.#lost = 0;
      else records.push(record);
    });
  }

  #opened(): { readonly lock: FileLock; readonly writer: ChainWriter } {
    if (this.#lock === null) {
      const folder = openStateFolderSync(this.#options);
      this.#writer ??= new ChainWriter({ ...this.#options, folder });
      this.#lock = FileLock.open(`${folder}/${LOCK}`);
    }
    return { lock: this.#lock, writer: this.#writer! };
  }

  #drop(): void {
    this.#lock?.close();
    this.#writer?.close();
    this.#lock = null;
  }

  /**
   * The runtime loads its timers when they are first named, in 4 ms: not for one that was never
   * set.
   */
  #stopTimer(): void {
    if (this.#syncTimer === undefined) return;
    clearTimeout(this.#syncTimer);
    this.#syncTimer = undefined;
  }

  async #sync(): Promise<void> {
    this.#stopTimer();
    this.#syncedAt = performance.now();
    await this.#writer?.file?.syncData();
    if (this.#writer !== null) this.#writer.weighty = false;
  }

  /** Syncs now if that was long ago, else when the second is over. */
  #syncSoon(): void {
    const quietly = () => void this.#sync().catch(() => {});
    const wait = this.#syncedAt + SYNC_EVERY_MS - performance.now();
    if (wait <= 0) return quietly();
    if (this.#syncTimer !== undefined) return;
    const timer = setTimeout(quietly, wait);
    Deno.unrefTimer(timer);
    this.#syncTimer = timer;
  }
}

/** What the caller is told: always an error of ours, and what to do. */
function recordError(error: unknown): unknown {
  if (error instanceof StateError) {
    return new AuditError("audit-unwritable", `Cannot record the event: ${error.message}`);
  }
  if (error instanceof HushbookError || !(error instanceof Error)) return error;
  if (error instanceof Deno.errors.NotCapable) return error; // names the missing permission
  const full = "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
  return new AuditError(
    "audit-unwritable",
    full
      ? "Cannot record the event: the disk is full; free some space and try again"
      : `Cannot record the event: the audit log could not be written (${error.name}); check the ` +
        "private folder's owner, mode and disk",
  );
}
