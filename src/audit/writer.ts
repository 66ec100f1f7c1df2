/**
 * Puts records at the end of the chain. Everything here happens under the log's lock, which the
 * caller holds; between two calls other processes may have written, rotated, purged or died.
 *
 * @module
 */

import { AuditError } from "../errors.ts";
import { hmacSha256 } from "../secret/sha256.ts";
import { type Notice, openPrivateFile } from "../state/open_private_file.ts";
import { createPrivateFile } from "../state/private_file.ts";
import { checkEvent } from "./allow_list.ts";
import type { AuditEvent, AuditRecord } from "./event.ts";
import { openKey, readKey } from "./key.ts";
import { type ChainHead, completeLine, draftRecord, GENESIS } from "./record.ts";
import { closeActive, headOf, lastClosed, lastEnd, tailEnd, wholeBytes } from "./closed.ts";
import { ACTIVE, asideName, KEY, listSegments, readAt } from "./segment.ts";

/** Most of a torn tail that is kept aside, in bytes. */
const ASIDE_BYTES = 1024 * 1024;

/** Signed to give the key a name that tells nothing of it. */
const KEY_ID = new TextEncoder().encode("hushbook audit key id");

/** What the writer needs to know. */
export interface WriterOptions {
  /** The private folder. */
  readonly folder: string;
  /** From this size, in bytes, a segment is closed. */
  readonly maxBytes: number;
  /** The time, in ms since 1970. */
  readonly now: () => number;
  /** Is told about repairs. */
  readonly onNotice?: Notice;
}

/** The writing end of the chain. */
export class ChainWriter {
  readonly #options: WriterOptions;
  readonly #path: string;
  #file: Deno.FsFile | null = null;
  #identity = "";
  #end = 0;
  #head: ChainHead = GENESIS;
  #known: ChainHead = GENESIS;
  #key: Uint8Array<ArrayBuffer> | null = null;
  #sign: (bytes: Uint8Array) => string = () => "";
  /** Whether something was written that a power cut must not take, and that is not synced yet. */
  weighty = false;

  /**
   * Opens nothing yet.
   *
   * @param options Folder, size, clock.
   */
  constructor(options: WriterOptions) {
    this.#options = options;
    this.#path = `${options.folder}/${ACTIVE}`;
  }

  /** The open segment, to be synced; null before the first record. */
  get file(): Deno.FsFile | null {
    return this.#file;
  }

