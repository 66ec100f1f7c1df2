/**
 * `hushbook demo`: the whole story on this machine.
 *
 * @module
 */

import { UsageError } from "../src/errors.ts";
import type { Command } from "./command.ts";
import { showAudit, showLimit, showTrouble } from "./demo/limits.ts";
import { runQuickstart } from "./demo/notebook.ts";
import { showRepository } from "./demo/repository.ts";
import { setStage, type Stage } from "./demo/stage.ts";

const HELP = `Usage: hushbook demo

Shows everything on this machine, in under a minute: a stand-in for the Hugging Face Hub, a notebook on
a real Deno kernel with the token typed at a masked prompt, the audit log, the rate limit at work, and
a commit with a token refused. It needs no account, no Python and no network but for npm packages on
the first run; without git that part is left out. Ctrl-C ends it at once; it leaves nothing behind.

Exit codes: 0 all of it was shown; 3 a part did not go as it should; 130 stopped.
`;

async function play(stage: Stage): Promise<void> {
  const { hub, heading, tell, signal } = stage;
  heading("A Hub and an inference router on this machine");
  tell(`${hub.origin} speaks their wire format. A token for it was made up just now.`);
  const notebook = await runQuickstart(stage);
  signal.throwIfAborted();
  for (const part of [showAudit, showLimit, showTrouble]) {
    await part(stage);
    signal.throwIfAborted();
  }
  await showRepository(stage, notebook!);
}

/** The `demo` command. */
export const command: Command = {
  summary: "show everything on this machine, without account or network",
  help: HELP,
  async main(args, io) {
    if (args.length > 0) throw new UsageError("Cannot show that: demo takes no arguments");
    if (import.meta.dirname === undefined) {
      throw new UsageError(
        "Cannot show the demo: run it in a copy of the repository, deno task demo",
      );
    }
    const stop = new AbortController();
    const onSignal = () => stop.abort();
    const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
    for (const signal of signals) Deno.addSignalListener(signal, onSignal);
    const begin = performance.now();
    try {
      io.out(
        "Hushbook keeps Hugging Face tokens out of notebooks. All of this happens on this machine.\n",
      );
      await using stage = await setStage(io, stop.signal);
      await play(stage);
      stage.heading(
        `Done in ${Math.round((performance.now() - begin) / 1000)} s; nothing is left behind`,
      );
      stage.tell(
        "Next: deno task token save, deno task hook install in your repository, and README.md.",
      );
      return 0;
    } catch (error) {
      if (stop.signal.aborted) {
        io.err("\nStopped; nothing is left behind.\n");
        return 130;
      }
      io.err(`\nThe demo did not go as it should: ${(error as Error).message}\n`);
      return 3;
    } finally {
      for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
    }
  },
};
