/**
 * The words of the hook: what it refused and the exact next command, or what it cleared and how to get
 * it back. They hold no token and no line of a notebook.
 *
 * @module
 */

import type { Finding } from "../notebook/finding.ts";
import { marksOf, nameOf, placeOf, TOKENS_PAGE } from "../notebook/report_words.ts";
import { maskName } from "../notebook/mask_name.ts";
import type { Cleared } from "./commit.ts";
import type { FixResult } from "./fix.ts";
import { type HistoryFinding, isInCommit, REF_NAME } from "./history.ts";
import type { Inspection } from "./inspect.ts";
import { addCommand, fromFolder, pathWord } from "./path_word.ts";

/** How paths and commands are written for this user. */
export interface Wording {
  /** What the user types to run hushbook. */
  readonly program: string;
  /** `GIT_PREFIX`: the user's folder from the top of the working tree, empty or ending in `/`. */
  readonly prefix: string;
  /** Staged paths that git ignores; it stages them again only when told so. Default none. */
  readonly ignored?: ReadonlySet<string>;
}

/**
 * Why a commit is refused, and what to do.
 *
 * @param seen What was seen.
 * @param wording How to write it.
 * @returns Lines for a person, ending in a line end.
 */
export function refusalText(seen: Inspection, wording: Wording): string {
  const { findings, problems, clearable, expired } = seen;
  const from = (path: string) => fromFolder(path, wording.prefix);
  const show = (path: string) => pathWord(from(path));
  const add = (paths: readonly string[]) =>
    addCommand(paths.map(from), paths.some((path) => wording.ignored?.has(path)));
  // A name that holds a token, or bytes that are no UTF-8, cannot be written into a command.
  const named = new Set(findings.filter(({ field }) => field === "name").map(({ path }) => path));
  const unwritable = (path: string) => named.has(path) || path.includes("\ufffd");
  const inOutputs = new Set(clearable);
  const paths = [...new Set(findings.map(({ path }) => path))].filter((path) => !unwritable(path));
  const written = paths.filter((path) => !inOutputs.has(path));
  const copies = clearable.filter(isCheckpoint);
  const outputs = clearable.filter((path) => !unwritable(path) && !isCheckpoint(path));
  const lines = ["hushbook: this commit is refused, and nothing was changed.", ""];
  for (const finding of findings) lines.push(`  ${findingLine(finding, wording)}`);
  for (const { path, message } of problems) lines.push(`  ${show(path)}: ${message}`);
  for (const { line, until } of expired) {
    lines.push(`  .hushbook-allow:${line}: this entry expired on ${until}`);
  }
  if (named.size > 0) {
    lines.push(
      "",
      "It is in the name of a file: give it another name (git mv), and commit.",
      `Rotate it at ${TOKENS_PAGE}, even if it was never pushed.`,
    );
  }
  if ([...findings, ...problems].some(({ path }) => path.includes("\ufffd"))) {
    lines.push(
      "",
      "A name that is not UTF-8 cannot be given to hushbook: rename that file (git mv).",
    );
  }
  if (outputs.length > 0) {
    lines.push(
      "",
      "Only outputs hold it: clear them, stage again, and commit.",
      `  ${wording.program} scrub ${outputs.map(show).join(" ")} && ${add(outputs)}`,
      `A token that was shown may have been seen: rotate it at ${TOKENS_PAGE}`,
    );
  }
  if (copies.length > 0) {
    lines.push(
      "",
      "Copies that Jupyter keeps for itself need not be committed: take them out of the index.",
      `  git rm --cached ${copies.map(show).join(" ")}`,
      `A token that was shown may have been seen: rotate it at ${TOKENS_PAGE}`,
    );
  }
  if (written.length > 0) {
    lines.push(
      "",
      "It is written in the file itself: remove it there, stage again, and commit.",
      `  ${add(written)}`,
      `Rotate it at ${TOKENS_PAGE}, even if it was never pushed.`,
      "If it is no token, put its fingerprint, the path and a reason into .hushbook-allow and git add that.",
    );
  }
  const tokens = new Set(findings.filter(({ level }) => level === "token").map(({ path }) => path));
  const leaked = paths.filter((path) => tokens.has(path));
  if (leaked.length > 0) {
    lines.push(
      "To have the Hub revoke it, before you take it out (it shows which, and asks):",
      `  ${wording.program} token revoke ${leaked.map(show).join(" ")}`,
    );
  }
  if (problems.length > 0) {
    const broken = problems.map(({ path }) => path);
    lines.push("", "Mend what could not be read, then stage again.", `  ${add(broken)}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Why a push is refused, and what to do.
 *
 * @param findings The tokens in the commits about to leave, oldest first.
 * @param wording How to write it.
 * @param first Whether the oldest of these commits is the first one there is.
 * @returns Lines for a person.
 */
export function pushRefusalText(
  findings: readonly HistoryFinding[],
  wording: Wording,
  first: boolean,
): string {
  const inCommits = findings.filter(isInCommit);
  const inNames = findings.filter(({ field }) => field === REF_NAME);
  const base = first ? "--root" : `${inCommits[0]?.commit.slice(0, 12)}~1`;
  const leaked = findings.find(({ level, field }) =>
    level === "token" && field !== "name" && field !== REF_NAME
  );
  return [
    "hushbook: this push is refused: commits that are about to leave hold a token.",
    "",
    ...findings.map((finding) =>
      `  ${finding.commit.slice(0, 12)} ${findingLine(finding, wording)}`
    ),
    "",
    `Rotate it at ${TOKENS_PAGE}${leaked === undefined ? "." : ", or have the Hub revoke it:"}`,
    ...(leaked === undefined ? [] : [
      `  git cat-file -p ${
        pathWord(leaked.commit.slice(0, 12) + (leaked.path === "" ? "" : `:${leaked.path}`))
      } | ` +
      `${wording.program} token revoke --yes -`,
    ]),
    ...(inCommits.length > 0
      ? [
        "Then take it out of these commits: removing it in a new commit is not enough.",
        `  git rebase -i ${base}`,
      ]
      : []),
    ...(inCommits.length + inNames.length < findings.length
      ? ["A tag's message is written anew with git tag -f -a NAME NAME^{}"]
      : []),
    ...(inNames.length > 0
      ? [
        "A branch gets another name with git branch -m, a tag with git tag NEW OLD && git tag -d OLD",
      ]
      : []),
    "If it is no token, put its fingerprint, the path and a reason into .hushbook-allow and commit that.",
    "",
  ].join("\n");
}

/**
 * That nothing but outputs had changed.
 *
 * @param paths The notebooks, from the top of the working tree.
 * @param wording How to write it.
 * @returns Lines for a person.
 */
export function onlyOutputsText(paths: readonly string[], wording: Wording): string {
  const shown = paths.map((path) => pathWord(maskName(fromFolder(path, wording.prefix))));
  return [
    "hushbook: only outputs changed, so nothing is left to commit.",
    `Your working files keep their outputs. To clear them: ${wording.program} scrub ${
      shown.join(" ")
    }`,
    "",
  ].join("\n");
}

/**
 * What `hook fix` saw and did.
 *
 * @param result What was seen and done.
 * @param wording How to write it.
 * @returns Lines for a person; empty if there is nothing to say.
 */
export function fixText(
  { findings, written, cleared, problems }: FixResult,
  wording: Wording,
): string {
  const shown = (path: string) => maskName(path);
  const show = (path: string) => pathWord(shown(path));
  const lines = findings.map((finding) => findingLine(finding, wording));
  for (const { path, message } of problems) lines.push(`${show(path)}: ${message}`);
  for (const path of cleared) lines.push(`${show(path)}: outputs cleared`);
  if (cleared.length > 0) {
    lines.push(`Stage again, and commit: ${addCommand(cleared.map(shown))}`);
  }
  if (written.length > 0) {
    lines.push(`Remove the token from ${written.map(show).join(" ")}, stage again, and commit`);
  }
  if (findings.length > 0) lines.push(`Rotate it at ${TOKENS_PAGE}: it was shown or saved`);
  return lines.map((line) => `${line}\n`).join("");
}

/**
 * Which notebooks were cleared on the way into the commit.
 *
 * @param cleared The notebooks.
 * @param allowed How many allowed tokens the commit holds.
 * @param wording How to write it.
 * @returns Lines for a person; empty if there is nothing to say.
 */
export function clearedText(
  cleared: readonly Cleared[],
  allowed: number,
  wording: Wording,
): string {
  const lines: string[] = [];
  for (const { path, before, workingFile } of cleared) {
    const shown = pathWord(maskName(fromFolder(path, wording.prefix)));
    lines.push(
      workingFile
        ? `hushbook: cleared the outputs of ${shown}; to have them back in the file: git cat-file blob ${
          before.slice(0, 12)
        } > ${shown}`
        : `hushbook: cleared the outputs of ${shown} in the commit; the file itself was left alone`,
    );
  }
  if (allowed > 0) {
    lines.push(
      `hushbook: ${allowed} finding${allowed === 1 ? " is" : "s are"} allowed by .hushbook-allow`,
    );
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** Whether Jupyter made it for itself: scrub never writes there. */
function isCheckpoint(path: string): boolean {
  return path.split("/").includes(".ipynb_checkpoints");
}

/** What a finding is, where it is, and how to recognise it again. */
function findingLine(finding: Finding, { prefix }: Wording): string {
  const { path, field } = finding;
  const file = path === "" ? "" : `${pathWord(fromFolder(path, prefix))}: `;
  const place = field === "name"
    ? "in the file's name"
    : field === REF_NAME
    ? "in the name of the branch or tag"
    : placeOf(finding);
  return `${file}${place}: ${nameOf(finding)} (${marksOf(finding)})`;
}
