/**
 * `hook run`: what the pre-commit hook calls. `hook run -`, in the hook file, has on standard input what
 * git says is staged.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { UsageError } from "../../src/errors.ts";
import { checkCommit, type CommitOutcome } from "../../src/git/commit.ts";
import { readPrepared } from "../../src/git/prepared.ts";

/**
 * Checks and clears what is staged.
 *
 * @param args No arguments, or `-`.
 * @param io Streams, folder, environment.
 * @returns 0 if the commit may go on; anything else refuses it.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const isPrepared = args.length === 1 && args[0] === "-";
  if (args.length > 0 && !isPrepared) {
    throw new UsageError("Cannot run the hook: hook run takes no arguments");
  }
  if (io.env("PRE_COMMIT") === "1") {
    throw new UsageError(
      "Cannot check this commit: the pre-commit framework has set unstaged edits aside, and would lose " +
        "them if the index were written; let it call hook fix with the names of the files",
    );
  }
  try {
    const prepared = isPrepared ? readPrepared((into) => Deno.stdin.readSync(into)) : undefined;
    const outcome = await checkCommit({ cwd: io.cwd, env: io.env, prepared });
    if (outcome.decision === "commit" && outcome.cleared.length + outcome.allowed === 0) return 0;
    return await tell(outcome, io);
  } catch (error) {
    const { failedClosed } = await import("./fail_closed.ts");
    io.err(failedClosed("commit", error));
    return 3;
  }
}

/** Says and records what was decided. Its words are loaded only when there is something to say. */
async function tell(outcome: CommitOutcome, io: CommandIo): Promise<number> {
  const { clearedText, onlyOutputsText, refusalText } = await import("../../src/git/refusal.ts");
  const { program } = await import("./launch.ts");
  const wording = { program: program(io), prefix: io.env("GIT_PREFIX") ?? "" };
  if (outcome.decision === "commit") {
    io.err(clearedText(outcome.cleared, outcome.allowed, wording));
    return 0;
  }
  if (outcome.decision === "only-outputs") {
    io.err(onlyOutputsText(outcome.paths, wording));
    return 1;
  }
  const { recordRefusal } = await import("../../src/git/record.ts");
  const { findings, problems } = outcome.seen;
  const { ignoredPaths } = await import("../../src/git/repository.ts");
  const paths = [...findings, ...problems].map(({ path }) => path);
  const ignored = await ignoredPaths(io.cwd, paths, { tracked: true });
  io.err(refusalText(outcome.seen, { ...wording, ignored }));
  const refusal = { command: "hook run", findings, problems: problems.length } as const;
  const warning = await recordRefusal(refusal, io.env);
  if (warning !== undefined) io.err(`${warning}\n`);
  return 1;
}
