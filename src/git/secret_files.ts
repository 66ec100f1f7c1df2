/**
 * Files that usually hold secrets, and whether git would take them in.
 *
 * @module
 */

import { ignoredPaths } from "./repository.ts";
import { replaceFile } from "./replace_file.ts";
import { runGit } from "./run.ts";

/** The entries `hook install --gitignore` adds, each with a path it must cover. */
const ENTRIES: readonly { readonly entry: string; readonly example: string }[] = [
  { entry: ".env", example: ".env" },
  { entry: ".env.*", example: ".env.local" },
  { entry: "!.env.example", example: "" },
  { entry: "*.token", example: "hugging-face.token" },
  { entry: "config/secrets.json", example: "config/secrets.json" },
  { entry: ".huggingface/token", example: ".huggingface/token" },
];

/** Secret files that git would publish. */
export interface ExposedSecrets {
  /** The entries that are missing from what git ignores. */
  readonly missing: readonly string[];
  /** Files that match an entry and that git tracks: ignoring does not apply to them. */
  readonly tracked: readonly string[];
  /** Files that match an entry, in any folder, and that `git add .` would take in. */
  readonly untracked: readonly string[];
}

/**
 * Which secret files git would not ignore.
 *
 * @param top The top of the working tree, absolute.
 * @returns What is missing, and which files there are.
 * @throws {GitError} If git fails.
 */
export async function exposedSecretFiles(top: string): Promise<ExposedSecrets> {
  const examples = ENTRIES.flatMap(({ example }) => example === "" ? [] : [example]);
  const ignored = await ignoredPaths(top, [...examples, ".env.example"]);
  const [tracked, untracked] = await Promise.all([
    secretFiles(top, []),
    secretFiles(top, ["--others", "--exclude-standard"]),
  ]);
  const missing = ENTRIES.filter(({ example }) =>
    example === ""
      ? ignored.has(".env.example")
      : !ignored.has(example) && !tracked.includes(example)
  ).map(({ entry }) => entry);
  return { missing, tracked, untracked };
}

/** Files that match an entry, in any folder. */
async function secretFiles(top: string, which: readonly string[]): Promise<string[]> {
  const { stdout } = await runGit([
    "ls-files",
    ...which,
    "-z",
    "--",
    ...ENTRIES.flatMap(({ entry }) => entry.startsWith("!") ? [] : [entry, `**/${entry}`])
      .map((pattern) => `:(glob)${pattern}`),
    ":(exclude,glob)**/.env.example",
  ], { cwd: top });
  return new TextDecoder().decode(stdout).split("\0").slice(0, -1);
}

/**
 * Adds the missing entries to the top `.gitignore`, after what is there.
 *
 * @param top The top of the working tree, absolute.
 * @returns The entries added.
 */
export async function addIgnoreEntries(top: string): Promise<string[]> {
  const path = `${top}/.gitignore`;
  let text = "";
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const lines = text.split(/\r?\n/u).map((line) => line.trim());
  const entries = ENTRIES.map(({ entry }) => entry).filter((entry) => !holds(lines, entry));
  // Order matters in this file: the exception must come after the pattern it is an exception from.
  if (entries.includes(".env.*") && !entries.includes("!.env.example")) {
    entries.push("!.env.example");
  }
  if (entries.length === 0) return [];
  const end = text.includes("\r\n") ? "\r\n" : "\n";
  const separator = text === "" ? "" : text.endsWith("\n") ? end : `${end}${end}`;
  const added = ["# Secrets (added by hushbook)", ...entries].map((line) => line + end).join("");
  await replaceFile(path, `${text}${separator}${added}`);
  return entries;
}

/** Whether an entry is there, with no exception after it that could take it back. */
function holds(lines: readonly string[], entry: string): boolean {
  // With a / inside, git reads an entry from the top anyway; without, /.env means only the top one.
  const at = Math.max(
    lines.lastIndexOf(entry),
    entry.includes("/") ? lines.lastIndexOf(`/${entry}`) : -1,
  );
  return at >= 0 &&
    lines.slice(at + 1).every((line) => !line.startsWith("!") || line === "!.env.example");
}
