/**
 * What a command is: a summary, a help text and a `main` that returns an exit code. Commands get
 * their streams, folder and environment as a parameter, so tests call `main` directly.
 *
 * @module
 */

/** The streams, folder and environment a command works with. */
export interface CommandIo {
  /** Writes text or bytes to standard output, whole. */
  out(chunk: string | Uint8Array): void;
  /** Writes text to standard error, whole. */
  err(text: string): void;
  /** Reads standard input to its end. */
  readInput(): Promise<Uint8Array>;
  /** An environment variable, or undefined. */
  env(name: string): string | undefined;
  /** The working folder, absolute. */
  readonly cwd: string;
  /** Whether each stream is a terminal: progress is shown, and questions asked, only there. */
  readonly terminal: { readonly out: boolean; readonly err: boolean; readonly input: boolean };
  /** Whether each output stream may carry colour: a terminal, and `NO_COLOR` is not set. */
  readonly colour: { readonly out: boolean; readonly err: boolean };
}

/** One command of the `hushbook` program. */
export interface Command {
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole help text, printed by `--help`. */
  readonly help: string;
  /**
   * Runs the command.
   *
   * @param args Its arguments, without program and command name.
   * @param io Streams, folder, environment.
   * @returns The exit code: 0 nothing wrong, 1 found something, 2 wrong usage, 3 could not do it
   * all.
   */
  main(args: readonly string[], io: CommandIo): Promise<number>;
}

function writeAll(stream: typeof Deno.stdout, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += stream.writeSync(bytes.subarray(done));
  }
}

/**
 * The real streams, folder and environment of this process. `NO_COLOR` (https://no-color.org) turns
 * colour off.
 *
 * @returns The process's own input and output.
 */
export function processIo(): CommandIo {
  const encoder = new TextEncoder();
  const mayColour = (Deno.env.get("NO_COLOR") ?? "") === "";
  const terminal = {
    out: Deno.stdout.isTerminal(),
    err: Deno.stderr.isTerminal(),
    input: Deno.stdin.isTerminal(),
  };
  return {
    out(chunk) {
      writeAll(Deno.stdout, typeof chunk === "string" ? encoder.encode(chunk) : chunk);
    },
    err(text) {
      writeAll(Deno.stderr, encoder.encode(text));
    },
    async readInput() {
      return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
    },
    env: (name) => Deno.env.get(name),
    get cwd() {
      return Deno.cwd();
    },
    terminal,
    colour: { out: mayColour && terminal.out, err: mayColour && terminal.err },
  };
}
