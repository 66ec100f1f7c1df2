/**
 * `hook status`.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { UsageError } from "../../src/errors.ts";
import { hookStatus, type Part } from "../../src/git/status.ts";
import { launchOf } from "./launch.ts";
import { wouldClear } from "./would_clear.ts";

/**
 * Says what is in force.
 *
 * @param args `--json` for a machine.
 * @param io Streams, folder, environment.
 * @returns 0 if the pre-commit hook is in force and nothing is wrong, else 1.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.some((arg) => arg !== "--json")) {
    throw new UsageError("Cannot show the status: the only option is --json");
  }
  const status = await hookStatus(io.cwd, await launchOf(io), await wouldClear(io.cwd));
  const { preCommit, prePush, filter, secretFiles, uncleared } = status;
  const well = preCommit.inForce &&
    [prePush, filter].every((part) => part.inForce || !part.installed) &&
    secretFiles.tracked.length + secretFiles.untracked.length === 0; // Entries that are missing are advice: no such file need exist.
  if (args.includes("--json")) {
    io.out(`${JSON.stringify({ ok: well, ...status }, null, 2)}\n`);
    return well ? 0 : 1;
  }
  const lines = [
    ...partLines("pre-commit hook", preCommit),
    ...partLines("pre-push hook", prePush),
    ...partLines("filter", filter),
  ];
  if (secretFiles.missing.length > 0) {
    lines.push(
      `secret files: git would take in ${secretFiles.missing.join(" ")}`,
      "  hook install --gitignore adds them to .gitignore",
    );
  }
  for (const path of secretFiles.untracked) {
    lines.push(`secret files: git add would take in ${path}`);
  }
  for (const path of secretFiles.tracked) lines.push(`secret files: git tracks ${path}`);
  if (uncleared.length > 0) {
    lines.push(`notebooks: ${uncleared.length} tracked with outputs, such as ${uncleared[0]}`);
  }
  io.out(`${lines.join("\n")}\n`);
  return well ? 0 : 1;
}

function partLines(name: string, { inForce, installed, notes }: Part): string[] {
  const word = inForce ? "in force" : installed ? "installed, but not in force" : "not installed";
  return [`${name}: ${word}`, ...notes.map((note) => `  ${note}`)];
}
