/**
 * What `runNotebook` does: plans the cells, executes them on a kernel, writes the results.
 *
 * @module
 */

import { FileError, type HushbookError } from "../../errors.ts";
import { readVersion } from "../../notebook/file.ts";
import { replaceVersion } from "../../notebook/replace.ts";
import { stripNotebook } from "../../notebook/strip.ts";
import type { KernelOptions } from "../client.ts";
import type { ExecuteOptions, ExecuteStatus } from "../execution.ts";
import { environmentTokens, processEnvironment } from "../mask/environment.ts";
import { type NotebookPlan, type PlannedCell, planNotebook } from "./plan.ts";
import type { CellRun, NotebookRun, RunNotebookOptions } from "./run.ts";
import type { CellOutcome } from "./splice.ts";
import { spliceWithoutTokens } from "./withhold.ts";

/** The folder a path lies in. */
function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\"));
  return end < 0 ? "." : path.slice(0, Math.max(1, end));
}

function cellOptions(options: RunNotebookOptions, deadline: number): ExecuteOptions {
  const left = Math.max(0, deadline - performance.now());
  const timeoutMs = Math.min(options.timeoutMs ?? Infinity, left);
  return {
    ...(options.input !== undefined && { input: options.input }),
    ...(timeoutMs !== Infinity && { timeoutMs }),
    ...(options.signal !== undefined && { signal: options.signal }),
  };
}

async function executeCells(
  plan: NotebookPlan,
  options: RunNotebookOptions,
  kernelOptions: KernelOptions,
  cells: CellRun[],
): Promise<void> {
  const executed = plan.cells.filter(({ source }) => source !== null);
  if (executed.length === 0) {
    cells.push(...plan.cells.map(skipped));
    return;
  }
  // Loaded here: everything else of hushbook does without.
  const { Kernel } = await import("../client.ts");
  const deadline = performance.now() + (options.totalTimeoutMs ?? Infinity);
  await using kernel = await Kernel.start(kernelOptions);
  let number = 0;
  for (const cell of plan.cells) {
    if (cell.source === null) {
      cells.push(skipped(cell));
      continue;
    }
    const place = { index: cell.index, number: ++number, of: executed.length };
    options.onCell?.({ state: "start", ...place });
    const errorAllowed = options.allowErrors === true || cell.raisesException;
    const started = performance.now();
    const result = await kernel.execute(cell.source, cellOptions(options, deadline));
    const run: CellRun = {
      index: cell.index,
      ...(cell.id !== undefined && { id: cell.id }),
      status: result.status,
      errorAllowed,
      executionCount: number,
      durationMs: performance.now() - started,
      outputs: result.outputs,
      ...(result.error !== undefined && {
        error: { name: result.error.name, message: result.error.message },
      }),
    };
    cells.push(run);
    options.onCell?.({ state: "end", ...place, run });
    if (result.status !== "ok" && !(result.status === "error" && errorAllowed)) return;
  }
}

/** The tokens in the kernel's environment. */
function knownTokens({ env = {}, clearEnv = false }: KernelOptions = {}): string[] {
  const environment = { ...(clearEnv ? {} : processEnvironment()), ...env };
  return environmentTokens(environment).flatMap(({ secrets }) => secrets);
}

function skipped({ index, id }: PlannedCell): CellRun {
  return {
    index,
    ...(id !== undefined && { id }),
    status: "skipped",
    errorAllowed: false,
    executionCount: null,
    durationMs: 0,
    outputs: [],
  };
}

/** Only the last executed cell can have ended the run. */
function statusOf(cells: readonly CellRun[]): ExecuteStatus {
  const last = cells.findLast(({ status }) => status !== "skipped");
  if (last === undefined || last.status === "skipped") return "ok";
  return last.status === "error" && last.errorAllowed ? "ok" : last.status;
}

function outcomesOf(plan: NotebookPlan, cells: readonly CellRun[]): Map<number, CellOutcome> {
  return new Map(
    cells.filter(({ status }) => status !== "skipped").map((
      { index, outputs, executionCount },
    ) => [index, { span: plan.cells[index]!.span, outputs, executionCount }]),
  );
}

/**
 * Executes a notebook and writes the results into it.
 *
 * @param path The notebook.
 * @param options As for `runNotebook`.
 * @returns What came of each cell.
 * @throws {HushbookError} As `runNotebook` says.
 */
export async function executeNotebook(
  path: string,
  options: RunNotebookOptions,
): Promise<NotebookRun> {
  const started = performance.now();
  const version = readVersion(path);
  const plan = planNotebook(version.bytes);
  const cells: CellRun[] = [];
  let failure: HushbookError | undefined;
  try {
    await executeCells(plan, options, { cwd: folderOf(path), ...options.kernel }, cells);
  } catch (error) {
    if (cells.length === 0) throw error;
    failure = error as HushbookError; // first save what was done
  }
  const { bytes, findings, withheld } = spliceWithoutTokens(
    version.bytes,
    outcomesOf(plan, cells),
    path,
    knownTokens(options.kernel),
  );
  const save = options.save !== false;
  if (save) {
    const content = options.scrub === true ? stripNotebook(bytes).bytes : bytes;
    if (!replaceVersion(version, content)) {
      throw new FileError(
        "file-unwritable",
        "Cannot save the notebook: somebody changed it while it ran. Save it there and run it again",
      );
    }
  }
  if (failure !== undefined) throw failure;
  return {
    status: statusOf(cells),
    cells,
    findings,
    withheld,
    saved: save,
    durationMs: performance.now() - started,
  };
}
