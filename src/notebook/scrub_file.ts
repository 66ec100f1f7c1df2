/**
 * Scrubbing one notebook in its file.
 *
 * @module
 */

import { FileError, HushbookError, NotebookError } from "../errors.ts";
import { pastVersion, readContent, readVersion } from "./file.ts";
import { replaceVersionLater } from "./replace.ts";
import type { Finding } from "./finding.ts";
import type { FoundNotebook } from "./paths.ts";
import { endInRoom, roomForFile } from "./skip.ts";
import { judge, type ScrubFinding, searchNotebook } from "./scrub.ts";
import {
  findCuts,
  type Removed,
  type StripOptions,
  type StripPlan,
  stripPlan,
  stripPlanned,
} from "./strip.ts";

/** What became of one notebook. */
export interface FileReport {
  /** Its path, as found. */
  readonly path: string;
  /** Whether it was changed, or, when only checked, whether it would be. */
  readonly changed: boolean;
  /**
   * Present when the file had more names (hard links): how many others, which keep the old content.
   */
  readonly otherNames?: number;
  /** Present for a checkpoint copy: it was searched and is never written. */
  readonly checkpoint?: true;
  /** How much was removed, or would be; undefined when the notebook was not understood. */
  readonly removed?: Removed;
  /** The tokens in it. */
  readonly findings: readonly ScrubFinding[];
  /** Why it could not be done; the file is then as it was. */
  readonly failure?: {
    readonly code: string;
    readonly message: string;
    readonly line?: number;
    readonly column?: number;
  };
}

/** How {@link FileScrubber} works. */
export interface FileScrubberOptions {
  /** Change nothing, and say what would be changed. */
  readonly check: boolean;
  /** Replace tokens that would remain; see `ScrubOptions`. */
  readonly redact: boolean;
  /**
   * Which findings in a file, by its absolute path, are allowed and so not redacted. Default none.
   */
  readonly allows?: (finding: Finding, file: string) => boolean;
}

/** How often a notebook is begun again because another program has changed it meanwhile. */
const ATTEMPTS = 5;

/** Files of more bytes than this are not copied into memory where they can be read faster. */
const LARGEST_ROOM = 64 << 20;

/** Scrubs files one after another, with the same memory and the same prepared options. */
export class FileScrubber {
  readonly #options: FileScrubberOptions;
  readonly #plans = new Map<StripOptions, StripPlan>();
  #buffer: Uint8Array = roomForFile(4 << 20);

  /**
   * Prepares for many files.
   *
   * @param options Whether to check only, whether to redact.
   */
  constructor(options: FileScrubberOptions) {
    this.#options = options;
  }

  /**
   * Scrubs one file. A checkpoint copy is searched and never written.
   *
   * @param notebook Which file.
   * @param options What to remove and what to keep there; the same object for many files is
   * prepared only once.
   * @returns What became of it; a promise where it has to be written, so that several files can
   * wait for the disk together. Nothing is thrown for a file that cannot be read, understood or
   * written.
   */
  scrub(notebook: FoundNotebook, options: StripOptions): FileReport | Promise<FileReport> {
    const outcome = this.#once(notebook, options);
    return outcome instanceof Promise ? this.#untilWritten(outcome, notebook, options) : outcome;
  }

  /** Begins again as long as another program changes the file in between. */
  async #untilWritten(
    outcome: Promise<FileReport | undefined>,
    notebook: FoundNotebook,
    options: StripOptions,
  ): Promise<FileReport> {
    for (let attempt = 1;; attempt++) {
      const report = await outcome;
      if (report !== undefined) return report;
      if (attempt === ATTEMPTS) break;
      outcome = Promise.resolve(this.#once(notebook, options));
    }
    const error = new FileError(
      "file-unwritable",
      "Cannot write the notebook: another program changes it again and again; close it and try again",
    );
    return { path: notebook.path, changed: false, findings: [], failure: failureOf(error) };
  }

  #once(
    { path, file, checkpoint }: FoundNotebook,
    options: StripOptions,
  ): FileReport | Promise<FileReport | undefined> {
    const { check, redact, allows = () => false } = this.#options;
    let remaining: ScrubFinding[] = [];
    const failed = (error: unknown): FileReport => {
      if (!(error instanceof HushbookError)) throw error;
      return { path, changed: false, findings: remaining, failure: failureOf(error) };
    };
    try {
      // Only what may be replaced needs more than its content.
      const version = check || checkpoint ? undefined : readVersion(file, this.#buffer);
      const bytes = this.#kept(version?.bytes ?? readContent(file, this.#buffer));
      const found = searchNotebook(bytes, path);
      remaining = found.map((finding) => ({ ...finding, outcome: "remains" }));
      if (checkpoint) return { path, checkpoint, changed: false, findings: remaining };
      const plan = this.#plan(options);
      if (check && found.length === 0) { // then nothing needs to be put together
        const { cuts, removed } = findCuts(bytes, plan);
        return { path, changed: cuts.length > 0, removed, findings: [] };
      }
      const result = judge(bytes, found, stripPlanned(bytes, plan), {
        path,
        redact: redact && ((finding) => !allows(finding, file)),
      });
      const { changed, removed, findings } = result;
      const report: FileReport = { path, changed, removed, findings };
      if (!changed || version === undefined) return report;
      // The bytes that were read may be compared before the file is replaced, and the buffer is
      // used for the next file meanwhile.
      return replaceVersionLater(pastVersion({ ...version, bytes }), result.bytes)
        .then((written) => written ? withOtherNames(report, version.info) : undefined, failed);
    } catch (error) {
      return failed(error);
    }
  }

  /** The same content, in memory that is kept for all that follow. */
  #kept(bytes: Uint8Array): Uint8Array {
    if (bytes.length >= LARGEST_ROOM) { // too large to be held twice, be it for a moment
      this.#buffer = new Uint8Array(bytes.buffer);
      return bytes;
    }
    let file = bytes;
    if (bytes.buffer !== this.#buffer.buffer) {
      this.#buffer = roomForFile(2 * bytes.length);
      this.#buffer.set(bytes);
      file = this.#buffer.subarray(0, bytes.length);
    }
    endInRoom(file);
    return file;
  }

  #plan(options: StripOptions): StripPlan {
    const known = this.#plans.get(options);
    if (known !== undefined) return known;
    const plan = stripPlan(options);
    this.#plans.set(options, plan);
    return plan;
  }
}

/** A file is replaced by a new one under the name that was given; its other names are told of. */
function withOtherNames(report: FileReport, { nlink }: Deno.FileInfo): FileReport {
  return nlink === null || nlink < 2 ? report : { ...report, otherNames: nlink - 1 };
}

function failureOf(error: HushbookError): NonNullable<FileReport["failure"]> {
  const { code, message } = error;
  if (!(error instanceof NotebookError)) return { code, message };
  return { code, message, line: error.line, column: error.column };
}
