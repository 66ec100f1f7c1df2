/**
 * Reads an answer as it passes to the caller: tokens used, errors inside a stream, and the moment
 * it ends, which is when the budget is settled and the end recorded.
 *
 * @module
 */

import type { RequestError } from "../door/request_error.ts";
import { type Call, endCall, type Ending, type Guard } from "./call.ts";
import { networkFailure, requestIdOf } from "./classified.ts";
import { EventCutter, type StreamEvent } from "./events.ts";
import { failed } from "./explain.ts";
import { readUsage, type Usage } from "./usage.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Watches the answers to calls that ask for work; the answers to others end with their headers.
 *
 * @returns The guard.
 */
export function watched(): Guard {
  return (next) => async (call) => {
    const response = await next(call);
    const type = response.headers.get("content-type") ?? "";
    const facts = { status: response.status, requestId: requestIdOf(response.headers) };
    if (response.body === null || !call.subject.charged) {
      await endCall(call, facts);
      return response;
    }
    if (type.startsWith("text/event-stream")) {
      return rebuilt(response, watchStream(call, response.body, facts, new EventReader(call)));
    }
    if (!/[/+]json\b/.test(type)) {
      return rebuilt(response, watchStream(call, response.body, facts));
    }
    let bytes: Bytes;
    try {
      bytes = await response.bytes();
    } catch (thrown) {
      throw networkFailure(call, thrown);
    }
    await endCall(call, { ...facts, usage: usageIn(bytes) });
    return rebuilt(response, bytes);
  };
}

/**
 * The same answer with another body; it tells status, headers, address and redirection as before.
 */
function rebuilt(response: Response, body: BodyInit | null): Response {
  const { status, statusText, headers, url, redirected } = response;
  const bodiless = status === 204 || status === 205 || status === 304;
  const result = new Response(bodiless ? null : body, { status, statusText, headers });
  Object.defineProperty(result, "url", { value: url });
  Object.defineProperty(result, "redirected", { value: redirected });
  return result;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function usageIn(bytes: Bytes): Usage | undefined {
  const text = new TextDecoder().decode(bytes);
  return text.includes('"usage"') ? readUsage(parsed(text)) : undefined;
}

/** Looks into the events of a stream. */
class EventReader {
  readonly #cutter = new EventCutter();
  readonly #call: Call;
  usage: Usage | undefined;
  /** An error that the server reported inside the stream. */
  error: RequestError | undefined;
  /** Whether the stream has said that it is at its end. */
  done = false;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Takes in bytes and gives out those to pass on. */
  read(chunk: Bytes): Bytes[] {
    return this.#passed(this.#cutter.push(chunk));
  }

  /** What is left when the stream has ended. */
  rest(): Bytes[] {
    const rest = this.#cutter.rest();
    return rest === undefined ? [] : this.#passed([rest]);
  }

  #passed(events: StreamEvent[]): Bytes[] {
    const bytes: Bytes[] = [];
    for (const event of events) {
      if (this.#looksAt(event)) bytes.push(event.bytes);
      if (this.error !== undefined && this.#call.caller !== "other") break;
    }
    return bytes;
  }

  /** Decides whether an event is passed on. */
  #looksAt({ data }: StreamEvent): boolean {
    if (data === "[DONE]") {
      this.done = true;
      return true;
    }
    const mayFail = data.includes('"error"');
    if (!mayFail && !data.includes('"usage"')) return true;
    const value = parsed(data) as Record<string, unknown> | undefined;
    if (typeof value !== "object" || value === null) return true;
    if (mayFail && (value["error"] != null || value["type"] === "error")) {
      this.error = failed(this.#call, "stream", {
        detail: "the server reported an error inside the stream; what came before it is incomplete",
      });
      // A caller that reads events itself gets the server's own words, as from any fetch.
      return this.#call.caller === "other";
    }
    const usage = readUsage(value);
    this.usage = usage ?? this.usage;
    // The event that was asked for on the caller's behalf is not what the caller expects.
    const { choices } = value;
    const onlyUsage = usage !== undefined && Array.isArray(choices) && choices.length === 0;
    return !(this.#call.addedUsage && onlyUsage);
  }
}

/**
 * Ends the calls whose answers were thrown away unread: nothing else would give back their slots.
 */
const abandoned = new FinalizationRegistry<() => void>((abandon) => abandon());

/** Passes a body on, chunk by chunk, and notices every way in which it can end. */
function watchStream(
  call: Call,
  body: ReadableStream<Bytes>,
  facts: Ending,
  events?: EventReader,
): ReadableStream<Bytes> {
  const reader = body.getReader();
  let failure: RequestError | undefined;
  const ticket = {};
  async function finish(error?: RequestError): Promise<void> {
    abandoned.unregister(ticket);
    call.signal?.removeEventListener("abort", abandon);
    await endCall(call, { ...facts, usage: events?.usage, error });
  }
  // A caller that aborts may not read any more, so nothing but this would notice. It must not refer
  // to the stream made below, which would then never be thrown away.
  function abandon(): void {
    failure ??= failed(call, "abort");
    finish(failure);
    reader.cancel().catch(() => {});
  }
  if (call.signal?.aborted) abandon();
  else call.signal?.addEventListener("abort", abandon, { once: true });
  /** What the reader is told: clients other than ours know an abort by its signal's own reason. */
  const shown = (error: RequestError): unknown =>
    error.kind === "abort" && call.caller !== "huggingface" && call.signal?.aborted
      ? call.signal.reason
      : error;

  async function nextChunks(): Promise<{ chunks: Bytes[]; over: boolean }> {
    let result: ReadableStreamReadResult<Bytes>;
    try {
      result = await reader.read();
    } catch {
      failure ??= failed(call, call.signal?.aborted ? "abort" : "stream");
      return { chunks: [], over: true };
    }
    if (failure !== undefined) return { chunks: [], over: true };
    if (events === undefined) {
      return { chunks: result.done ? [] : [result.value], over: result.done };
    }
    const chunks = result.done ? events.rest() : events.read(result.value);
    if (events.error !== undefined && call.caller !== "other") failure = events.error;
    return { chunks, over: result.done || failure !== undefined };
  }

  const passed = new ReadableStream<Bytes>({
    async pull(controller) {
      for (;;) {
        if (failure !== undefined) return controller.error(shown(failure));
        const { chunks, over } = await nextChunks();
        // Recorded before the caller can see the end: a client may stop reading at `[DONE]`.
        if (over || events?.done) await finish(failure ?? events?.error);
        for (const chunk of chunks) controller.enqueue(chunk);
        if (over) {
          if (failure === undefined) return controller.close();
          reader.cancel().catch(() => {});
          // Chunks before the failure are still read first; an error would discard them.
          if (chunks.length === 0) controller.error(shown(failure));
          return;
        }
        if (events?.done) {
          reader.read().then(({ done }) => done ? undefined : reader.cancel()).catch(() => {});
          return controller.close();
        }
        if (chunks.length > 0) return;
      }
    },
    async cancel(reason) {
      await Promise.all([
        finish(failed(call, "abort")),
        reader.cancel(reason).catch(() => {}),
      ]);
    },
  }, { highWaterMark: 0 });
  abandoned.register(passed, abandon, ticket);
  return passed;
}
