/**
 * A thread of `hushbook scrub`.
 *
 * @module
 */

import type { FileReport } from "../src/notebook/scrub_file.ts";
import { type SharedWork, takeTurns } from "./scrub_work.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: { data: SharedWork }) => void) | null;
  postMessage(message: unknown): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data }) => {
  const reports: [number, FileReport][] = [];
  await takeTurns(data, (report, index) => reports.push([index, report]));
  scope.postMessage(reports);
};
