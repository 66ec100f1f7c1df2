/**
 * `hook uninstall`.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { UsageError } from "../../src/errors.ts";
import { uninstall } from "../../src/git/uninstall.ts";

/**
 * Removes what install wrote.
 *
 * @param args No arguments.
 * @param io Streams, folder, environment.
 * @returns 0.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  if (args.length > 0) throw new UsageError("Cannot uninstall: hook uninstall takes no arguments");
  const said = await uninstall(io.cwd);
  io.out(said.length === 0 ? "Nothing was installed\n" : said.map((line) => `${line}\n`).join(""));
  return 0;
}
