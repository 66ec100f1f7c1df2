/**
 * `hook filter process | clean [PATH] | textconv`: what git calls to clear a file on its way into the
 * index, or to show it. Content comes and goes through the streams.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { UsageError } from "../../src/errors.ts";
import { serveFilter } from "../../src/git/filter.ts";
import { filterCleaner } from "../../src/git/cleaner.ts";

/**
 * Serves git, or clears one file.
 *
 * @param args The mode, and for `clean` the file's path.
 * @param io Streams, folder, environment.
 * @returns 0: a filter never fails a file.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const [mode, path = "the notebook"] = args;
  const warn = (message: string) => io.err(`hushbook: ${message}\n`);
  const settings = () => {
    try {
      return Deno.readFileSync("hushbook.json");
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    }
  };
  if (mode === "process") {
    await serveFilter({
      ...filterCleaner({ settings, warn }),
      read: (into) => Deno.stdin.readSync(into),
      write: (bytes) => io.out(bytes),
      warn,
    });
    return 0;
  }
  if (mode !== "clean" && mode !== "textconv") {
    throw new UsageError("Cannot filter: git calls this with process, clean or textconv");
  }
  const bytes = await io.readInput();
  try {
    const cleaner = filterCleaner({ settings, warn });
    io.out(cleaner.clean(path, new Uint8Array(bytes)));
    if (mode === "clean") await cleaner.afterwards();
  } catch (error) {
    if (mode === "clean") {
      const why = error instanceof Error && "code" in error ? `: ${error.message}` : "";
      const { maskName } = await import("../../src/notebook/mask_name.ts");
      warn(`cannot clear ${maskName(path)}, so it is passed to git as it is${why}`);
    }
    io.out(bytes);
  }
  return 0;
}
