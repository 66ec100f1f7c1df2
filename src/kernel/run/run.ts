/**
 * Executing a notebook on a Deno kernel, without Python.
 *
 * @module
 */

import type { Finding } from "../../notebook/finding.ts";
import type { KernelOptions } from "../client.ts";
import type { ExecuteStatus, InputRequest } from "../execution.ts";
import type { Output } from "../outputs.ts";

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
  /**
   * Whether the run went on after an error, because of `allowErrors` or the tag `raises-exception`.
   */
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
  // Loaded here: most who import hushbook run no notebook.
  const { executeNotebook } = await import("./execute.ts");
  return await executeNotebook(path, options);
}
