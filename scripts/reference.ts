/**
 * Writes `scripts/REFERENCE.md` from the code: `deno task reference`. A test fails when it is out
 * of date.
 *
 * @module
 */

import { COMMANDS, main as hushbook } from "./hushbook.ts";
import type { CommandIo } from "./command.ts";
import { type Property, readInterfaces } from "./reference/api.ts";
import { SET_BY_PROGRAMS, VARIABLES } from "./reference/environment.ts";
import { ERROR_CODES } from "./reference/errors.ts";
import { EVENTS, OUTCOMES } from "./reference/events.ts";
import { FILES } from "./reference/files.ts";

/** Where the reference is. */
export const REFERENCE: URL = new URL("./REFERENCE.md", import.meta.url);

/** Modules whose own doc comment describes a format that people write or read. */
const FORMATS = [
  { title: "hushbook.json", path: "../src/notebook/settings.ts" },
  { title: ".hushbook-allow", path: "../src/notebook/allow.ts" },
];

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A list, not a table: types and sentences are too long for columns. */
function properties(list: readonly Property[]): string {
  return list.map(({ name, type, doc }) => `- \`${name}: ${type}\` — ${doc}`).join("\n");
}

async function helpOf(args: readonly string[]): Promise<string> {
  let text = "";
  const io = { out: (chunk: string | Uint8Array) => text += chunk } as unknown as CommandIo;
  await hushbook([...args, "--help"], io);
  return `\`\`\`text\n${text.trimEnd()}\n\`\`\``;
}

/** The doc comment at the top of a module, without `@module`. */
async function moduleDoc(path: string): Promise<string> {
  const source = await Deno.readTextFile(new URL(path, import.meta.url));
  const comment = /^\/\*\*\n([\s\S]*?)\n \*\//.exec(source)?.[1] ?? "";
  return comment.split("\n").map((line) => line.replace(/^ \* ?/, ""))
    .filter((line) => line !== "@module").join("\n").trim();
}

async function commandsPart(): Promise<string[]> {
  const parts = [
    "## Commands",
    "As `deno task NAME` in a checkout, as `hushbook NAME` when installed.",
  ];
  parts.push(await helpOf([]));
  for (const name of Object.keys(COMMANDS)) parts.push(`### ${name}`, await helpOf([name]));
  return parts;
}

function environmentPart(): string[] {
  const rows = (list: typeof VARIABLES) => list.map(({ name, does }) => [`\`${name}\``, does]);
  return [
    "## Environment variables",
    table(["variable", "meaning"], rows(VARIABLES)),
    "Set by other programs, not by hand:",
    table(["variable", "meaning"], rows(SET_BY_PROGRAMS)),
  ];
}

async function filesPart(): Promise<string[]> {
  const parts = [
    "## Files",
    "### The private folder",
    "`$HUSHBOOK_HOME`; else `$XDG_STATE_HOME/hushbook`; else `~/.local/state/hushbook`, on macOS " +
    "`~/Library/Application Support/hushbook`, on Windows `%LOCALAPPDATA%\\hushbook`. The folder is " +
    "0700, its files are 0600. Each is made when it is first needed.",
    table(["file", "what is in it"], FILES.map(({ name, holds }) => [`\`${name}\``, holds])),
  ];
  for (const { title, path } of FORMATS) parts.push(`### ${title}`, await moduleDoc(path));
  return parts;
}

function errorsPart(): string[] {
  const rows = Object.entries(ERROR_CODES).flatMap(([name, codes]) =>
    Object.entries(codes).map(([code, means]) => [`\`${code}\``, `\`${name}\``, means])
  );
  return [
    "## Error codes",
    "Every error of hushbook is a `HushbookError` with a stable `code`. Its message says what failed, " +
    "why, and what to do; it never holds a token, a passphrase, a prompt or a line of a notebook. A " +
    "command prints the message and ends with 2 for `usage`, with 3 for the others, unless its help " +
    "says something else.",
    table(["code", "class", "meaning"], rows),
  ];
}

/**
 * Writes the reference.
 *
 * @returns The text of `REFERENCE.md`.
 */
export async function reference(): Promise<string> {
  const api = await readInterfaces(new URL("../mod.ts", import.meta.url));
  const own = (name: string) => api.find((one) => one.name === name)!.properties;
  const record = [...own("AuditEvent"), ...own("AuditRecord")];
  const rows = (list: Readonly<Record<string, string>>) =>
    Object.entries(list).map(([name, means]) => [`\`${name}\``, means]);
  const options = api.filter(({ name, properties }) =>
    /(?:Options|Budget|Price|Ceiling|Window)$/.test(name) && properties.length > 0
  ).flatMap((one) => [
    `### ${one.name}`,
    one.doc +
    (one.extends.length === 0
      ? ""
      : ` Also has the options of ${one.extends.map((name) => `\`${name}\``).join(", ")}.`),
    properties(one.properties),
  ]);
  const parts = [
    "# Reference",
    "<!-- Written by `deno task reference` from the code. Do not edit. -->",
    "Every command, environment variable, file, error code, audit event and option of hushbook.",
    ...await commandsPart(),
    ...environmentPart(),
    ...await filesPart(),
    ...errorsPart(),
    "## Audit events",
    "One JSON object a line. A record has the fields it needs, and no others.",
    table(["event", "meaning"], rows(EVENTS)),
    table(["outcome", "meaning"], rows(OUTCOMES)),
    properties(record),
    "## Options of the functions",
    ...options,
  ];
  return await formatted(`${parts.join("\n\n")}\n`);
}

/** As `deno fmt` leaves it, which `deno task check` asks for. */
async function formatted(markdown: string): Promise<string> {
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "-"],
    cwd: new URL("..", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const [{ code, stdout }] = await Promise.all([
    fmt.output(),
    new Blob([markdown]).stream().pipeTo(fmt.stdin),
  ]);
  if (code !== 0) throw new Error(`Cannot format the reference: deno fmt ends with ${code}`);
  return new TextDecoder().decode(stdout);
}

if (import.meta.main) await Deno.writeTextFile(REFERENCE, await reference());
