/**
 * The entrance by which git starts the filter: `git_filter.ts hook filter MODE`. It is one of its own
 * because Deno reads every module that an entrance can lead to before it starts.
 *
 * @module
 */

import { main } from "./hook/filter.ts";
import { runProcess } from "./program.ts";

/** This module, and not the one file that `deno task bundle` makes, which holds it too. */
const isEntrance = import.meta.main && import.meta.url.endsWith("/git_filter.ts");

if (isEntrance) await runProcess(([, , ...args], io) => main(args, io));
