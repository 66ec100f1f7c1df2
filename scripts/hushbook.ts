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
import { processIo } from "./command.ts";
import { HushbookError } from "../src/errors.ts";

export type { Command, CommandIo } from "./command.ts";

/** Each command's one-line summary and how to load it; loading is what costs time. */
export const COMMANDS: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> =
  {
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
      load: async () => (await import("./token.ts")).command,
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
      load: async () => (await import("./security.ts")).command,
    },
    run: {
      summary: "execute a notebook on the Deno kernel, without Python",
      load: async () => (await import("./run.ts")).command,
    },
    demo: {
      summary: "show everything on this machine, without account or network",
      load: async () => (await import("./demo.ts")).command,
    },
  };

function overview(): string {
  const rows = Object.entries(COMMANDS).map(([name, { summary }]) =>
    `  ${name.padEnd(10)}${summary}`
  );
  return [
    "Usage: hushbook COMMAND [OPTIONS]",
    "",
    "Keeps Hugging Face tokens out of Jupyter notebooks.",
    "",
    ...rows,
    "",
    "hushbook COMMAND --help explains a command.",
    "",
  ].join("\n");
}

/**
 * Runs one command.
 *
 * @param args Command name, then its arguments.
 * @param io Streams, folder, environment.
 * @returns The exit code.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    io.out(overview());
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (entry === undefined) {
    io.err(`Cannot run that: it is not a hushbook command. The commands are listed below.\n\n`);
    io.err(overview());
    return 2;
  }
  const command = await entry.load();
  if (rest.includes("--help") || rest.includes("-h")) {
    io.out(command.help);
    return 0;
  }
  try {
    return await command.main(rest, io);
  } catch (error) {
    if (!(error instanceof HushbookError)) throw error;
    io.err(`${error.message}\n`);
    return error.code === "usage" ? 2 : 3;
  }
}

/**
 * `deno task` starts a task in the folder of its deno.json, and says in `INIT_CWD` where the user is:
 * that is what paths on the command line, and "this repository", are about.
 */
function goToUser(): void {
  const project = new URL("..", import.meta.url);
  try {
    if (project.protocol !== "file:" || Deno.cwd() !== fromFileUrl(project)) return;
    const user = Deno.env.get("INIT_CWD");
    if (user) Deno.chdir(user);
  } catch { /* Not allowed: git has started it, in the right folder and with few rights. */ }
}

function fromFileUrl({ pathname }: URL): string {
  const path = decodeURIComponent(pathname).replace(/\/$/u, "");
  return Deno.build.os === "windows" ? path.slice(1).replaceAll("/", "\\") : path;
}

if (import.meta.main) {
  goToUser();
  Deno.exit(await main(Deno.args, processIo()));
}
