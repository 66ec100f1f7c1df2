/**
 * `hushbook run`: executes notebooks on the Deno kernel, without Python.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Command, CommandIo } from "./command.ts";
import { HushbookError, UsageError } from "../src/errors.ts";
import {
  type CellProgress,
  type NotebookRun,
  runNotebook,
  type RunNotebookOptions,
} from "../src/kernel/run/run.ts";
import type { Finding } from "../src/notebook/finding.ts";
import { maskTokens } from "../src/secret/mask.ts";

const HELP = `Usage: hushbook run [OPTIONS] NOTEBOOK...

Executes notebooks on the Deno kernel, without Python, and saves the results in place. Outputs that
hold a token are never saved. Empty cells and cells tagged skip-execution are passed over; an error
ends the run, unless the cell is tagged raises-exception.

  --allow-errors      go on after an error; what failed is still reported
  --timeout S         interrupt a cell after S seconds
  --total-timeout S   interrupt the run after S seconds
  --scrub             save the notebook without outputs and execution counts
  --no-save           execute only, change nothing
  --json              report as JSON on standard output
  --quiet             no progress

Questions (prompt, confirm) are asked in the terminal; without one they get no answer.

Exit codes: 0 everything ran; 1 a cell failed or timed out, or a token was found; 2 wrong usage;
3 a notebook or the kernel could not be read, started or written; 130 interrupted.
`;

function seconds(text: string | undefined, option: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new UsageError(`Cannot use --${option}: it must be a number of seconds greater than 0`);
  }
  return value * 1000;
}

interface Arguments {
  readonly paths: string[];
  readonly options: RunNotebookOptions;
  readonly json: boolean;
  readonly quiet: boolean;
}

function readArguments(args: readonly string[]): Arguments {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      allowNegative: true,
      options: {
        "allow-errors": { type: "boolean", default: false },
        timeout: { type: "string" },
        "total-timeout": { type: "string" },
        scrub: { type: "boolean", default: false },
        save: { type: "boolean", default: true },
        json: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new UsageError(`Cannot run: ${(error as Error).message}`);
  }
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new UsageError("Cannot run: name at least one notebook");
  const timeoutMs = seconds(values.timeout, "timeout");
  const totalTimeoutMs = seconds(values["total-timeout"], "total-timeout");
  return {
    paths: positionals,
    options: {
      allowErrors: values["allow-errors"],
      scrub: values.scrub,
      save: values.save,
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(totalTimeoutMs !== undefined && { totalTimeoutMs }),
    },
    json: values.json,
    quiet: values.quiet,
  };
}

/** Asks the person at the terminal what a cell asks. */
async function askInTerminal(
  { prompt, password }: { prompt: string; password: boolean },
): Promise<string | null> {
  const { askInTerminal } = await import("../src/terminal/ask.ts");
  return await askInTerminal(`${prompt} `, { echo: !password });
}

function elapsed(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

/** A line per cell; in a terminal the line of a running cell is overwritten by its result. */
function progress(io: CommandIo, path: string): (event: CellProgress) => void {
  return ({ state, index, number, of, run }) => {
    const name = `${path} [${number}/${of}] cell ${index + 1}`;
    if (state === "start") {
      if (io.terminal.err) io.err(`${name} …`);
      return;
    }
    const back = io.terminal.err ? "\r\x1b[K" : "";
    io.err(`${back}${name}: ${run!.status}, ${elapsed(run!.durationMs)}\n`);
  };
}

const ENDINGS: Readonly<Record<string, string>> = {
  error: "failed",
  timeout: "took too long and was stopped",
  interrupted: "was interrupted",
  dead: "ended the kernel",
};

/** What went wrong, without anything that could be a token. */
function describeProblems(path: string, run: NotebookRun): string {
  const lines: string[] = [];
  for (const cell of run.cells) {
    const ending = ENDINGS[cell.status];
    if (ending === undefined) continue;
    const allowed = cell.errorAllowed && cell.status === "error" ? " (allowed)" : "";
    const { name, message } = cell.error ?? { name: "", message: "" };
    const why = name === "" ? "" : `: ${maskTokens(`${name}: ${message}`).split("\n")[0]}`;
    lines.push(`${path}: cell ${cell.index + 1} ${ending}${allowed}${why}`);
  }
  for (const finding of run.findings) lines.push(describeFinding(path, finding, run));
  if (run.withheld.length > 0) {
    const cells = run.withheld.map((index) => index + 1).join(", ");
    lines.push(
      `${path}: outputs of cell ${cells} hold a token and were not saved. Call maskOutputs() in the ` +
        "first cell, or do not print it",
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

function describeFinding(path: string, finding: Finding, { withheld }: NotebookRun): string {
  const { cell, field, fingerprint, inOutput } = finding;
  const what = `${path}: token (fingerprint ${fingerprint}) in ${field}`;
  if (inOutput && cell !== undefined && withheld.includes(cell.index)) return what;
  return `${what}; it was there before. Remove it and rotate the token`;
}

/** The run as JSON: no outputs, since they may hold anything. */
function report(path: string, run: NotebookRun): Record<string, unknown> {
  return {
    path,
    status: run.status,
    saved: run.saved,
    durationMs: Math.round(run.durationMs),
    withheld: run.withheld,
    cells: run.cells.map(({ outputs, error, durationMs, ...cell }) => ({
      ...cell,
      durationMs: Math.round(durationMs),
      outputs: outputs.length,
      ...(error !== undefined && {
        error: { name: maskTokens(error.name), message: maskTokens(error.message) },
      }),
    })),
    findings: run.findings,
  };
}

function exitCode(run: NotebookRun): number {
  if (run.status === "interrupted") return 130;
  const failed = run.cells.some(({ status, errorAllowed }) =>
    status !== "ok" && status !== "skipped" && !(status === "error" && errorAllowed)
  );
  return failed || run.findings.length > 0 || run.withheld.length > 0 ? 1 : 0;
}

/** The `run` command. */
export const command: Command = {
  summary: "execute a notebook on the Deno kernel, without Python",
  help: HELP,
  async main(args, io) {
    const { paths, options, json, quiet } = readArguments(args);
    const interrupted = new AbortController();
    const onSignal = () => interrupted.abort();
    Deno.addSignalListener("SIGINT", onSignal);
    let worst = 0;
    const reports: Record<string, unknown>[] = [];
    try {
      for (const path of paths) {
        if (interrupted.signal.aborted) break;
        try {
          const run = await runNotebook(path, {
            ...options,
            signal: interrupted.signal,
            ...(io.terminal.input && { input: askInTerminal }),
            ...(!quiet && { onCell: progress(io, path) }),
          });
          reports.push(report(path, run));
          io.err(describeProblems(path, run));
          worst = Math.max(worst, exitCode(run));
        } catch (error) {
          if (!(error instanceof HushbookError)) throw error;
          reports.push({ path, status: "failed", code: error.code, message: error.message });
          io.err(`${path}: ${error.message}\n`);
          worst = Math.max(worst, error.code === "usage" ? 2 : 3);
        }
      }
    } finally {
      Deno.removeSignalListener("SIGINT", onSignal);
    }
    if (json) io.out(`${JSON.stringify(reports, null, 2)}\n`);
    return interrupted.signal.aborted ? 130 : worst;
  },
};
