/**
 * `hushbook scrub`: clears notebooks in place and reports tokens.
 *
 * @module
 */

import { NotebookError } from "../src/errors.ts";
import { ignoredPaths } from "../src/git/repository.ts";
import { removeLeftover } from "../src/notebook/file.ts";
import { absolute, findNotebooks, type FoundNotebooks } from "../src/notebook/paths.ts";
import { type ScrubFinding, scrubNotebook, searchNotebook } from "../src/notebook/scrub.ts";
import type { FileReport } from "../src/notebook/scrub_file.ts";
import { SettingsResolver } from "../src/notebook/settings_file.ts";
import type { StripOptions } from "../src/notebook/strip.ts";
import type { Command, CommandIo } from "./command.ts";
import { readScrubFlags, SCRUB_HELP, type ScrubFlags } from "./scrub_flags.ts";
import { reportScrub, scrubJson } from "./scrub_report.ts";
import { scrubAll, type ScrubWork } from "./scrub_work.ts";

/** Progress is shown once the work has taken this long, in milliseconds, and so often. */
const PROGRESS_AFTER = 400;
const PROGRESS_EVERY = 100;

/** Which options hold for which notebook. */
function planWork(found: FoundNotebooks, flags: ScrubFlags, cwd: string): ScrubWork {
  const settings = new SettingsResolver(cwd, flags.strip);
  const indexes = new Map<StripOptions, number>();
  const optionOf = found.notebooks.map(({ file }) => {
    const options = settings.optionsFor(file);
    const index = indexes.get(options) ?? indexes.size;
    indexes.set(options, index);
    return index;
  });
  const { check, redact } = flags;
  return { notebooks: found.notebooks, options: [...indexes.keys()], optionOf, check, redact };
}

/** Shows how many notebooks are done, on a terminal, when it takes long. */
function progress(
  io: CommandIo,
  total: number,
): { step: (index: number) => void; end: () => void } {
  let last = performance.now() + PROGRESS_AFTER - PROGRESS_EVERY;
  let shown = false;
  return {
    step(index) {
      if (!io.terminal.err || performance.now() - last < PROGRESS_EVERY) return;
      last = performance.now();
      shown = true;
      io.err(`\r${index} of ${total} notebooks`);
    },
    end() {
      if (shown) io.err("\r\x1b[K");
    },
  };
}

function exitCode(reports: readonly FileReport[], { check, failOn }: ScrubFlags): number {
  if (reports.some(({ failure }) => failure !== undefined)) return 3;
  const fails = ({ outcome, level }: ScrubFinding) =>
    (check || outcome === "remains") && (failOn === "suspect" || level === "token");
  const found = reports.some(({ findings, changed }) => findings.some(fails) || (check && changed));
  return found ? 1 : 0;
}

async function scrubFiles(flags: ScrubFlags, io: CommandIo): Promise<FileReport[]> {
  const found = await findNotebooks(flags.names, { cwd: io.cwd, ignored: ignoredPaths });
  const work = planWork(found, flags, io.cwd);
  if (!flags.check) found.leftovers.forEach(removeLeftover);
  const { step, end } = progress(io, found.notebooks.length);
  const reports = await scrubAll(work, { onReport: (_report, index) => step(index) });
  end();
  const missing = found.failures.map(({ path, error: { code, message } }): FileReport => ({
    path,
    changed: false,
    findings: [],
    failure: { code, message },
  }));
  return [...reports, ...missing];
}

/**
 * Standard input to standard output. Of what cannot be understood nothing is put out: a pipe ignores
 * exit codes, and a token must not pass.
 */
async function scrubInput(flags: ScrubFlags, io: CommandIo): Promise<FileReport> {
  const path = "standard input";
  const options = new SettingsResolver(io.cwd, flags.strip)
    .optionsFor(absolute(io.cwd, "notebook.ipynb"));
  const bytes = await io.readInput();
  try {
    const result = scrubNotebook(bytes, { ...options, path, redact: flags.redact });
    if (!flags.check) io.out(result.bytes);
    const { changed, removed, findings } = result;
    return { path, changed, removed, findings };
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    const { code, message, line, column } = error;
    const findings = searchNotebook(bytes, path)
      .map((finding): ScrubFinding => ({ ...finding, outcome: "remains" }));
    return { path, changed: false, findings, failure: { code, message, line, column } };
  }
}

async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = readScrubFlags(args);
  const fromInput = flags.names[0] === "-";
  const reports = fromInput ? [await scrubInput(flags, io)] : await scrubFiles(flags, io);
  // Standard output is the notebook's where it came from standard input.
  const say = fromInput && !flags.check ? io.err : io.out;
  if (flags.json) {
    say(scrubJson(reports));
  } else {
    const { check, verbose } = flags;
    const quiet = flags.quiet || (fromInput && !verbose && !check);
    reportScrub(reports, { check, verbose, quiet, say, complain: io.err });
  }
  return exitCode(reports, flags);
}

/** The command. */
export const command: Command = {
  summary: "clear outputs of notebooks in place and report tokens",
  help: SCRUB_HELP,
  main,
};
