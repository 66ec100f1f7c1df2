/**
 * `hook fix FILES`: what the pre-commit framework calls.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { fixFiles } from "../../src/git/fix.ts";
import { recordRefusal } from "../../src/git/record.ts";
import { fixText } from "../../src/git/refusal.ts";
import { failedClosed } from "./fail_closed.ts";
import { program } from "./launch.ts";

/**
 * Clears and searches the named files.
 *
 * @param args The files, after `--`.
 * @param io Streams, folder, environment.
 * @returns 0 if there was nothing to do; 1 if a file was changed, or holds a token, or is damaged.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const paths = args[0] === "--" ? args.slice(1) : args;
  try {
    const result = await fixFiles(io.cwd, paths);
    const { findings, cleared, problems } = result;
    io.out(fixText(result, { program: program(io), prefix: "" }));
    if (findings.length > 0) {
      const refusal = { command: "hook fix", findings, problems: problems.length } as const;
      const warning = await recordRefusal(refusal, io.env);
      if (warning !== undefined) io.out(`${warning}\n`);
    }
    return findings.length + cleared.length + problems.length > 0 ? 1 : 0;
  } catch (error) {
    io.err(failedClosed("commit", error));
    return 3;
  }
}
