/**
 * The entrance by which the pre-commit hook starts: `git_commit.ts hook run`. It is one of its own
 * because Deno reads every module that an entrance can lead to before it starts.
 *
 * @module
 */

import { main } from "./hook/run.ts";
import { runProcess } from "./program.ts";

/** This module, and not the one file that `deno task bundle` makes, which holds it too. */
const isEntrance = import.meta.main && import.meta.url.endsWith("/git_commit.ts");

if (isEntrance) {
  await runProcess(([, step, ...args], io) => {
    if (step === "run") return main(args, io);
    // `--help` asks whether all of it is there. Anything else is a mistake, by which no commit passes.
    return Promise.resolve(step === "--help" ? 0 : 2);
  });
}
