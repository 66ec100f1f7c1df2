/**
 * `hook install`.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { UsageError } from "../../src/errors.ts";
import { install } from "../../src/git/install.ts";
import { isAddress } from "../../src/git/launcher.ts";
import { launchOf } from "./launch.ts";
import { wouldClear } from "./would_clear.ts";

const FLAGS: ReadonlySet<string> = new Set(["--filter", "--pre-push", "--gitignore"]);

/**
 * Installs the hook and what else is asked for.
 *
 * @param args The options.
 * @param io Streams, folder, environment.
 * @returns 0.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const given = new Set<string>();
  let attributes: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const inline = arg.startsWith("--attributes=") ? arg.slice("--attributes=".length) : undefined;
    if (FLAGS.has(arg)) given.add(arg);
    else if (arg === "--attributes" || inline !== undefined) {
      attributes = inline ?? args[++at];
      if (!attributes) throw new UsageError("Cannot install: --attributes needs a file");
    } else {
      throw new UsageError(
        "Cannot install: the options are --filter, --pre-push, --attributes FILE and --gitignore",
      );
    }
  }
  const launch = await launchOf(io);
  if (isAddress(launch.script)) await fetchAll();
  const said = await install({
    cwd: io.cwd,
    launch,
    filter: given.has("--filter"),
    prePush: given.has("--pre-push"),
    gitignore: given.has("--gitignore"),
    ...(attributes === undefined ? {} : { attributes: absolute(attributes, io.cwd) }),
    wouldClear: await wouldClear(io.cwd),
  });
  io.out(said.map((line) => `${line}\n`).join(""));
  return 0;
}

/** Has everything fetched that git will call: the hook itself never uses the network. */
async function fetchAll(): Promise<void> {
  await Promise.all([
    import("../git_commit.ts"),
    import("../git_filter.ts"),
    import("./run.ts"),
    import("./fail_closed.ts"),
    import("./pre_push.ts"),
    import("./filter.ts"),
    import("../../src/git/inspect.ts"),
    import("../../src/git/clear.ts"),
    import("../../src/git/refusal.ts"),
    import("../../src/git/record.ts"),
    import("../../src/audit/log.ts"),
  ]);
}

function absolute(path: string, cwd: string): string {
  return /^(?:[\\/]|[A-Za-z]:[\\/])/u.test(path) ? path : `${cwd}/${path}`;
}
