/**
 * `show()`: what a model answers, as a notebook should show it.
 *
 * @module
 */

import { inKernel } from "../detect.ts";
import type { MimeBundle } from "../outputs.ts";
import { escapeMarkdown } from "./html.ts";
import { mediaBundle } from "./media.ts";
import { type Displayer, LiveOutput } from "./output.ts";
import { pieceText, replyText } from "./reply.ts";
import { tableOf } from "./table.ts";

/** How something is shown. */
export interface ShowOptions {
  /** How often a growing output is replaced at most, in milliseconds. Default: 100. */
  readonly everyMs?: number;
  /** After how many milliseconds of waiting for a promise the waiting is shown. Default: 400. */
  readonly progressAfterMs?: number;
  /** Told the whole text when a stream has ended. */
  readonly onText?: (text: string) => void;
  /**
   * Outside a notebook, receives plain text, a stream piece by piece, for instance
   * `(text) => Deno.stdout.writeSync(new TextEncoder().encode(text))`. Default: nothing is printed.
   */
  readonly write?: (text: string) => void;
}

/** Shorter waits are not worth a line. */
const PROGRESS_AFTER_MS = 400;

const DISPLAY = Symbol.for("Jupyter.display");

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value &&
    !(value instanceof Blob);
}

function markdown(text: string): MimeBundle {
  return { "text/markdown": escapeMarkdown(text), "text/plain": text };
}

function asBlob(value: unknown): Blob | undefined {
  if (value instanceof Blob) return value;
  const isBytes = value instanceof ArrayBuffer || value instanceof Uint8Array;
  return isBytes ? new Blob([value as Uint8Array<ArrayBuffer>]) : undefined;
}

/** How a value looks, or undefined when the kernel's own display knows best. */
async function bundleOf(value: unknown): Promise<MimeBundle | undefined> {
  if (typeof value === "string") return markdown(value);
  if (typeof value !== "object" || value === null || DISPLAY in value) return undefined;
  const blob = asBlob(value);
  if (blob !== undefined) return await mediaBundle(blob);
  const text = replyText(value);
  return text === undefined ? tableOf(value) : markdown(text);
}

/** A value as text, outside a notebook: what it would show there, or what `console.log` prints. */
async function plainText(value: unknown, bundle: MimeBundle | undefined): Promise<string> {
  if (value === undefined) return "";
  const own = typeof value === "object" && value !== null && DISPLAY in value
    ? await (value as Record<symbol, () => MimeBundle | Promise<MimeBundle>>)[DISPLAY]!()
    : bundle;
  return String(own?.["text/plain"] ?? Deno.inspect(value));
}

function displayer(): Displayer {
  // Looked up each time: the output mask may have been installed since.
  return {
    display: (bundle, options) => Deno.jupyter.display(bundle as object, options as never),
  };
}

async function showStream(
  stream: AsyncIterable<unknown>,
  options: ShowOptions,
  output: LiveOutput | undefined,
): Promise<void> {
  const pieces = stream[Symbol.asyncIterator]();
  let text = "";
  try {
    const first = pieces.next();
    let next = await waited(first, output, options.progressAfterMs ?? PROGRESS_AFTER_MS);
    for (; next.done !== true; next = await pieces.next()) {
      const added = pieceText(next.value);
      if (added === "") continue;
      text += added;
      options.write?.(added);
      output?.soon(() => markdown(text));
    }
  } finally {
    // Also after an error or an abort: what came before stays, whole.
    if (text !== "" || output?.shown) await output?.now(markdown(text));
  }
  options.onText?.(text);
}

/**
 * Shows how long it has taken while a promise is pending, in the output that its value will take.
 */
async function waited<T>(
  promise: PromiseLike<T>,
  output: LiveOutput | undefined,
  afterMs: number,
): Promise<T> {
  if (output === undefined) return await promise;
  const started = performance.now();
  const tell = () => {
    const seconds = Math.round((performance.now() - started) / 1000);
    const text = seconds === 0 ? "Waiting …" : `Waiting … ${seconds} s`;
    output.soon(() => ({ "text/markdown": `_${text}_`, "text/plain": text }));
  };
  let timer = setTimeout(() => {
    tell();
    timer = setInterval(tell, 1000);
  }, afterMs);
  try {
    return await promise;
  } catch (error) {
    if (output.shown) await output.now({ "text/plain": "" });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function showValue(
  value: unknown,
  options: ShowOptions,
  output: LiveOutput | undefined,
): Promise<void> {
  const bundle = await bundleOf(value);
  if (output === undefined) {
    if (options.write !== undefined) options.write(`${await plainText(value, bundle)}\n`);
  } else if (bundle !== undefined) await output.now(bundle);
  else if (output.shown) {
    // The waiting was shown here: the value takes its place.
    await output.now(await Deno.jupyter.format(value) as MimeBundle);
  } else if (value !== undefined) await Deno.jupyter.display(value as object);
}

/**
 * Shows what a model answers, as fits it best: a stream grows as Markdown in one output; pictures,
 * audio and video (`Blob`, bytes) are shown or get a player, told by their content; chat replies
 * and other texts become Markdown; classifications, entities and embeddings tables. While a promise
 * is pending, the seconds are counted. Everything else is shown as the last line of a cell would
 * be. Texts are escaped: no answer becomes HTML.
 *
 * Outside a notebook nothing is printed, unless `write` is given; a stream is read to its end.
 *
 * @param value What a client returned: a stream, a promise or a value.
 * @param options How often to update, and who is told the text.
 * @returns When all of it is shown.
 * @throws {unknown} Whatever the stream or the promise fails with; what came before stays.
 *
 * @example A stream, outside a notebook
 * ```ts
 * import { show } from "hushbook";
 * import assert from "node:assert/strict";
 *
 * async function* stream() {
 *   yield { choices: [{ delta: { content: "Hello, " } }] };
 *   yield { choices: [{ delta: { content: "**world**" } }] };
 * }
 * let text = "";
 * await show(stream(), { onText: (whole) => (text = whole) });
 * assert.equal(text, "Hello, **world**");
 * ```
 */
export async function show(value: unknown, options: ShowOptions = {}): Promise<void> {
  const { everyMs = 100, progressAfterMs = PROGRESS_AFTER_MS } = options;
  const output = inKernel() ? new LiveOutput(displayer(), everyMs) : undefined;
  const settled = value instanceof Promise
    ? await waited(value, output, progressAfterMs)
    : await value;
  if (isAsyncIterable(settled)) await showStream(settled, options, output);
  else await showValue(settled, options, output);
}
