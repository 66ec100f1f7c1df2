/** Runs a program on a real pseudo-terminal, with Debian's Python holding the other end. */

import { fileURLToPath } from "node:url";

/** What happens, in this order. */
export type PtyStep =
  | { expect: string }
  | { send: string }
  | { sendBase64: string }
  | { pause: number }
  | { flags: true }
  | { signal: Deno.Signal };

/** The settings of a terminal that asking changes. */
export interface PtyFlags {
  echo: boolean;
  line: boolean;
  signals: boolean;
}

/** What came of it. */
export interface PtyResult {
  output: string;
  stdout: string | null;
  code: number | null;
  signal: string | null;
  noted: PtyFlags[];
  after: PtyFlags;
  failed: string | null;
  timedOut: boolean;
}

/** Runs `argv` with a pseudo-terminal as controlling terminal, standard input, output and error. */
export async function onPty(
  argv: readonly string[],
  steps: readonly PtyStep[],
  options: {
    env?: Record<string, string>;
    cwd?: string;
    stdin?: string;
    stdoutPiped?: boolean;
    deadline?: number;
  } = {},
): Promise<PtyResult> {
  const child = new Deno.Command("/usr/bin/python3", {
    args: [fileURLToPath(new URL("./run_on_pty.py", import.meta.url))],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const env = { ...Deno.env.toObject(), NO_COLOR: "1", TERM: "xterm", ...options.env };
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ argv, steps, ...options, env })));
  await writer.close();
  const { stdout, stderr, success } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}
