/**
 * The first part of the demo: a notebook on a real Deno kernel, the token typed at a masked prompt.
 *
 * @module
 */

import { type CellProgress, runNotebook } from "../../src/kernel/run/run.ts";
import type { Output } from "../../src/kernel/outputs.ts";
import { findTokens } from "../../src/notebook/find.ts";
import type { Stage } from "./stage.ts";

const NOTEBOOKS = `${import.meta.dirname}/../../notebooks`;

/** What a notebook would show of an output, in lines of text. */
function shown(output: Output): string {
  if (output.output_type === "stream") return output.text;
  if (output.output_type === "error") return `${output.ename}: ${output.evalue}`;
  const plain = String(output.data["text/plain"] ?? "");
  if (String(output.data["text/html"]).includes('role="note"')) {
    return `[banner: ${plain.split("\n", 1)[0]}]`;
  }
  const picture = Object.keys(output.data).find((type) => type.startsWith("image/"));
  const text = String(output.data["text/markdown"] ?? plain);
  return picture === undefined ? text : `[picture: ${picture}]`;
}

/** The line of a cell that says what it is about. */
function firstLine(source: string): string {
  const line = source.split("\n").find((each) =>
    !/^(?:\s*$|import |await show\(securityBanner)/.test(each)
  );
  return (line ?? source).slice(0, 90);
}

/**
 * Runs the quickstart and tells what each cell showed.
 *
 * @param stage The surroundings.
 * @returns The path of the executed notebook, or null when the run was stopped.
 */
export async function runQuickstart(stage: Stage): Promise<string | null> {
  const { folder, hub, env, signal, heading, tell } = stage;
  const path = `${folder}/quickstart.ipynb`;
  await Deno.copyFile(`${NOTEBOOKS}/quickstart.ipynb`, path);
  const { cells } = JSON.parse(await Deno.readTextFile(path));
  const source = (index: number): string => [cells[index].source].flat().join("");
  heading("notebooks/quickstart.ipynb runs on a real Deno kernel, without Python");
  const onCell = ({ state, index, run }: CellProgress) => {
    if (state === "start") return tell(`\n> ${firstLine(source(index))}`);
    for (const output of run!.outputs) tell(shown(output).replace(/^/gm, "| "));
  };
  const run = await runNotebook(path, {
    signal,
    onCell,
    timeoutMs: 30_000,
    input({ prompt, password }) {
      tell(`? ${prompt}${password ? "(a token is typed, and not shown)" : "(Enter)"}`);
      return password ? hub.token : "";
    },
    kernel: { cwd: NOTEBOOKS, clearEnv: true, env },
  });
  if (run.status === "interrupted") return null;
  const findings = findTokens(await Deno.readFile(path), { path });
  tell(
    `\nSaved with its outputs, after ${
      (run.durationMs / 1000).toFixed(1)
    } s. Tokens in the file: ` +
      `${findings.length}. Requests that reached the server with the token: ` +
      `${hub.seen.filter(({ credential }) => credential === "token").length}.`,
  );
  if (run.status !== "ok" || findings.length > 0) {
    throw new Error("The demo's notebook did not run as it should");
  }
  return path;
}
