/**
 * The options of `hushbook scrub`.
 *
 * @module
 */

import { UsageError } from "../src/errors.ts";
import type { ReportFormat } from "../src/notebook/report.ts";
import { isOutputType, parseSize } from "../src/notebook/option_text.ts";
import { type StripOptions, stripPlan } from "../src/notebook/strip.ts";
import { type GivenOptions, type OptionSpec, readOptions } from "./options.ts";

/** What the command line asks for. */
export interface ScrubFlags {
  /** Files, folders and patterns; `-` alone stands for standard input. */
  readonly names: readonly string[];
  /** Change nothing. */
  readonly check: boolean;
  /** Replace tokens that remain. */
  readonly redact: boolean;
  /** How to report. */
  readonly format: ReportFormat;
  /** Say what was done to each notebook. */
  readonly verbose: boolean;
  /** Say nothing but findings and failures. */
  readonly quiet: boolean;
  /** The level from which a finding fails. */
  readonly failOn: "token" | "suspect";
  /** What to remove and what to keep. */
  readonly strip: StripOptions;
}

/** A further value of an option that takes several, as nbstripout's do: a type, and no file. */
const knownType = (value: string) =>
  /^(stream|error|display_data|execute_result|update_display_data|pyout|pyerr)(:\w+)?$/.test(value);

const SPEC: OptionSpec = {
  flags: [
    "--check",
    "--redact",
    "--json",
    "--verbose",
    "--quiet",
    "--keep-output",
    "--keep-count",
    "--keep-id",
    "--drop-empty-cells",
    "--strip-init-cells",
  ],
  values: [
    "--fail-on",
    "--format",
    "--extra-keys",
    "--keep-metadata-keys",
    "--drop-tagged-cells",
    "--max-size",
    "--drop-output-type",
    "--keep-output-type",
  ],
  aliases: { "-q": "--quiet", "-v": "--verbose", "--verify": "--check" },
  several: { "--drop-output-type": knownType, "--keep-output-type": knownType },
};

/** The words of an option that holds a list, given once or more. */
function words({ values }: GivenOptions, option: string): string[] {
  return (values.get(option) ?? []).flatMap((value) => value.split(/\s+/)).filter((word) => word);
}

function outputTypes(given: GivenOptions, option: string): string[] {
  const types = words(given, option);
  if (types.every(isOutputType)) return types;
  throw new UsageError(
    `Cannot use the value of ${option}: an output type looks like error or stream:stderr`,
  );
}

function maxSize({ values }: GivenOptions): number | undefined {
  const text = values.get("--max-size")?.at(-1);
  if (text === undefined) return undefined;
  const size = parseSize(text);
  if (size !== undefined) return size;
  throw new UsageError("Cannot use the value of --max-size: a size looks like 500, 10k or 1M");
}

function failOn({ values }: GivenOptions): "token" | "suspect" {
  const level = values.get("--fail-on")?.at(-1) ?? "suspect";
  if (level === "token" || level === "suspect") return level;
  throw new UsageError("Cannot use the value of --fail-on: it is token or suspect");
}

const FORMATS: readonly string[] = ["text", "json", "sarif", "github"] satisfies ReportFormat[];

function readFormat({ flags, values }: GivenOptions): ReportFormat {
  const json = flags.has("--json");
  const format = values.get("--format")?.at(-1) ?? (json ? "json" : "text");
  if (!FORMATS.includes(format)) {
    throw new UsageError("Cannot use the value of --format: it is text, json, sarif or github");
  }
  if (json && format !== "json") {
    throw new UsageError("Cannot use --json with another --format: choose one");
  }
  return format as ReportFormat;
}

/**
 * Reads the command line of `hushbook scrub`.
 *
 * @param args Its arguments.
 * @returns What it asks for.
 * @throws {UsageError} When it cannot be understood.
 */
