/**
 * What every part of the demo stands on: a temporary folder, the stand-in Hub, an environment that
 * knows nothing of the user's own tokens and settings, and a way to tell what happens.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { type StandIn, startStandIn } from "../stand_in/server.ts";

/** The surroundings of the demo. Disposing of them leaves nothing behind. */
export interface Stage extends AsyncDisposable {
  /** The command's streams. */
  readonly io: CommandIo;
  /** A folder for everything, removed at the end. */
  readonly folder: string;
  /** The Hub and router on this machine. */
  readonly hub: StandIn;
  /** The whole environment for what the demo starts. */
  readonly env: Readonly<Record<string, string>>;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Tells a heading. */
  heading(text: string): void;
  /** Tells lines, indented. */
  tell(text: string): void;
}

/** Variables without which programs do not start. */
const NEEDED = ["PATH", "TMPDIR", "TMP", "TEMP", "SystemRoot", "ComSpec", "PATHEXT", "LANG"];

/** Where Deno keeps packages: the demo has a home of its own, and must not fetch them all again. */
async function denoFolder(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    stderr: "null",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

async function demoEnvironment(folder: string, hub: StandIn): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const name of NEEDED) {
    const value = Deno.env.get(name);
    if (value !== undefined) env[name] = value;
  }
  return {
    ...env,
    ...hub.env,
    DENO_DIR: await denoFolder(),
    HOME: `${folder}/home`,
    USERPROFILE: `${folder}/home`,
    HUSHBOOK_HOME: `${folder}/hushbook`,
    GIT_CONFIG_GLOBAL: `${folder}/gitconfig`,
    GIT_CONFIG_NOSYSTEM: "1",
    NO_COLOR: "1",
  };
}

/**
 * Sets the stage.
 *
 * @param io The command's streams.
 * @param signal Aborted on Ctrl-C.
 * @returns The stage.
 */
export async function setStage(io: CommandIo, signal: AbortSignal): Promise<Stage> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "hushbook-demo-" }));
  const hub = startStandIn();
  const [bold, plain] = io.colour.out ? ["\x1b[1m", "\x1b[0m"] : ["", ""];
  let number = 0;
  return {
    io,
    folder,
    hub,
    env: await demoEnvironment(folder, hub),
    signal,
    heading: (text) => io.out(`\n${bold}${++number}. ${text}${plain}\n`),
    tell: (text) => io.out(text.trimEnd().split("\n").map((line) => `   ${line}\n`).join("")),
    async [Symbol.asyncDispose]() {
      await hub.close();
      // A program that was just stopped may still be writing.
      for (let attempt = 0; attempt < 20; attempt++) {
        try {
          return await Deno.remove(folder, { recursive: true });
        } catch (error) {
          if (error instanceof Deno.errors.NotFound) return;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    },
  };
}
