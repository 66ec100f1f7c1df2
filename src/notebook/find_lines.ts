/**
 * Lines and columns of a text, counted once for any number of places.
 *
 * @module
 */

/** A place in a text. */
export interface LinePlace {
  /** Line, counted from 1. */
  readonly line: number;
  /** Column in characters, counted from 1. */
  readonly column: number;
}

/** Counts lines and columns; asked in ascending order, it reads the text once. */
export class LineCounter {
  readonly #text: string;
  readonly #isBytes: boolean;
  #at = 0;
  #line = 1;
  #column = 1;

  /**
   * Creates a counter.
   *
   * @param text The text.
   * @param isBytes Whether each of its characters is a byte of UTF-8; false for decoded text.
   */
  constructor(text: string, isBytes: boolean) {
    this.#text = text;
    this.#isBytes = isBytes;
  }

  /**
   * The place of a character.
   *
   * @param index Its index.
   * @returns Its line and column.
   */
  at(index: number): LinePlace {
    if (index < this.#at) this.#at = 0, this.#line = this.#column = 1;
    for (; this.#at < index; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 10) this.#line++, this.#column = 1;
      else if (this.#at === 0 && this.#startsWithMark()) continue;
      else if (this.#startsCharacter(code)) this.#column++;
    }
    return { line: this.#line, column: this.#column };
  }

  /** A file's byte order mark is no character of its first line. */
  #startsWithMark(): boolean {
    return this.#isBytes && this.#text.startsWith("\xef\xbb\xbf");
  }

  #startsCharacter(code: number): boolean {
    return this.#isBytes ? (code & 0xc0) !== 0x80 : code < 0xdc00 || code > 0xdfff;
  }
}