export function readScrubFlags(args: readonly string[]): ScrubFlags {
  const given = readOptions(args, SPEC);
  const has = (flag: string) => given.flags.has(flag);
  const size = maxSize(given);
  if (given.names.includes("-") && given.names.length > 1) {
    throw new UsageError("Cannot scrub - and files at once: - stands for standard input alone");
  }
  if (has("--check") && has("--redact")) {
    throw new UsageError("Cannot use --check with --redact: --check changes nothing");
  }
  const flags: ScrubFlags = {
    names: given.names,
    check: has("--check"),
    redact: has("--redact"),
    format: readFormat(given),
    verbose: has("--verbose"),
    quiet: has("--quiet"),
    failOn: failOn(given),
    strip: {
      ...(has("--keep-output") ? { keepOutput: true } : {}),
      ...(has("--keep-count") ? { keepCount: true } : {}),
      ...(has("--drop-empty-cells") ? { dropEmptyCells: true } : {}),
      ...(has("--strip-init-cells") ? { stripInitCells: true } : {}),
      ...(size === undefined ? {} : { maxSize: size }),
      extraKeys: words(given, "--extra-keys"),
      keepMetadataKeys: words(given, "--keep-metadata-keys"),
      dropTaggedCells: words(given, "--drop-tagged-cells"),
      dropOutputType: outputTypes(given, "--drop-output-type"),
      keepOutputType: outputTypes(given, "--keep-output-type"),
    },
  };
  stripPlan(flags.strip); // refuses keys that cannot be removed, before any file is touched
  return flags;
}

/** The help text of `hushbook scrub`. */
export const SCRUB_HELP = `Usage: hushbook scrub [OPTIONS] [PATH...]

Clears outputs, execution counts and passing metadata of notebooks in place, and
reports every Hugging Face token it sees. Every other byte stays as it is; a
notebook with nothing to clear is not written.

PATH is a notebook, a folder, a pattern such as "docs/**/*.ipynb", or - (standard
input to standard output). Without one: the notebooks of this repository, or of
this folder. In folders, files that git ignores, node_modules and Python
environments are left out; checkpoint copies are searched, never written.

  --check                 change nothing; exit 1 if something is to be cleared
  --redact                replace tokens in sources, metadata, attachments and kept
                          outputs by hf_REDACTED
  --keep-output           keep outputs, except of cells that say keep_output: false
  --keep-count            keep execution counts
  --extra-keys "KEY ..."  also remove metadata.KEY or cell.metadata.KEY
  --keep-metadata-keys "KEY ..."  do not remove these
  --drop-empty-cells      drop cells without source
  --drop-tagged-cells "TAG ..."   drop cells with one of these tags
  --strip-init-cells      clear cells marked init_cell too
  --max-size SIZE         keep outputs of at most SIZE characters (500, 10k, 1M)
  --drop-output-type TYPE ...     always clear these: error, stream:stderr, ...
  --keep-output-type TYPE ...     keep these, and no others
  --fail-on token         exit 1 for tokens only, not for what may be one
  --format FORMAT         text, json, sarif or github; --json is --format json
  -v, --verbose           say what was done to each notebook
  -q, --quiet             say nothing but tokens and failures

Cells marked by the metadata or tag keep_output, or init_cell, keep their outputs;
a notebook's own metadata keep_output holds for all its cells. Cell ids are always
kept (--keep-id is accepted and changes nothing). The file hushbook.json at the
root of the repository holds the same options, and path patterns (keepOutput) of
notebooks whose outputs are meant to be published. The file .hushbook-allow lists
findings that are allowed, by fingerprint.

A notebook is replaced by a new file of the same mode: links are followed, other
hard links keep the old content (they are told of), and access control lists and
extended attributes do not come along.

Exit codes: 0 nothing wrong (a token that was in a cleared output is a warning);
1 a token remains, or --check found something to clear; 2 wrong usage;
3 a file could not be read, understood or written (the others are still done).
`;
