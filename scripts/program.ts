/**
 * What all forms of the `hushbook` program share: the overview, finding and running a command, and
 * starting as a process.
 *
 * @module
 */

import { HushbookError } from "../src/errors.ts";
import { type Command, type CommandIo, processIo } from "./command.ts";

/** Commands by name. */
export type Commands = Readonly<
  Record<string, { readonly summary: string; readonly load: () => Promise<Command> }>
>;

function overview(commands: Commands): string {
  const rows = Object.entries(commands).map(([name, { summary }]) =>
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
 * @param commands All there are.
 * @param args Command name, then its arguments.
 * @param io Streams, folder, environment.
 * @returns The exit code.
 */
export async function runCommand(
  commands: Commands,
  args: readonly string[],
  io: CommandIo,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") {
    io.out(overview(commands));
    return name === undefined ? 2 : 0;
  }
  const entry = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (entry === undefined) {
    io.err(`Cannot run that: it is not a hushbook command. The commands are listed below.\n\n`);
    io.err(overview(commands));
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
 * `deno task` starts a task in the folder of its deno.json, and says in `INIT_CWD` where the user
 * is: that is what paths on the command line, and "this repository", are about.
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

/**
 * Runs as the whole process, and ends it.
 *
 * @param main Runs a command with arguments and streams.
 */
export async function runProcess(
  main: (args: readonly string[], io: CommandIo) => Promise<number>,
): Promise<never> {
  goToUser();
  Deno.exit(await main(Deno.args, processIo()));
}
