/**
 * The options of `hushbook scan`.
 *
 * @module
 */

import { UsageError } from "../src/errors.ts";
import type { ReportFormat } from "../src/notebook/report.ts";
import { type OptionSpec, readOptions } from "./options.ts";

/** What the command line asks for. */
export interface ScanFlags {
  /** Files, folders and patterns; `-` alone stands for standard input. */
  readonly names: readonly string[];
  /** Search what is staged instead of files. */
  readonly staged: boolean;
  /** Search all that was ever committed instead of files. */
  readonly history: boolean;
  /** How to report. */
  readonly format: ReportFormat;
  /** Name look-alikes and allowed findings too. */
  readonly verbose: boolean;
  /** The level from which a finding fails. */
  readonly failOn: "token" | "suspect";
}

const SPEC: OptionSpec = {
  flags: ["--staged", "--history", "--json", "--verbose"],
  values: ["--format", "--fail-on"],
  aliases: { "-v": "--verbose" },
};

const FORMATS: readonly string[] = ["text", "json", "sarif", "github"] satisfies ReportFormat[];

function isFormat(text: string): text is ReportFormat {
  return FORMATS.includes(text);
}

/**
 * Reads the command line of `hushbook scan`.
 *
 * @param args Its arguments.
 * @returns What it asks for.
 * @throws {UsageError} When it cannot be understood.
 */
export function readScanFlags(args: readonly string[]): ScanFlags {
  const { flags, values, names } = readOptions(args, SPEC);
  const format = values.get("--format")?.at(-1) ?? (flags.has("--json") ? "json" : "text");
  if (!isFormat(format)) {
    throw new UsageError("Cannot use the value of --format: it is text, json, sarif or github");
  }
  if (flags.has("--json") && format !== "json") {
    throw new UsageError("Cannot use --json with another --format: choose one");
  }
  const failOn = values.get("--fail-on")?.at(-1) ?? "suspect";
  if (failOn !== "token" && failOn !== "suspect") {
    throw new UsageError("Cannot use the value of --fail-on: it is token or suspect");
  }
  const staged = flags.has("--staged");
  const history = flags.has("--history");
  if (staged && history) {
    throw new UsageError("Cannot search --staged and --history at once: run the command twice");
  }
  if ((staged || history) && names.length > 0) {
    throw new UsageError(
      `Cannot search a path with ${staged ? "--staged" : "--history"}: it searches all of the ` +
        "repository; leave the path out",
    );
  }
  if (names.includes("-") && names.length > 1) {
    throw new UsageError("Cannot search - and files at once: - stands for standard input alone");
  }
  return { names, staged, history, format, verbose: flags.has("--verbose"), failOn };
}

/** The help text of `hushbook scan`. */
export const SCAN_HELP = `Usage: hushbook scan [OPTIONS] [PATH...]

Finds Hugging Face tokens in notebooks and in any other file, and changes
nothing. It reads through JSON and other escapes, HTML, percent encoding, colour
codes, invisible characters, full-width letters, strings put together or written
backwards, wrapped lines, base64, hexadecimal and lists of character codes. It does
not read what is compressed or encrypted, nor what code makes of variables. A report
never holds a token or a line of a file.

PATH is a file, a folder, a pattern such as "docs/**/*.md", or - (standard
input). Without one: the files of this repository, or of this folder. In folders,
files that git ignores are left out; without git, .git, node_modules and Python
environments are.

  --staged              search what is staged, as the pre-commit hook does
  --history             search everything that branches, tags and stash entries reach:
                        files, messages, authors, and the names of branches and tags
  --format FORMAT       text (default), json, sarif (2.1.0) or github (annotations)
  --json                the same as --format json
  --fail-on LEVEL       suspect (default): all findings fail; token: only those of
                        a token's exact shape
  -v, --verbose         name allowed findings and look-alikes too
  --help                this text

A token that is none can be listed in .hushbook-allow at the repository's root:
fingerprint, path pattern, reason.

Exit codes: 0 no token; 1 a token was found; 2 wrong usage; 3 a file could not be
read (the others were searched).

Needs --allow-read, and --allow-run=git for the files of a repository.
`;
