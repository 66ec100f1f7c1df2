/**
 * `hushbook scan`: finds tokens in any file, in what is staged, or in the history.
 *
 * @module
 */

import { LfsContent, lfsPointer } from "../src/git/lfs.ts";
import { LARGE, searchPieces } from "../src/git/pieces.ts";
import { gitText } from "../src/git/run.ts";
import { ALLOW_FILE, AllowList, parseAllow } from "../src/notebook/allow.ts";
import { AllowResolver } from "../src/notebook/allow_file.ts";
import { findTokens } from "../src/notebook/find.ts";
import type { Finding } from "../src/notebook/finding.ts";
import { absolute, repositoryRoot } from "../src/notebook/paths.ts";
import { formatReport, type ReportedFinding, type ScanReport } from "../src/notebook/report.ts";
import { anyFails } from "../src/notebook/report_words.ts";
import { maskTokens } from "../src/secret/mask.ts";
import type { Command, CommandIo } from "./command.ts";
import { listScanFiles, type ScanFile } from "./scan_files.ts";
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

/** The LFS content of a file's repository; git is asked once for each. */
function lfsOf(file: string, known: Map<string, LfsContent>): LfsContent {
  const folder = file.replace(/\/[^/]*$/, "") || "/";
  const root = repositoryRoot(folder) ?? folder;
  const content = known.get(root) ?? new LfsContent(root);
  known.set(root, content);
  return content;
}

/** Everything found in one file: its name, its content, and what an LFS pointer stands for. */
async function searchFile(
  { path, file, named }: ScanFile,
  notes: boolean,
  lfs: Map<string, LfsContent>,
): Promise<Finding[]> {
  const search = (bytes: Uint8Array) => findTokens(bytes, { path, notes });
  const findings: Finding[] = path.includes("_")
    ? findTokens(new TextEncoder().encode(path), { notes })
      .map((found) => ({ ...found, path: maskTokens(path), field: "name" }))
    : [];
  const info = named ? await Deno.stat(file) : await Deno.lstat(file);
  if (info.isSymlink) {
    return [...findings, ...search(new TextEncoder().encode(await Deno.readLink(file)))];
  }
  if (!info.isFile) return findings;
  if (info.size >= LARGE) {
    return [...findings, ...await searchPieces((await Deno.open(file)).readable, search)];
  }
  const bytes = await Deno.readFile(file);
  findings.push(...search(bytes));
  const pointer = lfsPointer(bytes);
  if (pointer !== undefined) {
    const content = await lfsOf(file, lfs).open(pointer, file);
    if (content !== undefined) findings.push(...await searchPieces(content, search));
  }
  return findings;
}

function whyUnread(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) {
    return "Cannot search the file: there is no such file; check the spelling";
  }
  return "Cannot search the file: this user, or Deno, may not read it; change its permissions";
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
      const found = await searchFile(one, flags.verbose, lfs);
      count++;
      allowed.prepare(one.file);
      searched.push(one.file);
      findings.push(
        ...found.map((finding) => ({ ...finding, allowed: allowed.allows(finding, one.file) })),
      );
    } catch (error) {
      if (
        !(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
          error instanceof Deno.errors.NotCapable)
      ) throw error;
      if (one.named || !(error instanceof Deno.errors.NotFound)) {
        unread.push({ path: maskTokens(one.path), message: whyUnread(error) });
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
