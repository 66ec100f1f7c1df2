/**
 * What the hook file asks from git while Deno is starting: the list of what is staged, and the objects
 * behind it. It comes on standard input, so that a commit with nothing to clear starts no git here.
 *
 * @module
 */

import { joinBytes } from "./bytes.ts";
import type { ObjectSource } from "./objects.ts";
import type { ReadBytes } from "./pkt_line.ts";
import { DIFF_ARGUMENTS, parseRawDiff, type StagedEntry } from "./raw_diff.ts";

/** What has come. */
export interface Prepared {
  /** As `stagedEntries` lists them. */
  readonly entries: StagedEntry[];
  /** The answers of `git cat-file --batch` to the names of the policy's files, then to every blob of the entries. */
  readonly source: ObjectSource;
}

/** What ends the list; every other line begins with a colon. */
const END = "end";

/**
 * The shell lines that define `staged`, which prints what {@link readPrepared} reads. What git
 * complains of is not shown: what does not come whole is asked again, and then said.
 *
 * @param first Names of objects to print before the staged ones.
 * @returns Lines for `/bin/sh`, to be run where git runs the hook.
 */
export function stagedLines(first: readonly string[]): string[] {
  const git = "GIT_NO_REPLACE_OBJECTS=1 git";
  return [
    "# What is staged, asked from git while Deno starts.",
    "staged() {",
    `  list=$(${git} -c core.quotePath=true ${DIFF_ARGUMENTS.join(" ")}) || return`,
    `  printf '%s\\n' "$list" ${END}`,
    `  if [ -z "$list" ]; then return; fi`,
    "  {",
    `    printf '%s\\n' ${first.join(" ")}`,
    "    set -f",
    "    IFS='",
    "'",
    "    for line in $list; do",
    `      case $line in :??????\\ 1[02]*) ;; *) continue ;; esac`,
    `      line=\${line#* * * }`,
    `      printf '%s\\n' "\${line%% *}"`,
    "    done",
    `  } | ${git} cat-file --batch`,
    "}",
  ];
}

/**
 * Reads what the shell function `staged` printed.
 *
 * @param read Standard input.
 * @returns What has come; undefined if the list did not come whole. Objects that do not come whole fail
 * when they are read.
 * @throws {GitError} If the list has another form.
 */
export function readPrepared(read: ReadBytes): Prepared | undefined {
  let bytes = new Uint8Array(0);
  let end = -1;
  while (end < 0) {
    const piece = nextPiece(read);
    if (piece === undefined) return undefined;
    bytes = joinBytes(bytes, piece);
    end = indexOfEnd(bytes);
  }
  const list = new TextDecoder().decode(bytes.subarray(0, end));
  // deno-lint-ignore no-control-regex -- quotePath leaves nothing but ASCII
  if (!/^[\x00-\x7f]*$/u.test(list)) return undefined;
  let rest: Uint8Array<ArrayBuffer> | undefined = bytes.subarray(end + END.length + 2);
  if (rest.length === 0) rest = undefined;
  const nothing = () => Promise.resolve();
  return {
    entries: parseRawDiff(joinBytes(...list.split("\n").filter((line) => line !== "").map(asRaw))),
    source: {
      ask: nothing,
      endAsking: nothing,
      finish: nothing,
      read() {
        const piece = rest ?? nextPiece(read);
        rest = undefined;
        return Promise.resolve(piece);
      },
      [Symbol.asyncDispose]: nothing,
    },
  };
}

function nextPiece(read: ReadBytes): Uint8Array<ArrayBuffer> | undefined {
  const piece = new Uint8Array(65_536);
  const count = read(piece);
  return count === null ? undefined : piece.subarray(0, count);
}

/** Where the line end before the end of the list is; -1 if it has not come yet. */
function indexOfEnd(bytes: Uint8Array): number {
  const mark = new TextEncoder().encode(`\n${END}\n`);
  for (let at = bytes.indexOf(mark[0]!); at >= 0; at = bytes.indexOf(mark[0]!, at + 1)) {
    if (mark.every((byte, offset) => bytes[at + offset] === byte)) return at;
  }
  return -1;
}

/** A line of `git diff --raw` as `-z` writes it. */
function asRaw(line: string): Uint8Array<ArrayBuffer> {
  const tab = line.indexOf("\t");
  return joinBytes(line.slice(0, tab), "\0", unquoted(line.slice(tab + 1)), "\0");
}

/** What follows a backslash in a quoted name (git-config, "core.quotePath"), besides digits. */
const LETTERS: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  t: 9,
  n: 10,
  v: 11,
  f: 12,
  r: 13,
};

/** The bytes of a name that git has quoted where it had to. */
function unquoted(name: string): Uint8Array {
  if (!name.startsWith('"')) return new TextEncoder().encode(name);
  const bytes: number[] = [];
  for (const [spelled, octal] of name.slice(1, -1).matchAll(/\\([0-7]{3})|\\.|[^\\]/gu)) {
    const last = spelled.at(-1)!;
    if (octal !== undefined) bytes.push(parseInt(octal, 8));
    else bytes.push(spelled.length > 1 ? LETTERS[last] ?? last.charCodeAt(0) : last.charCodeAt(0));
  }
  return new Uint8Array(bytes);
}
