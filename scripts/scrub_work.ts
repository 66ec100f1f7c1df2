/**
 * Scrubs many notebooks: this thread reads and thinks, while the system's threads write, and wait
 * for the disk, for several files together. More threads of JavaScript were tried: on 1,500
 * notebooks what each costs to start and to warm up is more than it saves.
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

/** A notebook, and how to scrub it. */
export interface ScrubTask {
  /** The notebook. */
  readonly notebook: FoundNotebook;
  /** What to remove and what to keep; best the same object for notebooks with the same options. */
  readonly options: StripOptions;
}

/** So many files are written at once. */
const WRITING = 16;

/**
 * Scrubs notebooks.
 *
 * @param tasks The notebooks.
 * @param options Whether to check only, whether to redact.
 * @param onDone Is told how many notebooks are done.
 * @returns One report for each notebook, in their order.
 */
export async function scrubAll(
  tasks: readonly ScrubTask[],
  options: FileScrubberOptions,
  onDone: (count: number) => void = () => {},
): Promise<FileReport[]> {
  const reports: FileReport[] = new Array(tasks.length);
  const scrubber = new FileScrubber(options);
  const writing = new Set<Promise<void>>();
  for (const [index, task] of tasks.entries()) {
    const report = scrubber.scrub(task.notebook, task.options);
    if (report instanceof Promise) {
      const written = report.then((report) => {
        writing.delete(written);
        reports[index] = report;
      });
      writing.add(written);
      if (writing.size >= WRITING) await Promise.race(writing);
    } else {
      reports[index] = report;
    }
    onDone(index + 1);
  }
  await Promise.all(writing);
  return reports;
}
