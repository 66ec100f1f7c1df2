/**
 * `hook pre-push`: what the pre-push hook calls.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { isInCommit } from "../../src/git/history.ts";
import { checkPush, isFirstCommit, parseRefUpdates } from "../../src/git/push.ts";
import { recordRefusal } from "../../src/git/record.ts";
import { pushRefusalText } from "../../src/git/refusal.ts";
import { failedClosed } from "./fail_closed.ts";
import { program } from "./launch.ts";

/**
 * Scans the commits about to be pushed, which git lists on standard input.
 *
 * @param args Name and address of the remote, as git gives them to the hook.
 * @param io Streams, folder, environment.
 * @returns 0 if they may go; anything else refuses the push.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const [remote = "", address = remote] = args;
  try {
    const updates = parseRefUpdates(new TextDecoder().decode(await io.readInput()));
    let shown = false;
    const onProgress = (objects: number) => {
      if (!io.terminal.err || objects < 2000) return;
      shown = true;
      io.err(`\rhushbook: ${objects} objects searched`);
    };
    const findings = await checkPush({ cwd: io.cwd, remote, address, updates, onProgress });
    if (shown) io.err("\r\x1b[K");
    if (findings.length === 0) return 0;
    const oldest = findings.find(isInCommit);
    const first = oldest !== undefined && await isFirstCommit(io.cwd, oldest.commit);
    io.err(pushRefusalText(findings, { program: program(io), prefix: "" }, first));
    const warning = await recordRefusal({ command: "hook pre-push", findings }, io.env);
    if (warning !== undefined) io.err(`${warning}\n`);
    return 1;
  } catch (error) {
    io.err(failedClosed("push", error));
    return 3;
  }
}
