/**
 * Scrubs many notebooks on several threads: this one and workers take them from one list.
 *
 * @module
 */

import type { FoundNotebook } from "../src/notebook/paths.ts";
import {
  type FileReport,
  FileScrubber,
  type FileScrubberOptions,
} from "../src/notebook/scrub_file.ts";
import type { StripOptions } from "../src/notebook/strip.ts";

/** Notebooks, and how to scrub each. */
export interface ScrubWork extends FileScrubberOptions {
  /** The notebooks. */
  readonly notebooks: readonly FoundNotebook[];
  /** The options in use. */
  readonly options: readonly StripOptions[];
  /** For each notebook, which of `options` holds for it. */
  readonly optionOf: readonly number[];
}

/** What a worker is given: the work, and the shared place that counts what has been taken. */
export interface SharedWork {
  /** The work. */
  readonly work: ScrubWork;
  /** One 32-bit number: the index of the next notebook nobody has taken. */
  readonly taken: SharedArrayBuffer;
}

/** Fewer notebooks than this are done before a worker has started. */
const WORKERS_PAY_FROM = 150;

/** So many files may wait for the disk at once, on each thread. */
const WAITING = 16;

/**
 * Takes notebooks from the list until there are none left.
 *
 * @param shared The work, and what has been taken.
 * @param onReport Is given each report, and the notebook's index.
 */
export async function takeTurns(
  { work, taken }: SharedWork,
  onReport: (report: FileReport, index: number) => void,
): Promise<void> {
  const next = new Int32Array(taken);
  const scrubber = new FileScrubber(work);
  const waiting = new Set<Promise<void>>();
  for (;;) {
    const index = Atomics.add(next, 0, 1);
    const notebook = work.notebooks[index];
    if (notebook === undefined) break;
    const report = scrubber.scrub(notebook, work.options[work.optionOf[index]!]!);
    if (!(report instanceof Promise)) {
      onReport(report, index);
      continue;
    }
    const written = report.then((report) => {
      waiting.delete(written);
      onReport(report, index);
    });
    waiting.add(written);
    if (waiting.size >= WAITING) await Promise.race(waiting);
  }
  await Promise.all(waiting);
}

/** Starts a worker; its reports, or none when it could not do its part. */
function startWorker(shared: SharedWork): Promise<readonly (readonly [number, FileReport])[]> {
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = new Worker(import.meta.resolve("./scrub_worker.ts"), { type: "module" });
    } catch {
      return resolve([]);
    }
    worker.onmessage = ({ data }) => {
      worker.terminate();
      resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault(); // this thread does what the worker leaves undone
      worker.terminate();
      resolve([]);
    };
    worker.postMessage(shared);
  });
}

/**
 * Scrubs notebooks, on as many threads as pay.
 *
 * @param work The notebooks.
 * @param options `threads`: at most so many, default one for each core, four at most; `onReport`: is
 * given each report made on this thread.
 * @returns One report for each notebook, in their order.
 */
export async function scrubAll(
  work: ScrubWork,
  options: {
    readonly threads?: number;
    readonly onReport?: (report: FileReport, index: number) => void;
  } = {},
): Promise<FileReport[]> {
  const { threads = Math.min(navigator.hardwareConcurrency, 4), onReport = () => {} } = options;
  const shared: SharedWork = { work, taken: new SharedArrayBuffer(4) };
  const reports: (FileReport | undefined)[] = new Array(work.notebooks.length);
  // What is allowed is asked on this thread only: functions cannot be sent to another.
  const pays = work.notebooks.length >= WORKERS_PAY_FROM && work.allows === undefined;
  const workers = pays ? Array.from({ length: threads - 1 }, () => startWorker(shared)) : [];
  await takeTurns(shared, (report, index) => {
    reports[index] = report;
    onReport(report, index);
  });
  for (const part of await Promise.all(workers)) {
    for (const [index, report] of part) reports[index] = report;
  }
  // What a worker took and did not bring back, should it have died.
  const lost = work.notebooks.flatMap((_notebook, index) =>
    reports[index] === undefined ? [index] : []
  );
  if (lost.length > 0) {
    const again: ScrubWork = {
      ...work,
      notebooks: lost.map((index) => work.notebooks[index]!),
      optionOf: lost.map((index) => work.optionOf[index]!),
    };
    await takeTurns({ work: again, taken: new SharedArrayBuffer(4) }, (report, index) => {
      reports[lost[index]!] = report;
    });
  }
  return reports as FileReport[];
}
