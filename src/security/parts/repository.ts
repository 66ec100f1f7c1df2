/**
 * The repository around the working folder: hook, filter, `.env`, and tokens in its notebooks now.
 *
 * @module
 */

import { GitError } from "../../errors.ts";
import type { Launch } from "../../git/launcher.ts";
import { ignoredPaths } from "../../git/repository.ts";
import type { ExposedSecrets } from "../../git/secret_files.ts";
import { hookStatus, type Part } from "../../git/status.ts";
import { ALLOW_FILE, AllowList, parseAllow } from "../../notebook/allow.ts";
import { findTokens } from "../../notebook/find.ts";
import { findNotebooks } from "../../notebook/paths.ts";
import { repositoryRoot } from "../../notebook/repository_root.ts";
import { counted, linesOf, type SecurityLine } from "../line.ts";
import type { PartContext } from "./options.ts";

/** What is in force in the repository, and what is in its notebooks. */
export interface RepositoryState {
  /** Its top folder, absolute; null outside of a repository. */
  readonly top: string | null;
  /** Whether git runs our pre-commit hook. */
  readonly hook: boolean;
  /** Whether git runs our filter. */
  readonly filter: boolean;
  /** Secret files that git tracks, such as `.env`. */
  readonly trackedSecrets: readonly string[];
  /** Notebooks that were searched. */
  readonly notebooks: number;
  /** Notebooks that hold a token now, and how many. */
  readonly tokens: readonly { readonly path: string; readonly findings: number }[];
}

const line = linesOf("repository");

/**
 * Looks at the repository.
 *
 * @param context Where.
 * @param launch How this hushbook is started, to tell whether the hook is up to date.
 * @returns What is in force and what was found, and the lines about it.
 */
export async function repositoryPart(
  context: PartContext,
  launch: Launch,
): Promise<{ repository: RepositoryState; lines: SecurityLine[] }> {
  const { cwd } = context;
  const { notebooks, tokens } = await searchNotebooks(cwd);
  const lines: SecurityLine[] = [tokensLine(notebooks, tokens)];
  const top = repositoryRoot(cwd) ?? null;
  const nothing = { top, hook: false, filter: false, trackedSecrets: [], notebooks, tokens };
  if (top === null) return { repository: nothing, lines };
  try {
    const status = await hookStatus(cwd, launch, () => false);
    const { preCommit, filter, secretFiles } = status;
    lines.unshift(hookLine(preCommit), ...filterLines(filter), secretsLine(secretFiles));
    const trackedSecrets = secretFiles.tracked;
    const inForce = { hook: preCommit.inForce, filter: filter.inForce };
    return { repository: { ...nothing, ...inForce, trackedSecrets }, lines };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    lines.unshift(line("hook", "warning", "Pre-commit hook", error.message));
    return { repository: nothing, lines };
  }
}

async function searchNotebooks(
  cwd: string,
): Promise<Pick<RepositoryState, "notebooks" | "tokens">> {
  const found = await findNotebooks([], { cwd, ignored: ignoredPaths });
  const top = repositoryRoot(cwd) ?? cwd;
  const allow = await allowList(top);
  const tokens: { path: string; findings: number }[] = [];
  for (const { path, file } of found.notebooks) {
    const bytes = await Deno.readFile(file).catch(() => null);
    const findings = bytes === null ? [] : findTokens(bytes, { path });
    const inside = file.startsWith(`${top}/`) ? file.slice(top.length + 1) : path;
    const left = findings.filter((finding) => !allow?.allows(finding, inside));
    if (left.length > 0) tokens.push({ path, findings: left.length });
  }
  return { notebooks: found.notebooks.length, tokens };
}

async function allowList(top: string): Promise<AllowList | null> {
  try {
    return new AllowList(parseAllow(await Deno.readTextFile(`${top}/${ALLOW_FILE}`)));
  } catch {
    return null; // none, or a broken one: then nothing is allowed, and scan tells why
  }
}

function tokensLine(notebooks: number, tokens: RepositoryState["tokens"]): SecurityLine {
  if (notebooks === 0) return line("tokens", "good", "Notebooks", "There are none here");
  if (tokens.length === 0) {
    return line("tokens", "good", "Notebooks", `No token in ${counted(notebooks, "notebook")}`);
  }
  const count = tokens.reduce((sum, { findings }) => sum + findings, 0);
  return line(
    "tokens",
    "bad",
    "Notebooks",
    `${counted(count, "token")} in ${counted(tokens.length, "notebook")}, such as ${
      tokens[0]!.path
    }`,
    "hushbook scrub",
  );
}

function hookLine({ inForce, installed, notes }: Part): SecurityLine {
  if (inForce) return line("hook", "good", "Pre-commit hook", "Installed: git runs it");
  const why = installed
    ? `Installed, but git does not run it${notes[0] ? `: ${notes[0]}` : ""}`
    : "Not installed";
  return line("hook", "warning", "Pre-commit hook", why, "hushbook hook install");
}

function filterLines({ inForce, installed, notes }: Part): SecurityLine[] {
  if (inForce) return [line("filter", "good", "Filter", "Installed: git runs it")];
  if (!installed) return [];
  const why = `Named, but not in force${notes[0] ? `: ${notes[0]}` : ""}`;
  return [line("filter", "warning", "Filter", why, "hushbook hook install --filter")];
}

function secretsLine(
  { missing, tracked, untracked }: ExposedSecrets,
): SecurityLine {
  if (tracked.length > 0) {
    const text = `git tracks ${tracked.slice(0, 3).join(", ")}: whoever clones this gets it`;
    return line("secrets", "bad", "Secret files", text, `git rm --cached '${tracked[0]}'`);
  }
  if (untracked.length + missing.length > 0) {
    const text = `git would take in ${(untracked.length > 0 ? untracked : missing).join(" ")}`;
    return line("secrets", "warning", "Secret files", text, "hushbook hook install --gitignore");
  }
  return line("secrets", "good", "Secret files", "git tracks none, and ignores .env and its like");
}
