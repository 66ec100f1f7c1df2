/**
 * `hushbook scan`: finds tokens in any file, in what is staged, or in the history.
 *
 * @module
 */

import type { LfsContent } from "../src/git/lfs.ts";
import { gitText } from "../src/git/run.ts";
import { ALLOW_FILE, AllowList, parseAllow } from "../src/notebook/allow.ts";
import { AllowResolver } from "../src/notebook/allow_file.ts";
import { findTokens } from "../src/notebook/find.ts";
import { absolute } from "../src/notebook/path.ts";
import { formatReport, type ReportedFinding, type ScanReport } from "../src/notebook/report.ts";
import { anyFails } from "../src/notebook/report_words.ts";
import { maskName } from "../src/notebook/mask_name.ts";
import type { Command, CommandIo } from "./command.ts";
import { listScanFiles, searchFile, whyUnread } from "./scan_files.ts";
import { readScanFlags, SCAN_HELP, type ScanFlags } from "./scan_flags.ts";

/** Shows how much is done, on a terminal, when it takes long. */
class Progress {
  readonly #io: CommandIo;
  #next = performance.now() + 400;
  #shown = false;

  constructor(io: CommandIo) {
    this.#io = io;
  }

  step(text: () => string): void {
    if (!this.#io.terminal.err || performance.now() < this.#next) return;
    this.#next = performance.now() + 100;
    this.#shown = true;
    this.#io.err(`\r${text()}\x1b[K`);
  }

  end(): void {
    if (this.#shown) this.#io.err("\r\x1b[K");
  }
}

/** The list that holds for the repository of a folder. */
function listOf(folder: string): AllowList {
  const resolver = new AllowResolver(folder);
  resolver.prepare(`${folder}/-`);
  return resolver.lists.values().next().value!;
}

async function scanFiles(flags: ScanFlags, io: CommandIo): Promise<ScanReport> {
  const { files, failures } = await listScanFiles(flags.names, io.cwd);
  const progress = new Progress(io);
  const allowed = new AllowResolver(io.cwd);
  const lfs = new Map<string, LfsContent>();
  const findings: ReportedFinding[] = [];
  const unread = [...failures];
  const searched: string[] = [];
  let count = 0;
  for (const one of files) {
    progress.step(() => `${count} of ${files.length} files`);
    try {
      const found = await searchFile(
        one,
        (bytes, path) =>
          findTokens(bytes, { ...(path !== undefined && { path }), notes: flags.verbose }),
        lfs,
      );
      count++;
      allowed.prepare(one.file);
      searched.push(one.file);
      findings.push(
        ...found.map((finding) => ({ ...finding, allowed: allowed.allows(finding, one.file) })),
      );
    } catch (error) {
      const why = whyUnread(error);
      if (one.named || !(error instanceof Deno.errors.NotFound)) {
        unread.push({ path: maskName(one.path), message: why });
      }
    }
  }
  progress.end();
  const lists = [...allowed.lists];
  const below = (folder: string) =>
    searched.filter((file) => file.startsWith(`${folder}/`)).map((file) =>
      file.slice(folder.length + 1)
    );
  const isWhole = flags.names.length === 0 && lists.length === 1;
  return {
    findings,
    searched: { count, what: "file" },
    failures: unread,
    allow: {
      expired: lists.flatMap(([, list]) => list.expired),
      unused: lists.flatMap(([folder, list]) =>
        list.unused(isWhole ? "everything" : below(folder))
      ),
    },
  };
}

async function scanInput(flags: ScanFlags, io: CommandIo): Promise<ScanReport> {
  const list = listOf(io.cwd);
  const findings = findTokens(await io.readInput(), { notes: flags.verbose });
  return {
    findings: findings.map((finding) => ({ ...finding, allowed: list.allows(finding, "-") })),
    searched: { count: 1, what: "file" },
    failures: [],
    allow: { expired: list.expired, unused: [] },
  };
}

/** The list as it is staged: what is committed is judged by what is committed with it. */
async function stagedList(cwd: string): Promise<AllowList> {
  const names = await gitText(["ls-files", "--cached", "--full-name", "--", `:/${ALLOW_FILE}`], {
    cwd,
  });
  const text = names === "" ? "" : await gitText(["cat-file", "blob", `:${ALLOW_FILE}`], { cwd });
  return new AllowList(parseAllow(text));
}

async function scanStaged(flags: ScanFlags, io: CommandIo): Promise<ScanReport> {
  const { searchStaged } = await import("../src/git/staged.ts");
  const list = await stagedList(io.cwd);
  const { findings, files } = await searchStaged({ cwd: io.cwd, notes: flags.verbose });
  return {
    findings: findings.map((finding) => ({ ...finding, allowed: list.allows(finding) })),
    searched: { count: files, what: "staged file" },
    failures: [],
    allow: { expired: list.expired, unused: [] },
  };
}

async function scanHistory(flags: ScanFlags, io: CommandIo): Promise<ScanReport> {
  const { searchHistory } = await import("../src/git/history.ts");
  const list = listOf(io.cwd);
  const progress = new Progress(io);
  const { findings, objects } = await searchHistory({
    cwd: io.cwd,
    notes: flags.verbose,
    onProgress: (done) => progress.step(() => `${done} objects`),
  });
  progress.end();
  const reported = findings.map((finding) => ({ ...finding, allowed: list.allows(finding) }));
  return {
    findings: reported,
    searched: { count: objects, what: "object" },
    failures: [],
    allow: { expired: list.expired, unused: list.unused("everything") },
  };
}

function scan(flags: ScanFlags, io: CommandIo): Promise<ScanReport> {
  if (flags.staged) return scanStaged(flags, io);
  if (flags.history) return scanHistory(flags, io);
  if (flags.names[0] === "-") return scanInput(flags, io);
  return scanFiles(flags, io);
}

async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const flags = readScanFlags(args);
  const report = await scan(flags, { ...io, cwd: absolute(io.cwd, ".") });
  const { failOn, verbose, format } = flags;
  const text = formatReport(report, format, { failOn, verbose, colour: io.colour.out });
  if (text !== "") io.out(text);
  if (report.failures.length > 0) return 3;
  return anyFails(report, { failOn }) ? 1 : 0;
}

/** The command. */
export const command: Command = {
  summary: "find tokens in any file, in what is staged, or in the history",
  help: SCAN_HELP,
  main,
};
