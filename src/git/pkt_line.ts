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

/** Writes all bytes. */
export type WriteBytes = (bytes: Uint8Array) => void;

/** Reads packets, synchronously: a filter has nothing else to do while git is thinking. */
export class PacketReader {
  readonly #read: ReadBytes;
  readonly #head = new Uint8Array(4);

  /**
   * Creates the reader.
   *
   * @param read Where the bytes come from.
   */
  constructor(read: ReadBytes) {
    this.#read = read;
  }

  /**
   * Reads one packet.
   *
   * @returns Its content, null for a flush, undefined at the end of the stream.
   * @throws {GitError} If the stream ends within a packet, or its length is not valid.
   */
  packet(): Uint8Array<ArrayBuffer> | null | undefined {
    if (!this.#fill(this.#head, true)) return undefined;
    const digits = String.fromCharCode(...this.#head);
    const length = /^[0-9a-fA-F]{4}$/u.test(digits) ? parseInt(digits, 16) : NaN;
    if (length === 0) return null;
    // 1 to 3 are the special packets of protocol version 2, which filters never get.
    if (!(length >= 4)) throw broken("a packet has no valid length");
    const content = new Uint8Array(length - 4);
    this.#fill(content, false);
    return content;
  }

  /**
   * Reads text packets up to the next flush.
   *
   * @returns Each line without its line end, or undefined at the end of the stream.
   * @throws {GitError} As {@link PacketReader.packet}.
   */
  lines(): string[] | undefined {
    const lines: string[] = [];
    for (;;) {
      const packet = this.packet();
      if (packet === undefined) {
        if (lines.length === 0) return undefined;
        throw broken("the stream ends within a list");
      }
      if (packet === null) return lines;
      lines.push(new TextDecoder().decode(packet).replace(/\n$/u, ""));
    }
  }

  /**
   * Reads content packets up to the next flush.
   *
   * @returns The content, joined.
   * @throws {GitError} As {@link PacketReader.packet}; also if the stream ends before the flush.
   */
  content(): Uint8Array<ArrayBuffer> {
    const packets: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (;;) {
      const packet = this.packet();
      if (packet === undefined) throw broken("the stream ends within a content");
      if (packet === null) break;
      packets.push(packet);
      length += packet.length;
    }
    if (packets.length === 1) return packets[0]!;
    const joined = new Uint8Array(length);
    let at = 0;
    for (const packet of packets) {
      joined.set(packet, at);
      at += packet.length;
    }
    return joined;
  }

  /** Fills a buffer; false if the stream ended before its first byte and that is allowed. */
  #fill(buffer: Uint8Array, mayEnd: boolean): boolean {
    for (let filled = 0; filled < buffer.length;) {
      const count = this.#read(buffer.subarray(filled));
      if (count === null) {
        if (mayEnd && filled === 0) return false;
        throw broken("the stream ends within a packet");
      }
      filled += count;
    }
    return true;
  }
}

function broken(why: string): GitError {
  return new GitError("git-failed", `Cannot follow git's filter protocol: ${why}`);
}

/**
 * Writes a list of text packets and the flush after it.
 *
 * @param write Where the bytes go, in one call.
 * @param lines The lines, without line ends.
 */
export function writeLines(write: WriteBytes, lines: readonly string[]): void {
  const encoder = new TextEncoder();
  const packets = lines.map((line) => {
    const { length } = encoder.encode(line);
    return `${(length + 5).toString(16).padStart(4, "0")}${line}\n`;
  });
  write(encoder.encode(`${packets.join("")}0000`));
}

/**
 * Writes content as packets and the flush after it.
 *
 * @param write Where the bytes go, in one call.
 * @param content The content, of any length.
 */
export function writeContent(write: WriteBytes, content: Uint8Array): void {
  const packets = Math.ceil(content.length / MAX_PACKET_CONTENT);
  const framed = new Uint8Array(content.length + packets * 4 + 4);
  const encoder = new TextEncoder();
  let at = 0;
  for (let from = 0; from < content.length; from += MAX_PACKET_CONTENT) {
    const piece = content.subarray(from, from + MAX_PACKET_CONTENT);
    encoder.encodeInto((piece.length + 4).toString(16).padStart(4, "0"), framed.subarray(at));
    framed.set(piece, at + 4);
    at += piece.length + 4;
  }
  encoder.encodeInto("0000", framed.subarray(at));
  write(framed);
}
