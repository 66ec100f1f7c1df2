/**
 * `hook run`: what the pre-commit hook calls.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { UsageError } from "../../src/errors.ts";
import { checkCommit } from "../../src/git/commit.ts";
import { recordRefusal } from "../../src/git/record.ts";
import { clearedText, onlyOutputsText, refusalText } from "../../src/git/refusal.ts";
import { failedClosed } from "./fail_closed.ts";
import { program } from "./launch.ts";

/**
 * Checks and clears what is staged.
 *
 * @param args No arguments.
 * @param io Streams, folder, environment.
 * @returns 0 if the commit may go on; anything else refuses it.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.length > 0) throw new UsageError("Cannot run the hook: hook run takes no arguments");
  if (io.env("PRE_COMMIT") === "1") {
    throw new UsageError(
      "Cannot check this commit: the pre-commit framework has set unstaged edits aside, and would lose " +
        "them if the index were written; let it call hook fix with the names of the files",
    );
  }
  const wording = { program: program(io), prefix: io.env("GIT_PREFIX") ?? "" };
  try {
    const outcome = await checkCommit({ cwd: io.cwd, env: io.env });
    if (outcome.decision === "commit") {
      io.err(clearedText(outcome.cleared, outcome.allowed, wording));
      return 0;
    }
    if (outcome.decision === "only-outputs") {
      io.err(onlyOutputsText(outcome.paths, wording));
      return 1;
    }
    const { findings, problems } = outcome.seen;
    io.err(refusalText(outcome.seen, wording));
    const refusal = { command: "hook run", findings, problems: problems.length } as const;
    const warning = await recordRefusal(refusal, io.env);
    if (warning !== undefined) io.err(`${warning}\n`);
    return 1;
  } catch (error) {
    io.err(failedClosed("commit", error));
    return 3;
  }
}
