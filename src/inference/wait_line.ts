/**
 * The one line that tells a person why nothing happens: printed once, counting down in place, gone
 * or in the past tense when the wait is over, however many calls wait.
 *
 * @module
 */

import { inKernel } from "../kernel/detect.ts";
import { spokenTime } from "./explain.ts";
import type { CallWait, OnWait } from "./waiting.ts";

/** Where the line is shown. */
export interface LineSink {
  /** Shows the line, in place of the one before. */
  show(text: string): void;
  /** Shows the last words, or nothing more. */
  end(text: string): void;
}

/** Options of {@link waitLine}. */
export interface WaitLineOptions {
  /** Where the line is shown. */
  readonly sink: LineSink;
  /** A clock in milliseconds that only runs forward; default `performance.now`. */
  readonly clock?: () => number;
  /** Calls back every so many milliseconds until what it returns is called; default a timer. */
  readonly every?: (ms: number, tick: () => void) => () => void;
}

/** How often the countdown changes, in milliseconds. */
const everyMs = 200;
/** A wait after a failure that is shorter than this is not worth a word, in milliseconds. */
const shortFailureMs = 1000;

const words: Readonly<Record<CallWait["reason"], readonly [string, string]>> = {
  rate: ["Rate limit reached, waiting", "Rate limit reached, waited"],
  loading: ["The model is being loaded, waiting", "The model was being loaded, waited"],
  failure: ["The server failed, trying again in", "The server failed, tried again after"],
};

function timer(ms: number, tick: () => void): () => void {
  const id = setInterval(tick, ms);
  return () => clearInterval(id);
}

/**
 * Makes the line.
 *
 * @param options Where it is shown.
 * @returns What to tell about waits.
 */
export function waitLine(options: WaitLineOptions): OnWait {
  const { sink, clock = () => performance.now(), every = timer } = options;
  const waits = new Map<string, { readonly reason: CallWait["reason"]; readonly until: number }>();
  let stop: (() => void) | undefined;
  let began = 0;
  let last: CallWait["reason"] = "rate";

  function show(): void {
    const next = [...waits.values()].reduce((a, b) => a.until <= b.until ? a : b);
    last = next.reason;
    const calls = waits.size === 1 ? "" : ` (${waits.size} calls)`;
    sink.show(`${words[last][0]} ${spokenTime(next.until - clock())}${calls}`);
  }

  return ({ id, reason, remainingMs, done }) => {
    if (done) {
      if (!waits.delete(id)) return;
      if (waits.size > 0) return show();
      stop?.();
      stop = undefined;
      return sink.end(`${words[last][1]} ${spokenTime(clock() - began)}`);
    }
    if (!waits.has(id) && reason === "failure" && remainingMs < shortFailureMs) return;
    const first = waits.size === 0;
    waits.set(id, { reason, until: clock() + remainingMs });
    if (!first) return; // the next tick shows it
    began = clock();
    show();
    stop = every(everyMs, show);
  };
}

/** The part of `Deno.jupyter` that is used. */
interface Jupyter {
  broadcast(type: string, content: Record<string, unknown>): Promise<void>;
}

/**
 * The line in a notebook: one output that is updated.
 *
 * @param jupyter The kernel's interface; default `Deno.jupyter`.
 * @returns Where lines are shown.
 */
export function kernelSink(
  jupyter: Jupyter = (Deno as unknown as { jupyter: Jupyter }).jupyter,
): LineSink {
  let display: string | undefined;
  // `await`, not `.catch()`: Deno 2.9.6 stands still when `then` or `catch` is called, in the
  // callback of a timer, on what `broadcast` returns.
  async function put(text: string): Promise<void> {
    const type = display === undefined ? "display_data" : "update_display_data";
    display ??= crypto.randomUUID();
    const content = {
      data: { "text/plain": text },
      metadata: {},
      transient: { display_id: display },
    };
    try {
      await jupyter.broadcast(type, content);
    } catch { /* nobody is looking any more */ }
  }
  return {
    show: put,
    end(text) {
      put(text);
      display = undefined;
    },
  };
}

/**
 * The line in a terminal: overwritten in place, and gone when the wait is over.
 *
 * @param write Writes to the terminal; default standard error.
 * @returns Where lines are shown.
 */
export function terminalSink(
  write: (text: string) => void = (text) => {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  },
): LineSink {
  return {
    show: (text) => write(`\r${text}\x1b[K`),
    end: () => write("\r\x1b[K"),
  };
}

/**
 * The line where a person is looking: in a notebook or a terminal, and nowhere else.
 *
 * @returns What to tell about waits, or undefined.
 */
export function defaultWaitLine(): OnWait | undefined {
  if (inKernel()) return waitLine({ sink: kernelSink() });
  return Deno.stderr.isTerminal() ? waitLine({ sink: terminalSink() }) : undefined;
}
