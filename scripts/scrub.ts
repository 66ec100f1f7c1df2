/**
 * `hushbook scrub`: clears notebooks in place and reports tokens.
 *
 * @module
 */

import { NotebookError } from "../src/errors.ts";
import { ignoredPaths } from "../src/git/repository.ts";
import { AllowResolver } from "../src/notebook/allow_file.ts";
import { findInName } from "../src/notebook/find_name.ts";
import type { Finding } from "../src/notebook/finding.ts";
import { removeLeftover } from "../src/notebook/replace.ts";
import { absolute } from "../src/notebook/path.ts";
import { findNotebooks, type FoundNotebooks } from "../src/notebook/paths.ts";
import type { ScanReport } from "../src/notebook/report.ts";
import { fails } from "../src/notebook/report_words.ts";
import { judge, type ScrubFinding, searchNotebook } from "../src/notebook/scrub.ts";
import type { FileReport } from "../src/notebook/scrub_file.ts";
import { SettingsResolver } from "../src/notebook/settings_file.ts";
import { stripNotebook } from "../src/notebook/strip.ts";
import { maskName } from "../src/notebook/mask_name.ts";
import type { Command, CommandIo } from "./command.ts";
import { readScrubFlags, SCRUB_HELP, type ScrubFlags } from "./scrub_flags.ts";
import { type JudgedReport, reportScrub, scrubJson } from "./scrub_report.ts";
import { scrubAll, type ScrubTask } from "./scrub_work.ts";

/** Progress is shown once the work has taken this long, in milliseconds, and so often. */
const PROGRESS_AFTER = 400;
const PROGRESS_EVERY = 100;

/** Which options hold for which notebook; refuses wrong settings before anything is done. */
function planTasks(
  { notebooks }: FoundNotebooks,
  settings: SettingsResolver,
  allowed: AllowResolver,
): ScrubTask[] {
  return notebooks.map((notebook) => {
    allowed.prepare(notebook.file);
    return { notebook, options: settings.optionsFor(notebook.file) };
  });
}

/** Shows how many notebooks are done, on a terminal, when it takes long. */
function progress(
  io: CommandIo,
  total: number,
): { step: (index: number) => void; end: () => void } {
  let last = performance.now() + PROGRESS_AFTER - PROGRESS_EVERY;
  let shown = false;
  return {
    step(done) {
      if (!io.terminal.err || performance.now() - last < PROGRESS_EVERY) return;
      last = performance.now();
      shown = true;
      io.err(`\r${done} of ${total} notebooks`);
    },
    end() {
      if (shown) io.err("\r\x1b[K");
    },
  };
}

/** All findings, those in the file's name too, and which of them are allowed. */
function judged(report: FileReport, file: string, allowed: AllowResolver): JudgedReport {
  const inName = findInName(report.path)
    .map((finding): ScrubFinding => ({ ...finding, outcome: "remains" }));
  const findings = [...inName, ...report.findings].map((finding) => ({
    ...finding,
    allowed: allowed.allows(finding, file),
  }));
  return { ...report, findings };
}

async function scrubFiles(
  flags: ScrubFlags,
  io: CommandIo,
  allowed: AllowResolver,
  known: Map<string, string | undefined>,
): Promise<JudgedReport[]> {
  const found = await findNotebooks(flags.names, { cwd: io.cwd, ignored: ignoredPaths });
  const settings = new SettingsResolver(io.cwd, flags.strip, known);
  const tasks = planTasks(found, settings, allowed);
  const { check, redact } = flags;
  if (!check) found.leftovers.forEach(removeLeftover);
  const { step, end } = progress(io, tasks.length);
  const allows = (finding: Finding, file: string) => allowed.allows(finding, file);
  const reports = await scrubAll(tasks, { check, redact, allows }, step);
  end();
  const missing = found.failures.map(({ path, error: { code, message } }): JudgedReport => ({
    path,
    changed: false,
    findings: [],
    failure: { code, message },
  }));
  const done = reports.map((report, index) =>
    judged(report, found.notebooks[index]!.file, allowed)
  );
  return [...done, ...missing];
}

/**
 * Standard input to standard output. Of what cannot be understood nothing is put out: a pipe
 * ignores exit codes, and a token must not pass.
 */
async function scrubInput(
  { check, redact, strip }: ScrubFlags,
  io: CommandIo,
  allowed: AllowResolver,
): Promise<JudgedReport> {
  const path = "standard input";
  const file = absolute(io.cwd, "-");
  const options = new SettingsResolver(io.cwd, strip).optionsFor(file);
  allowed.prepare(file);
  const bytes = await io.readInput();
  try {
    const found = searchNotebook(bytes, path);
    const result = judge(bytes, found, stripNotebook(bytes, options), {
      path,
      redact: redact && ((finding) => !allowed.allows(finding, file)),
    });
    if (!check) io.out(result.bytes);
    const { changed, removed, findings } = result;
    return judged({ path, changed, removed, findings }, file, allowed);
  } catch (error) {
    if (!(error instanceof NotebookError)) throw error;
    const { code, message, line, column } = error;
    const findings = searchNotebook(bytes, path)
      .map((finding): ScrubFinding => ({ ...finding, outcome: "remains" }));
    const failure = { code, message, line, column };
    return judged({ path, changed: false, findings, failure }, file, allowed);
  }
}

/**
 * The report in the formats of `hushbook scan`: what remains, and what a check found to be there.
 */
function asScanReport(reports: readonly JudgedReport[], check: boolean): ScanReport {
  return {
    findings: reports.flatMap(({ findings }) =>
      findings.filter(({ outcome }) => check || outcome === "remains")
    ),
    searched: { count: reports.length, what: "file" },
    failures: reports.flatMap(({ path, failure }) =>
      failure === undefined ? [] : [{ path: maskName(path), message: failure.message }]
    ),
    allow: { expired: [], unused: [] },
  };
}

function exitCode(reports: readonly JudgedReport[], { check, failOn }: ScrubFlags): number {
  if (reports.some(({ failure }) => failure !== undefined)) return 3;
  const wrong = reports.some(({ findings, changed }) =>
    (check && changed) ||
    findings.some((finding) =>
      (check || finding.outcome === "remains") && fails(finding, { failOn })
    )
  );
  return wrong ? 1 : 0;
}

async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = readScrubFlags(args);
  const { check, redact, verbose, format, failOn } = flags;
  const known = new Map<string, string | undefined>(); // which folder is in which repository
  const allowed = new AllowResolver(io.cwd, known);
  const fromInput = flags.names[0] === "-";
  const reports = fromInput
    ? [await scrubInput(flags, io, allowed)]
    : await scrubFiles(flags, io, allowed, known);
  // Standard output is the notebook's where it came from standard input.
  const aside = fromInput && !check;
  const say = aside ? io.err : io.out;
  if (format === "json") {
    say(scrubJson(reports));
  } else if (format !== "text") {
    const { formatReport } = await import("../src/notebook/report.ts"); // seldom needed
    say(formatReport(asScanReport(reports, check), format, { failOn }));
  } else {
    const quiet = flags.quiet || (aside && !verbose);
    const colour = aside ? io.colour.err : io.colour.out;
    const tone = { check, redact, verbose, quiet, failOn, colour, say, complain: io.err };
    reportScrub(reports, tone, [...allowed.lists.values()].flatMap(({ expired }) => expired));
  }
  return exitCode(reports, flags);
}

/** The command. */
export const command: Command = {
  summary: "clear outputs of notebooks in place and report tokens",
  help: SCRUB_HELP,
  main,
};
