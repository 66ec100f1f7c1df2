/**
 * The files `hook install` writes: two hooks and the start of the filter. All are `/bin/sh` scripts
 * that stand alone, since a hooks folder may be shared by many repositories.
 *
 * @module
 */

import { findingLines, type Launch, launchOfStep, lostLines, startLine } from "./launcher.ts";
import { POLICY_FILES } from "./policy.ts";
import { stagedLines } from "./prepared.ts";

/** The hooks hushbook can install. */
export type HookName = "pre-commit" | "pre-push";

/** What a hook that was there before is called from then on. */
export function beforeName(name: HookName): string {
  return `${name}.before-hushbook`;
}

const MARK = "# Made by hushbook";

/**
 * Whether a file was made by hushbook.
 *
 * @param text Its content.
 * @returns True if its second line says so.
 */
export function isMadeByHushbook(text: string): boolean {
  return text.split("\n", 2)[1]?.startsWith(MARK) ?? false;
}

/**
 * The hook file.
 *
 * @param name Which hook.
 * @param given How to start hushbook.
 * @returns The whole text of the file.
 */
export function hookText(name: HookName, given: Launch): string {
  const push = name === "pre-push";
  const launch = push ? given : launchOfStep(given, "hook run");
  return [
    "#!/bin/sh",
    `${MARK} (${name} hook); 'hook uninstall' removes it, 'hook status' explains it.`,
    `case $0 in */*) hooks=\${0%/*} ;; *) hooks=. ;; esac`,
    ...(push ? ["pushed=$(cat)"] : []),
    "# The hook that was here before runs first, and may refuse.",
    `if [ -x "$hooks/${beforeName(name)}" ]; then`,
    push
      ? `  printf '%s\\n' "$pushed" | "$hooks/${beforeName(name)}" "$@" || exit $?`
      : `  "$hooks/${beforeName(name)}" "$@" || exit $?`,
    "fi",
    "missing() {",
    `  echo "hushbook: cannot check this ${push ? "push" : "commit"}: $1" >&2`,
    "  exit 1",
    "}",
    ...findingLines(launch),
    "# It may read and write here, in the git folder, and in its own folder (the audit log).",
    "# An index of the user's own (GIT_INDEX_FILE) may lie anywhere.",
    `git_folder=\${GIT_INDEX_FILE:-}`,
    `git_folder=\${git_folder%/*}`,
    `if [ ! -f "\${git_folder:-/nowhere}/HEAD" ]; then git_folder=$(git rev-parse --git-dir) || exit 1; fi`,
    "# What all worktrees share (LFS content) is in the common git folder.",
    "common=$git_folder",
    `if [ -f "$git_folder/commondir" ] && read -r common <"$git_folder/commondir"; then`,
    `  case $common in /* | ?:*) ;; *) common=$git_folder/$common ;; esac`,
    "fi",
    `state=\${HUSHBOOK_HOME:-}`,
    `if [ -z "$state" ]; then`,
    `  state=\${XDG_STATE_HOME:-\${HOME:-/nowhere}/.local/state}/hushbook`,
    `  if [ -z "\${XDG_STATE_HOME:-}" ] && [ -d "\${HOME:-/nowhere}/Library" ]; then`,
    `    state="$HOME/Library/Application Support/hushbook"`,
    "  fi",
    "fi",
    `folders=".,$git_folder,$common,$state"`,
    "case $folders in *,*,*,*,*) folders= ;; esac # A comma in a name would cut the list.",
    ...(push ? [`printf '%s\\n' "$pushed" | ${startLine(launch, "hook", `hook pre-push "$@"`)}`] : [
      ...stagedLines(POLICY_FILES),
      `staged 2>/dev/null | ${startLine(launch, "hook", "hook run -")}`,
    ]),
    "code=$?",
    ...lostLines(launch),
    'exit "$code"',
    "",
  ].join("\n");
}

/**
 * The file that git's configuration names as filter and textconv.
 *
 * @param given How to start hushbook.
 * @returns The whole text of the file.
 */
export function filterText(given: Launch): string {
  const launch = launchOfStep(given, "hook filter");
  return [
    "#!/bin/sh",
    `${MARK} (filter); 'hook uninstall' removes it, 'hook status' explains it.`,
    "# Where it cannot be started, files pass as they are: the hook refuses them, a filter must not.",
    "missing() {",
    `  echo "hushbook: outputs are not cleared: $1" >&2`,
    '  if [ "$mode" = process ]; then exit 1; fi',
    "  exec cat",
    "}",
    "mode=$1",
    `if [ "$mode" = textconv ]; then exec <"$2"; fi`,
    ...findingLines(launch),
    `exec ${startLine(launch, "filter", `hook filter "$@"`)}`,
    "",
  ].join("\n");
}
