/**
 * Executing a notebook on a Deno kernel, without Python.
 *
 * @module
 */

import { FileError, type HushbookError } from "../../errors.ts";
import { readVersion } from "../../notebook/file.ts";
import { replaceVersion } from "../../notebook/replace.ts";
import type { Finding } from "../../notebook/finding.ts";
import { stripNotebook } from "../../notebook/strip.ts";
import type { KernelOptions } from "../client.ts";
import { environmentTokens, processEnvironment } from "../mask/environment.ts";
import type { Output } from "../outputs.ts";
import type { ExecuteOptions, ExecuteStatus, InputRequest } from "../execution.ts";
import { type NotebookPlan, type PlannedCell, planNotebook } from "./plan.ts";
import type { CellOutcome } from "./splice.ts";
import { spliceWithoutTokens } from "./withhold.ts";

/** How a cell fared: as the kernel said, or `"skipped"`. */
export type CellStatus = ExecuteStatus | "skipped";

/** What came of one cell. */
export interface CellRun {
  /** Its index among all cells, counted from 0. */
  readonly index: number;
  /** Its id, from nbformat 4.5 on. */
  readonly id?: string;
  /** How it fared. */
  readonly status: CellStatus;
  /** Whether the run went on after an error, because of `allowErrors` or the tag `raises-exception`. */
  readonly errorAllowed: boolean;
  /** Its number, or null when it was not executed. */
  readonly executionCount: number | null;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What it put out, before anything was withheld. */
  readonly outputs: readonly Output[];
  /** The error's name and message, if there was one. */
  readonly error?: { readonly name: string; readonly message: string };
}

/** Told while a notebook is executed. */
export interface CellProgress {
  /** `"start"` before the cell, `"end"` after it. */
  readonly state: "start" | "end";
  /** The cell's index among all cells, counted from 0. */
  readonly index: number;
  /** How many cells are executed, and which of them this is, counted from 1. */
  readonly number: number;
  /** How many cells are executed in all. */
  readonly of: number;
  /** What came of it, at the end. */
  readonly run?: CellRun;
}

/** How a notebook is executed. */
export interface RunNotebookOptions {
  /** Whether later cells are executed after an error. Default: false. */
  readonly allowErrors?: boolean;
  /** How long one cell may take, in milliseconds. Default: no limit. */
  readonly timeoutMs?: number;
  /** How long all cells together may take, in milliseconds. Default: no limit. */
  readonly totalTimeoutMs?: number;
  /** Whether the results are written into the notebook. Default: true. */
  readonly save?: boolean;
  /** Whether the notebook is saved stripped: no outputs, no numbers. Default: false. */
  readonly scrub?: boolean;
  /** Answers `prompt` and `confirm`. Default: none, they return null at once. */
  readonly input?: (request: InputRequest) => string | null | Promise<string | null>;
  /** Stops the run; what was executed is saved. */
  readonly signal?: AbortSignal;
  /** Told before and after each cell. */
  readonly onCell?: (progress: CellProgress) => void;
  /** How the kernel is started. Default: this Deno, this environment, the notebook's folder. */
  readonly kernel?: KernelOptions;
}

/** What came of executing a notebook. */
export interface NotebookRun {
  /** `"ok"` when every cell was executed and no error was left over. */
  readonly status: ExecuteStatus;
  /** Every cell that was executed or skipped, in order; not those after the end of the run. */
  readonly cells: readonly CellRun[];
  /** Tokens in the new notebook's sources and outputs; those in new outputs were not saved. */
  readonly findings: readonly Finding[];
  /** Indices of the cells whose outputs hold a token and were therefore not saved. */
  readonly withheld: readonly number[];
  /** Whether the notebook was written. */
  readonly saved: boolean;
  /** How long it took, in milliseconds, the kernel's start included. */
  readonly durationMs: number;
}

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
 * Executes a notebook on a Deno kernel of its own and writes the results into it, atomically and
 * without touching any other byte. Cells are chosen as nbclient chooses them: empty ones and those
 * tagged `skip-execution` are passed over, an error ends the run unless the cell is tagged
 * `raises-exception`. Outputs that hold a token are never saved. Needs `--allow-read`,
 * `--allow-write`, `--allow-run` and `--allow-net=127.0.0.1`.
 *
 * @param path The notebook.
 * @param options Time limits, answers to questions, what to save, who is told.
 * @returns What came of each cell. Errors in cells are part of it.
 * @throws {NotebookError} When the file is no notebook.
 * @throws {UsageError} When the notebook is for another kernel.
 * @throws {KernelError} When the kernel cannot be started.
 * @throws {FileError} When the file cannot be read or written, or somebody changed it meanwhile.
 *
 * @example Execute a notebook
 * ```ts
 * import { runNotebook } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile({ suffix: ".ipynb" });
 * const cell = { cell_type: "code", metadata: {}, execution_count: null, outputs: [] };
 * const notebook = { cells: [{ ...cell, source: "6 * 7" }], metadata: {}, nbformat: 4, nbformat_minor: 4 };
 * await Deno.writeTextFile(path, JSON.stringify(notebook));
 *
 * const { status, cells } = await runNotebook(path);
 * assert.equal(status, "ok");
 * assert.equal(cells[0]?.outputs[0]?.output_type, "execute_result");
 * assert.match(await Deno.readTextFile(path), /"execution_count":1/);
 * await Deno.remove(path);
 * ```
 */
export async function runNotebook(
  path: string,
  options: RunNotebookOptions = {},
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
