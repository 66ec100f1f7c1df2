/**
 * Asks in a terminal without showing what is typed. The runtime's own `prompt` echoes a password,
 * so it is never used here.
 *
 * @module
 */

import { PromptError } from "../errors.ts";
import { TypedLine } from "./line.ts";

/** The part of a terminal that asking needs. */
export interface Terminal {
  /** Reads what was typed, as it comes; null at the end of input. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Shows text; never on standard output, which may be a file. */
  write(text: string): void;
  /** Turns echo and line editing off (true) or back on (false). */
  setRaw(raw: boolean): void;
  /** Gives the terminal back. */
  close(): void;
}

/** How to ask. */
export interface TerminalAskOptions {
  /** Shows what is typed, for a question that is no secret. Default false. */
  readonly echo?: boolean;
  /** Opens the terminal; null where there is none. Default {@link openTerminal}. */
  readonly open?: () => Terminal | null;
}

/** Bracketed paste (xterm): a pasted line end is then told from the Enter key. */
const PASTE_ON = "\x1b[?2004h";
const PASTE_OFF = "\x1b[?2004l";

const encoder = new TextEncoder();

function writeAll(file: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
}

/**
 * Opens the terminal of this process: `/dev/tty` where permissions allow it, so that standard input
 * may be a file; else standard input, if that is a terminal.
 *
 * @returns The terminal, or null where there is none.
 */
export function openTerminal(): Terminal | null {
  if (Deno.build.os !== "windows") {
    try {
      const tty = Deno.openSync("/dev/tty", { read: true, write: true });
      if (tty.isTerminal()) {
        return {
          read: (buffer) => tty.read(buffer),
          write: (text) => writeAll(tty, text),
          setRaw: (raw) => tty.setRaw(raw),
          close: () => tty.close(),
        };
      }
      tty.close();
    } catch { /* no controlling terminal, or no permission for the device */ }
  }
  if (!Deno.stdin.isTerminal()) return null;
  return {
    read: (buffer) => Deno.stdin.read(buffer),
    write: (text) => writeAll(Deno.stderr, text),
    setRaw: (raw) => Deno.stdin.setRaw(raw),
    close: () => {},
  };
}

const SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? ["SIGINT", "SIGBREAK"]
  : ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"];

/**
 * Runs `restore` if the process is told to end meanwhile, then lets it end as it would have.
 *
 * @returns Takes the listeners off again.
 */
function onEnd(restore: () => void): () => void {
  const stop = () => {
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    globalThis.removeEventListener("unload", restore);
  };
  const listeners = SIGNALS.map((signal) =>
    [signal, () => {
      restore();
      stop();
      Deno.kill(Deno.pid, signal); // the default action, now that nobody listens
    }] as const
  );
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  globalThis.addEventListener("unload", restore);
  return stop;
}

/**
 * Asks a person at the terminal and reads one line without showing it: no characters, no stars.
 * Paste, Backspace, Ctrl-U and Ctrl-W work; arrow keys do nothing. The terminal is put back as it
 * was however the question ends, SIGTERM and SIGHUP included.
 *
 * @param text The question, shown before the cursor.
 * @param options Echo, and the terminal to use.
 * @returns The line; empty if the person declined (Enter or Ctrl-D on an empty line); null if there
 * is no terminal to ask at.
 * @throws {PromptError} `prompt-interrupted` on Ctrl-C; `prompt-too-long` beyond 8192 characters.
 */
export async function askInTerminal(
  text: string,
  options: TerminalAskOptions = {},
): Promise<string | null> {
  const terminal = (options.open ?? openTerminal)();
  if (terminal === null) return null;
  let raw = false;
  const restore = () => {
    if (!raw) return;
    raw = false;
    terminal.write(PASTE_OFF);
    terminal.setRaw(false);
  };
  const stop = onEnd(restore);
  try {
    raw = true;
    terminal.setRaw(true);
    terminal.write(PASTE_ON + text);
    return await readLine(terminal, options.echo ?? false);
  } finally {
    restore();
    terminal.write("\n");
    stop();
    terminal.close();
  }
}

/** What turns one shown line into another: rubs out what differs, then shows what is new. */
function redraw(before: string, after: string): string {
  const [old, now] = [[...before], [...after]];
  let same = 0;
  while (same < old.length && old[same] === now[same]) same++;
  return "\b \b".repeat(old.length - same) + now.slice(same).join("");
}

async function readLine(terminal: Terminal, echo: boolean): Promise<string> {
  const line = new TypedLine();
  let shown = "";
  const buffer = new Uint8Array(4096);
  while (true) {
    // Asynchronous: a blocking read would keep the signal listeners from running.
    const count = await terminal.read(buffer);
    if (count === null) return line.text;
    const end = line.type(buffer.subarray(0, count));
    buffer.fill(0);
    if (echo) {
      const now = line.text.replace(/\p{Cc}/gu, " ");
      terminal.write(redraw(shown, now));
      shown = now;
    }
    if (end === undefined) continue;
    if (end === "interrupted") {
      throw new PromptError(
        "prompt-interrupted",
        "Stopped asking: Ctrl-C was pressed. Nothing was changed",
      );
    }
    if (line.tooLong) {
      throw new PromptError(
        "prompt-too-long",
        "Cannot take what was entered: it has more than 8192 characters. Paste only the token",
      );
    }
    return line.text;
  }
}
