/**
 * Real Deno processes, for tests whose subject is the process: its umask, its death, its rivals.
 * The code is a module; `import.meta` aside it may import absolute `file:` addresses.
 */

/** The absolute address of a source file, to be imported by a child: `sourceUrl("src/errors.ts")`. */
export function sourceUrl(path: string): string {
  return new URL(`../../${path}`, import.meta.url).href;
}

/** What a child said and how it ended. */
export interface ChildResult {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a child is started. */
export interface ChildOptions {
  readonly env?: Record<string, string>;
  /** Its umask, such as `000`. */
  readonly umask?: string;
  /** Shell commands before it takes the shell's place, such as `ulimit -f 16`. */
  readonly before?: string;
  /** Deno's permissions. Default: all. */
  readonly flags?: string[];
}

/** Starts a Deno process that runs `code`; kill it by its own handle. */
export function startDeno(
  code: string,
  options: ChildOptions & { piped?: boolean } = {},
): Deno.ChildProcess {
  const { env = {}, flags = ["--allow-all"] } = options;
  const before = options.before ?? (options.umask && `umask ${options.umask}`);
  const address = `data:application/typescript;base64,${
    btoa(String.fromCharCode(...new TextEncoder().encode(code)))
  }`;
  const deno = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-prompt", ...flags, address];
  const [program, args] = before === undefined
    ? [deno[0]!, deno.slice(1)]
    : ["sh", ["-c", `${before}; exec "$@"`, "sh", ...deno]];
  const stdio = options.piped === false ? "null" : "piped";
  return new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: stdio,
    stderr: stdio,
  }).spawn();
}

/** Runs `code` to its end. */
export async function runDeno(
  code: string,
  options: ChildOptions = {},
): Promise<ChildResult> {
  const { code: status, signal, stdout, stderr } = await startDeno(code, options).output();
  const decoder = new TextDecoder();
  return { code: status, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
