/**
 * The `hushbook` program: finds the command that was asked for and loads only that one.
 *
 * ```sh
 * deno run --allow-read --allow-write --allow-run=git --allow-env scripts/hushbook.ts scrub notebooks
 * ```
 *
 * @module
 */

import type { Command, CommandIo } from "./command.ts";
import { type Commands, runCommand, runProcess } from "./program.ts";

export type { Command, CommandIo } from "./command.ts";
export type { Commands } from "./program.ts";

/**
 * Loads a command whose modules are many. Written out inside `import()`, Deno would find and read
 * them all, and those of their packages, before it starts any other command. It needs
 * `--allow-read`, which git gives to no command: those of git are written out.
 */
async function load(module: string): Promise<Command> {
  return (await import(module) as { command: Command }).command;
}

/** Each command's one-line summary and how to load it; loading is what costs time. */
export const COMMANDS: Commands = {
  scrub: {
    summary: "clear outputs of notebooks in place and report tokens",
    load: async () => (await import("./scrub.ts")).command,
  },
  scan: {
    summary: "find tokens in any file, in what is staged, or in the history",
    load: async () => (await import("./scan.ts")).command,
  },
  token: {
    summary: "store, rotate, forget or explain the token, never showing it",
    load: () => load("./token.ts"),
  },
  hook: {
    summary: "install, remove, explain and run the git hook and filter",
    load: async () => (await import("./hook.ts")).command,
  },
  audit: {
    summary: "show, verify, anchor or purge the audit log",
    load: async () => (await import("./audit.ts")).command,
  },
  security: {
    summary: "tell whether the token is safe right now, and who used it",
    load: () => load("./security.ts"),
  },
  run: {
    summary: "execute a notebook on the Deno kernel, without Python",
    load: () => load("./run.ts"),
  },
  demo: {
    summary: "show everything on this machine, without account or network",
    load: () => load("./demo.ts"),
  },
};

/**
 * Runs one command.
 *
 * @param args Command name, then its arguments.
 * @param io Streams, folder, environment.
 * @returns The exit code.
 */
export function main(args: readonly string[], io: CommandIo): Promise<number> {
  return runCommand(COMMANDS, args, io);
}

if (import.meta.main) await runProcess(main);
