/** What is fuzzed: each takes a number, makes its input from it, and throws where something is wrong. */

import { finder, plainFinder } from "./finder.ts";
import { notebookReader } from "./notebook.ts";
import { pktLine } from "./pkt_line.ts";
import { envFile, headers } from "./settings.ts";

/** By name. */
export const TARGETS: Readonly<Record<string, (seed: number) => void | Promise<void>>> = {
  notebook: notebookReader,
  finder,
  "plain-finder": plainFinder,
  "pkt-line": pktLine,
  env: envFile,
  headers,
};
