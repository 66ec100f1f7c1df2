/**
 * The commands that import no package, as the entrance of the one file that `deno task bundle`
 * makes: it runs with `--no-config`, wherever it is copied.
 *
 * @module
 */

import { command as audit } from "./audit.ts";
import type { Command } from "./command.ts";
import { command as hook } from "./hook.ts";
import { type Commands, runCommand, runProcess } from "./program.ts";
import { command as scan } from "./scan.ts";
import { command as scrub } from "./scrub.ts";

const COMMANDS: Commands = Object.fromEntries(
  Object.entries<Command>({ scrub, scan, hook, audit }).map(([name, command]) => [
    name,
    { summary: command.summary, load: () => Promise.resolve(command) },
  ]),
);

if (import.meta.main) await runProcess((args, io) => runCommand(COMMANDS, args, io));
