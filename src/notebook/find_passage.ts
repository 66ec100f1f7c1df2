/**
 * A passage is a text to search as a whole: one string of a notebook, the joined lines of a source,
 * the joined pieces of a stream, or a whole file.
 *
 * @module
 */

import type { ByteRange } from "./finding.ts";
import { bytesOf, decodeBytes, type RawFile } from "./find_decode.ts";

/** A text, and the bytes it was decoded from. */
export class Passage {
  /** The decoded text. */
  readonly text: string;
  /** Where one piece ends and the next begins, as indexes into the text. */
  readonly breaks: readonly number[];
  readonly #file: RawFile;
  readonly #pieces: readonly ByteRange[];
  readonly #escapes: boolean;

  /**
   * Decodes and joins pieces of a file.
   *
   * @param file The file.
   * @param pieces Their bytes.
   * @param escapes Whether they are JSON strings.
   */
  constructor(file: RawFile, pieces: readonly ByteRange[], escapes: boolean) {
    this.#file = file;
    this.#pieces = pieces;
    this.#escapes = escapes;
    const texts = pieces.map((piece) => decodeBytes(file, piece, escapes));
    const breaks: number[] = [];
    let length = 0;
    for (const text of texts.slice(0, -1)) breaks.push(length += text.length);
    this.text = texts.join("");
    this.breaks = breaks;
  }

  /**
   * Which piece a character is in.
   *
   * @param index Index into the text.
   * @returns The piece's index.
   */
  pieceAt(index: number): number {
    const after = this.breaks.findIndex((end) => index < end);
    return after < 0 ? this.#pieces.length - 1 : after;
  }

  /**
   * The bytes that spell a span of the text: one range for each piece it touches.
   *
   * @param from Index of the first character.
   * @param to Index after the last one.
   * @returns The ranges in order.
   */
  bytes(from: number, to: number): ByteRange[] {
    const ranges: ByteRange[] = [];
    const last = this.pieceAt(Math.max(from, to - 1));
    for (let i = this.pieceAt(from); i <= last; i++) {
      const begin = i === 0 ? 0 : this.breaks[i - 1]!;
      const end = this.breaks[i] ?? this.text.length;
      ranges.push(bytesOf(
        this.#file.raw,
        this.#pieces[i]!,
        this.#escapes,
        Math.max(from, begin) - begin,
        Math.min(to, end) - begin,
      ));
    }
    return ranges;
  }
}
