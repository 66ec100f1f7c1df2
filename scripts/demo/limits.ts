/**
 * The second part of the demo: the audit log, the limit at work, and what a cell is told when the
 * server refuses.
 *
 * @module
 */

import { connect, type ConnectOptions } from "../../src/inference/connect.ts";
import { HushbookError } from "../../src/errors.ts";
import { command as audit } from "../audit.ts";
import { loading, outOfCredits, rateLimited } from "../stand_in/server.ts";
import type { Stage } from "./stage.ts";

const CHAT = {
  model: "meta-llama/Llama-3.1-8B-Instruct",
  messages: [{ role: "user", content: "Hello" }],
  max_tokens: 8,
};

/**
 * Prints the audit log of what the notebook did.
 *
 * @param stage The surroundings.
 */
export async function showAudit(stage: Stage): Promise<void> {
  stage.heading("The audit log: what was done with the token, never the token, prompt or reply");
  await audit.main(["show", "--limit", "9", "--event", "token.", "--event", "inference.end"], {
    ...stage.io,
    cwd: stage.folder,
    env: (name) => stage.env[name],
    out: (chunk) => stage.tell(String(chunk)),
  });
  await audit.main(["verify"], {
    ...stage.io,
    cwd: stage.folder,
    env: (name) => stage.env[name],
    out: (chunk) => stage.tell(String(chunk)),
  });
}

function options(stage: Stage, more: ConnectOptions = {}): ConnectOptions {
  return {
    token: stage.hub.token,
    folder: stage.env.HUSHBOOK_HOME,
    env: (name) => stage.env[name],
    signal: stage.signal,
    onNotice: () => {},
    onWait: () => {},
    ...more,
  };
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

/**
 * Sends more calls than the limit allows, and tells when each was answered.
 *
 * @param stage The surroundings.
 */
export async function showLimit(stage: Stage): Promise<void> {
  stage.heading("The limit at work: 3 calls in any 1.5 s, and 7 are wanted at once");
  // A folder of its own: the notebook's calls of a moment ago would count too.
  const folder = `${stage.folder}/limit`;
  const limit = { windows: [{ limit: 3, windowMs: 1500 }] };
  using hf = await connect(options(stage, { folder, limit }));
  const begin = performance.now();
  let answered = 0;
  await Promise.all(
    Array.from({ length: 7 }, async () => {
      await hf.chatCompletion(CHAT);
      stage.tell(`answer ${++answered} after ${seconds(performance.now() - begin)}`);
    }),
  );
}

/**
 * Lets the server make trouble, and tells what a cell would see of it.
 *
 * @param stage The surroundings.
 */
export async function showTrouble(stage: Stage): Promise<void> {
  stage.heading("When the server refuses");
  const { hub } = stage;
  using hf = await connect(
    options(stage, { limit: { windows: [{ limit: 100, windowMs: 1000 }] } }),
  );
  const attempt = async (what: string, call: () => Promise<unknown>) => {
    const begin = performance.now();
    const before = hub.seen.length;
    const took = () => {
      const requests = hub.seen.length - before;
      return `${requests} request${requests === 1 ? "" : "s"}, ${
        seconds(performance.now() - begin)
      }`;
    };
    try {
      await call();
      stage.tell(`${what}: answered after ${took()}`);
    } catch (error) {
      if (stage.signal.aborted || !(error instanceof HushbookError)) throw error;
      stage.tell(`${what} (${took()}): ${error.message}`);
    }
  };
  hub.plan(rateLimited(1));
  await attempt("429 with a window that ends in 1 s", () => hf.chatCompletion(CHAT));
  hub.plan(loading(1));
  await attempt("503, the model is loading", () => hf.chatCompletion(CHAT));
  hub.plan(outOfCredits());
  await attempt("402", () => hf.chatCompletion(CHAT));
  const wrong = ["hf", hub.token.slice(3).split("").reverse().join("")].join("_");
  using other = await connect(options(stage, { token: wrong }));
  await attempt("401", () => other.chatCompletion(CHAT));
}
