/**
 * Packets as git's long-running filter protocol frames them (gitprotocol-common, "pkt-line"): four
 * hexadecimal digits of length, themselves included, then content; `0000` is a flush.
 *
 * @module
 */

import { GitError } from "../errors.ts";

/** The most content one packet may carry, in bytes (git's LARGE_PACKET_DATA_MAX). */
export const MAX_PACKET_CONTENT = 65_516;

/** Reads bytes into `into` as `Deno.stdin.readSync` does; null at the end. */
export type ReadBytes = (into: Uint8Array) => number | null;

/**
 * Gives memory for content that is being read, and is asked again for more of it as the content grows:
 * what it gave before is then either copied by the reader, or has moved along, detached.
 */
export type RoomFor = (size: number) => Uint8Array<ArrayBuffer>;

/** Reads packets, synchronously: a filter has nothing else to do while git is thinking. */
export class PacketReader {
  readonly #read: ReadBytes;
  readonly #roomFor: RoomFor;
  readonly #decoder = new TextDecoder();
  readonly #head = new Uint8Array(4);
  /** Bytes that were read and not used yet: `#start` up to `#end`. A pipe gives 64 KiB at most. */
  readonly #buffer = new Uint8Array(65_536);
  #start = 0;
  #end = 0;

  /**
   * Creates the reader.
   *
   * @param read Where the bytes come from.
   * @param roomFor Where content is put. Default: memory of its own for each.
   */
  constructor(read: ReadBytes, roomFor: RoomFor = (size) => new Uint8Array(size)) {
    this.#read = read;
    this.#roomFor = roomFor;
  }

  /**
   * Reads text packets up to the next flush.
   *
   * @returns Each line without its line end, or undefined at the end of the stream.
   * @throws {GitError} If the stream ends within the list, or a packet has no valid length.
   */
  lines(): string[] | undefined {
    const lines: string[] = [];
    for (;;) {
      const length = this.#length(lines.length === 0);
      if (length === undefined) return undefined;
      if (length === 0) return lines;
      const line = new Uint8Array(length - 4);
      this.#fill(line);
      lines.push(this.#decoder.decode(line).replace(/\n$/u, ""));
    }
  }

  /**
   * Reads content packets up to the next flush.
   *
   * @returns The content, joined. It is valid as long as its room is not used again.
   * @throws {GitError} If the stream ends before the flush, or a packet has no valid length.
   */
  content(): Uint8Array<ArrayBuffer> {
    let content = this.#roomFor(MAX_PACKET_CONTENT);
    let filled = 0;
    for (;;) {
      const length = this.#length(false)!;
      if (length === 0) return content.subarray(0, filled);
      const end = filled + length - 4;
      if (end > content.length) {
        const larger = this.#roomFor(Math.max(end, 2 * content.length));
        if (content.length > 0) larger.set(content.subarray(0, filled)); // else it moved along
        content = larger;
      }
      this.#fill(content.subarray(filled, end));
      filled = end;
    }
  }

  /** The length of the next packet; 0 for a flush; undefined at the end, where that is allowed. */
  #length(mayEnd: boolean): number | undefined {
    if (mayEnd && this.#start === this.#end && !this.#more()) return undefined;
    this.#fill(this.#head);
    const digits = this.#decoder.decode(this.#head);
    const length = /^[0-9a-fA-F]{4}$/u.test(digits) ? parseInt(digits, 16) : NaN;
    // 1 to 3 are the special packets of protocol version 2, which filters never get.
    if (length === 0 || length >= 4) return length;
    throw broken("a packet has no valid length");
  }

  #fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length;) {
      if (this.#start === this.#end && !this.#more()) {
        throw broken("the stream ends within a packet or list");
      }
      const piece = this.#buffer.subarray(
        this.#start,
        Math.min(this.#end, this.#start + target.length - filled),
      );
      target.set(piece, filled);
      filled += piece.length;
      this.#start += piece.length;
    }
  }

  #more(): boolean {
    const count = this.#read(this.#buffer);
    this.#start = 0;
    this.#end = count ?? 0;
    return count !== null;
  }
}

function broken(why: string): GitError {
  return new GitError("git-failed", `Cannot follow git's filter protocol: ${why}`);
}

/**
 * Frames a list of lines, each a packet, and the flush after it.
 *
 * @param lines The lines, without line ends.
 * @returns The packets.
 */
export function linePackets(lines: readonly string[]): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const packets = lines.map((line) => {
    const { length } = encoder.encode(line);
    return `${(length + 5).toString(16).padStart(4, "0")}${line}\n`;
  });
  return encoder.encode(`${packets.join("")}0000`);
}

/**
 * Frames content as packets and the flush after it, between other packets, always in the same memory:
 * fresh memory for each answer costs more than filling it.
 */
export class ContentFramer {
  #frame = new Uint8Array(2 * MAX_PACKET_CONTENT);
  readonly #encoder = new TextEncoder();

  /**
   * Frames one content.
   *
   * @param before Packets to put before it.
   * @param content The content, of any length.
   * @param after Packets to put after it.
   * @returns All of it, to be written at once; valid until the next call.
   */
  frame(before: Uint8Array, content: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer> {
    const packets = Math.ceil(content.length / MAX_PACKET_CONTENT);
    const length = before.length + content.length + packets * 4 + 4 + after.length;
    if (this.#frame.length < length) this.#frame = new Uint8Array(2 * length);
    const framed = this.#frame.subarray(0, length);
    framed.set(before);
    let at = before.length;
    for (let from = 0; from < content.length; from += MAX_PACKET_CONTENT) {
      const piece = content.subarray(from, from + MAX_PACKET_CONTENT);
      const digits = (piece.length + 4).toString(16).padStart(4, "0");
      this.#encoder.encodeInto(digits, framed.subarray(at));
      framed.set(piece, at + 4);
      at += piece.length + 4;
    }
    this.#encoder.encodeInto("0000", framed.subarray(at));
    framed.set(after, at + 4);
    return framed;
  }
}
