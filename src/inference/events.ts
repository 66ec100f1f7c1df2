/**
 * Cuts a stream of server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html) into events without changing a
 * byte: what is passed on is what was received.
 *
 * @module
 */

/** One event. */
export interface StreamEvent {
  /** The event as it was received, its closing empty line included. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Its `data`, lines joined. */
  readonly data: string;
}

const LF = 10, CR = 13;
const decoder = new TextDecoder();

/** Where the line end that begins at `at` is over, or `at` where none begins. */
function afterLineEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === LF) return at + 1;
  if (bytes[at] !== CR) return at;
  return bytes[at + 1] === LF ? at + 2 : at + 1;
}

function dataOf(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (const line of decoder.decode(bytes).split(/\r\n|\n|\r/)) {
    if (line.startsWith("data:")) lines.push(line.slice(line[5] === " " ? 6 : 5));
  }
  return lines.join("\n");
}

/** Collects received bytes and gives out whole events. */
export class EventCutter {
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  /**
   * Takes in bytes.
   *
   * @param chunk What was received.
   * @returns The events that are now whole.
   */
  push(chunk: Uint8Array<ArrayBuffer>): StreamEvent[] {
    let bytes = chunk;
    let from = 0;
    if (this.#held.length > 0) {
      bytes = new Uint8Array(this.#held.length + chunk.length);
      bytes.set(this.#held);
      bytes.set(chunk, this.#held.length);
      // A line end may have been cut in two, so look again from a little before the seam.
      from = Math.max(0, this.#held.length - 3);
    }
    const events: StreamEvent[] = [];
    let start = 0;
    for (let at = from; at < bytes.length; at++) {
      if (bytes[at] !== LF && bytes[at] !== CR) continue;
      const line = afterLineEnd(bytes, at);
      const blank = afterLineEnd(bytes, line);
      // A CR at the very end may be the first half of CR LF: wait for the next chunk.
      if (blank === line || (blank === bytes.length && bytes[blank - 1] === CR)) continue;
      const event = bytes.subarray(start, blank);
      events.push({ bytes: event, data: dataOf(event) });
      start = blank;
      at = blank - 1;
    }
    this.#held = bytes.slice(start);
    return events;
  }

  /**
   * What is left after the last whole event; a server that just stops leaves its last event here.
   */
  rest(): StreamEvent | undefined {
    if (this.#held.length === 0) return undefined;
    const bytes = this.#held;
    this.#held = new Uint8Array(0);
    return { bytes, data: dataOf(bytes) };
  }
}