  /**
   * Writes records, after whatever has to be said first: that a segment was closed, a torn tail
   * kept aside, records of ours were cut off.
   *
   * @param entries Checked fields of each record.
   * @param written Is called after each record with its index.
   * @throws {AuditError} When a record cannot be written; nothing of it is then left in the file.
   */
  write(
    entries: readonly Readonly<Record<string, string | number>>[],
    written: (index: number, record: AuditRecord) => void,
  ): void {
    this.#ready();
    for (const [index, fields] of entries.entries()) {
      if (this.#end >= this.#options.maxBytes) this.#rotate();
      written(index, this.#append(fields));
    }
    this.#known = this.#head;
  }

  /** Closes the segment's file. */
  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#identity = "";
    this.#key = null;
  }

  /** Finds out where the chain stands. */
  #ready(): void {
    const info = statOrNull(this.#path);
    if (info !== null && this.#file !== null && identity(info) === this.#identity) {
      if (info.size === this.#end) return; // nobody wrote since
    } else {
      this.close();
    }
    if (this.#key === null) this.#loadKey(info);
    if (this.#file === null) this.#open();
    const size = this.#file!.statSync().size;
    const segment = { name: ACTIVE, file: this.#file!, size };
    const quick = tailEnd(segment); // the rule: others wrote whole records
    const torn = quick === null ? size - wholeBytes(segment) : 0;
    this.#end = size - torn;
    const head = quick ?? (size === torn ? null : lastEnd(segment));
    if (head !== null) this.#head = head;
    if (torn > 0) this.#repair(torn, head === null);
    else if (head === null) this.#begin("audit.rotate");
    // This process knows a record that is no longer there: the end was cut off.
    if (this.#head.seq < this.#known.seq) {
      this.#tell({
        event: "audit.cut",
        outcome: "failed",
        first: this.#head.seq,
        last: this.#known.seq,
        head: this.#known.mac,
      });
    }
  }

  /** Loads the key; when it is gone but records are there, a new chain of trust begins. */
  #loadKey(active: Deno.FileInfo | null): void {
    const { folder, onNotice } = this.#options;
    const path = `${folder}/${KEY}`;
    const present = readKey(path, onNotice);
    const orphaned = present === null &&
      ((active?.size ?? 0) > 0 || listSegments(folder).closed.length > 0);
    this.#key = present ?? openKey(path, onNotice);
    this.#sign = hmacSha256(this.#key);
    if (!orphaned) return;
    onNotice?.(
      `The key of the audit log was gone: ${path} is new, and older records can no longer be checked`,
    );
    if ((active?.size ?? 0) > 0) this.#closeSegment();
    this.#open();
    this.#end = 0;
    this.#begin("audit.rekey");
  }

  #open(): void {
    const { onNotice } = this.#options;
    this.#file = openPrivateFile(this.#path, {
      create: true,
      append: true,
      ...(onNotice && { onNotice }),
    });
    this.#identity = identity(this.#file!.statSync());
  }

  /** Writes the first record of a segment: a digest of the one before it, if there is one. */
  #begin(event: "audit.rotate" | "audit.rekey"): void {
    const before = lastClosed(this.#options.folder);
    this.#head = headOf(before) ?? GENESIS;
    this.#tell({
      event: before === null ? "audit.open" : event,
      outcome: "ok",
      ...before,
      key_id: this.#sign(KEY_ID).slice(0, 12),
    });
  }

  #rotate(): void {
    this.#file!.syncDataSync();
    this.#closeSegment();
    this.#open();
    this.#end = 0;
    this.#begin("audit.rotate");
  }

  #closeSegment(): void {
    closeActive(this.#options.folder);
    this.#file?.close();
    this.#file = null;
  }

  /** A writer died in mid-line: its bytes are kept aside, and a record takes their place. */
  #repair(torn: number, first: boolean): void {
    const segment = this.#keepAside(torn);
    if (first) { // it was the segment's first line
      this.#file!.truncateSync(this.#end);
      this.#begin("audit.rotate");
      return this.#tell({ event: "audit.repair", outcome: "ok", segment, bytes: torn });
    }
    const draft = this.#draft({ event: "audit.repair", outcome: "ok", segment, bytes: torn });
    const mac = this.#sign(draft.body);
    const line = completeLine(draft.body, mac);
    using file = openPrivateFile(this.#path, { write: true });
    // Over the torn bytes, then off with what they were longer: killed in between, the next writer
    // finds a torn tail again.
    file!.seekSync(this.#end, Deno.SeekMode.Start);
    writeAll(file!, line);
    file!.truncateSync(this.#end + line.length);
    this.#end += line.length;
    this.#head = { seq: draft.record.seq, mac };
    this.weighty = true;
  }

  #keepAside(torn: number): string {
    const { folder, onNotice } = this.#options;
    const name = asideName(this.#head.seq + 1);
    using file = openPrivateFile(this.#path);
    const bytes = readAt(file!, file!.statSync().size - torn, Math.min(torn, ASIDE_BYTES));
    createPrivateFile(`${folder}/${name}`, bytes);
    onNotice?.(
      `The last line of the audit log was torn (${torn} bytes), most likely by a process that was ` +
        `killed; it is kept in ${folder}/${name}`,
    );
    return name;
  }

  #draft(event: AuditEvent): ReturnType<typeof draftRecord> {
    return draftRecord(checkEvent(event), this.#time(), this.#head);
  }

  #tell(event: AuditEvent): void {
    this.#append(checkEvent(event));
    this.weighty = true;
  }

  #time(): string {
    return new Date(this.#options.now()).toISOString();
  }

  #append(fields: Readonly<Record<string, string | number>>): AuditRecord {
    const { record, body } = draftRecord(fields, this.#time(), this.#head);
    const mac = this.#sign(body);
    const line = completeLine(body, mac);
    try {
      writeAll(this.#file!, line);
    } catch (error) {
      this.#takeBack();
      throw error;
    }
    this.#end += line.length;
    this.#head = { seq: record.seq, mac };
    return { ...record, mac };
  }

  /** A disk that is full may have taken a part of the line. */
  #takeBack(): void {
    try {
      this.#file!.truncateSync(this.#end);
    } catch { /* then it is a torn tail, and the next writer keeps it aside */ }
  }
}

/** Writes a line; in one write, unless the disk is full. */
function writeAll(file: Deno.FsFile, line: Uint8Array): void {
  for (let done = 0; done < line.length;) {
    const written = file.writeSync(line.subarray(done));
    if (written === 0) {
      throw new AuditError("audit-unwritable", "Cannot record the event: the disk takes no more");
    }
    done += written;
  }
}

function statOrNull(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** The same text for the same file; on Windows, which gives no numbers, never the same. */
function identity({ dev, ino }: Deno.FileInfo): string {
  return ino === null ? crypto.randomUUID() : `${dev}:${ino}`;
}
