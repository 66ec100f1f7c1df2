/**
 * A passage is a text to search as a whole: one string of a notebook, the joined lines of a source,
 * the joined pieces of a stream, or a whole file.
 *
 * @module
 */

import type { ByteRange } from "./finding.ts";
import { ByteFinder, decodeBytes, type Decoding, type RawFile } from "./find_decode.ts";

/** A text, and the bytes it was decoded from. */
export class Passage {
  /** The decoded text. */
  readonly text: string;
  /** Where one piece ends and the next begins, as indexes into the text. */
  readonly breaks: readonly number[];
  readonly #file: RawFile;
  readonly #pieces: readonly ByteRange[];
  readonly #decoding: Decoding;
  readonly #finders: (ByteFinder | undefined)[] = [];

  /**
   * Decodes and joins pieces of a file.
   *
   * @param file The file.
   * @param pieces Their bytes.
   * @param decoding How they spell the text.
   */
  constructor(file: RawFile, pieces: readonly ByteRange[], decoding: Decoding) {
    this.#file = file;
    this.#pieces = pieces;
    this.#decoding = decoding;
    const texts = pieces.map((piece) => decodeBytes(file, piece, decoding));
    const breaks: number[] = [];
    let length = 0;
    for (const text of texts.slice(0, -1)) breaks.push(length += text.length);
    this.text = texts.join("");
    this.breaks = breaks;
  }

  /** The piece that a character is in. */
  #pieceAt(index: number): number {
    let low = 0;
    let high = this.breaks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.breaks[middle]! <= index) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #finder(piece: number): ByteFinder {
    return this.#finders[piece] ??= new ByteFinder(
      this.#file.raw,
      this.#pieces[piece]!,
      this.#decoding,
    );
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
    const last = this.#pieceAt(Math.max(from, to - 1));
    for (let i = this.#pieceAt(from); i <= last; i++) {
      const begin = i === 0 ? 0 : this.breaks[i - 1]!;
      const end = this.breaks[i] ?? this.text.length;
      const finder = this.#finder(i);
      const start = finder.offset(Math.max(from, begin) - begin);
      ranges.push({ start, end: finder.offset(Math.min(to, end) - begin) });
    }
    return ranges;
  }

  /**
   * The character that a byte of the file belongs to.
   *
   * @param offset The byte's offset.
   * @returns Index in the text, or -1 when the byte is in no piece.
   */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#pieces[middle]!.end <= offset) low = middle + 1;
      else high = middle;
    }
    const piece = this.#pieces[low];
    if (piece === undefined || offset < piece.start) return -1;
    return (low === 0 ? 0 : this.breaks[low - 1]!) + this.#finder(low).index(offset);
  }
}
