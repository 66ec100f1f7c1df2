/**
 * `hushbook security`: the status, in the terminal or as a local page.
 *
 * @module
 */

import { parseArgs, styleText } from "node:util";
import { UsageError } from "../src/errors.ts";
import type { SecurityLevel } from "../src/security/line.ts";
import { statusText } from "../src/security/show.ts";
import { securityStatus } from "../src/security/status.ts";
import { clearLockout } from "../src/token/lockout.ts";
import type { Command, CommandIo } from "./command.ts";
import { launchOf } from "./hook/launch.ts";

const HELP = `Usage: hushbook security [--json]
       hushbook security --serve [--port N]
       hushbook security --clear-lockout

Tells whether the token is safe right now, and who used it: source and age of the token, who can reach
the private files, lockouts, limits, the audit log, hook and filter of this repository, tokens in its
notebooks. Each line says ok, look or BAD, and the command that mends it.

  --serve          opens a page on 127.0.0.1 with the same, a chart of calls and the audit log
  --port N         for --serve; default: a free one
  --clear-lockout  ends all lockouts; it is recorded
  --json           the whole status as JSON
  -h, --help       shows this

Exit codes: 0 nothing is BAD; 1 something is; 2 wrong usage; 3 could not look.
`;

const COLOURS: Readonly<Record<SecurityLevel, "green" | "yellow" | "red">> = {
  good: "green",
  warning: "yellow",
  bad: "red",
};

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean" },
        serve: { type: "boolean" },
        port: { type: "string" },
        "clear-lockout": { type: "boolean" },
      },
    }).values;
  } catch {
    throw new UsageError(
      "Cannot read the options: there is one that this command does not have; see hushbook security --help",
    );
  }
}

/** What is looked at, with a stranger's streams and environment in tests. */
async function statusOptions(io: CommandIo) {
  return { cwd: io.cwd, env: (name: string) => io.env(name), launch: await launchOf(io) };
}

/** The command. */
export const command: Command = {
  summary: "tell whether the token is safe right now, and who used it",
  help: HELP,
  async main(args, io) {
    const values = parse(args);
    if (values.serve === true) return await serve(values.port, io);
    if (values.port !== undefined) {
      throw new UsageError("Cannot use --port without --serve");
    }
    const options = await statusOptions(io);
    if (values["clear-lockout"] === true) {
      await clearLockout(undefined, options);
      io.out("Nothing is locked any more.\n");
      return 0;
    }
    const status = await securityStatus(options);
    if (values.json === true) io.out(`${JSON.stringify(status, null, 2)}\n`);
    else {
      io.out(statusText(status.data, (level, text) => {
        return io.colour.out ? styleText(COLOURS[level], text, { validateStream: false }) : text;
      }));
    }
    return status.level === "bad" ? 1 : 0;
  },
};

async function serve(port: string | undefined, io: CommandIo): Promise<number> {
  if (port !== undefined && (!/^\d{1,5}$/u.test(port) || Number(port) > 65535)) {
    throw new UsageError("Cannot use --port: it must be a number from 0 to 65535");
  }
  const { serveSecurity } = await import("../src/security/server/serve.ts");
  const options = await statusOptions(io);
  await using server = await serveSecurity({
    ...options,
    ...(port !== undefined && { port: Number(port) }),
  });
  io.out(`Open ${server.link}\n`);
  io.err("The link works once. Ctrl-C ends the page and its session.\n");
  const stop = () => void server.close();
  Deno.addSignalListener("SIGINT", stop);
  Deno.addSignalListener("SIGTERM", stop);
  try {
    await server.finished;
  } finally {
    Deno.removeSignalListener("SIGINT", stop);
    Deno.removeSignalListener("SIGTERM", stop);
  }
  return 0;
}
