import type { CommandIo } from "../../scripts/command.ts";

/** A {@link CommandIo} that keeps what a command writes. */
export interface RecordedIo extends CommandIo {
  /** Everything written to standard output so far, decoded. */
  readonly stdout: string;
  /** Everything written to standard output so far. */
  readonly stdoutBytes: Uint8Array;
  /** Everything written to standard error so far. */
  readonly stderr: string;
}

/** Streams, folder and environment for a command under test; nothing is a terminal. */
export function recordedIo(
  options: { cwd?: string; env?: Record<string, string>; input?: Uint8Array | string } = {},
): RecordedIo {
  const out: Uint8Array[] = [];
  let err = "";
  const encoder = new TextEncoder();
  const joined = () => new Uint8Array(out.flatMap((chunk) => [...chunk]));
  return {
    out: (chunk) => void out.push(typeof chunk === "string" ? encoder.encode(chunk) : chunk),
    err: (text) => void (err += text),
    readInput: () => {
      const input = options.input ?? "";
      return Promise.resolve(typeof input === "string" ? encoder.encode(input) : input);
    },
    env: (name) => options.env?.[name],
    cwd: options.cwd ?? Deno.cwd(),
    terminal: { out: false, err: false, input: false },
    colour: { out: false, err: false },
    get stdout() {
      return new TextDecoder().decode(joined());
    },
    get stdoutBytes() {
      return joined();
    },
    get stderr() {
      return err;
    },
  };
}
