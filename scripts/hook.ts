/**
 * `hushbook hook`: install, uninstall, status, and the entries that git calls. Each loads only what it
 * needs, since some run at every commit.
 *
 * @module
 */

import type { Command, CommandIo } from "./command.ts";
import { UsageError } from "../src/errors.ts";

const HELP = `Usage: hushbook hook install [--filter] [--pre-push] [--attributes FILE] [--gitignore]
       hushbook hook uninstall
       hushbook hook status [--json]
       hushbook hook run
       hushbook hook fix FILES

Keeps outputs and tokens out of what this repository commits.

install     writes a pre-commit hook. It refuses a commit with a Hugging Face token in any staged file,
            and commits notebooks without their outputs. A hook that is there already runs first.
  --pre-push         also scan the commits about to be pushed
  --filter           also clear outputs on git add, and show diffs without them
  --attributes FILE  put the filter's line into this shared file instead of the git folder
  --gitignore        add .env, *.token and other places of secrets to .gitignore
uninstall   removes what install wrote, and puts an earlier hook back.
status      says what is in force, and what is wrong. Exit code 1 if the hook is not in force or
            something is wrong.
run         checks and clears what is staged; this is what the hook calls.
fix         clears and searches the named files, exit code 1 if one was changed or holds a token; for
            the pre-commit framework, which sets unstaged edits aside while it runs.

Exit codes: 0 nothing wrong, 1 refused or not in force, 2 wrong usage, 3 could not do it.
`;

type Action = (args: readonly string[], io: CommandIo) => Promise<number>;

/** `install` and its like are typed by people; the others are started by git. */
const ACTIONS: Readonly<Record<string, () => Promise<Action>>> = {
  install: async () => (await import("./hook/install.ts")).main,
  uninstall: async () => (await import("./hook/uninstall.ts")).main,
  status: async () => (await import("./hook/status.ts")).main,
  run: async () => (await import("./hook/run.ts")).main,
  fix: async () => (await import("./hook/fix.ts")).main,
  "pre-push": async () => (await import("./hook/pre_push.ts")).main,
  filter: async () => (await import("./hook/filter.ts")).main,
};

/** The `hook` command. */
export const command: Command = {
  summary: "install, uninstall, explain and run the git hook and filter",
  help: HELP,
  async main(args, io) {
    const [name = "", ...rest] = args;
    const load = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (load === undefined) {
      throw new UsageError(
        "Cannot run that: hook needs one of install, uninstall, status, run, fix; see hushbook hook --help",
      );
    }
    return await (await load())(rest, io);
  },
};
