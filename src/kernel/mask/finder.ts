/**
 * Finds many spellings in a text at once, whole or cut, in well under a millisecond per megabyte.
 *
 * Every output of a notebook passes here, so most characters are never looked at: whatever is found
 * is at least {@link EDGE} characters long, so it covers a place of every grid that is one narrower.
 * One or two characters at each place of the grid tell whether anything can be there.
 *
 * @module
 */

/** A part of a text. */
export interface Span {
  /** Index of its first character. */
  start: number;
  /** Index after its last character. */
  end: number;
}

/**
 * How many characters at the beginning or the end of a spelling give it away when it is cut: `hf_` and
 * 9 of 34 random characters leave 25, about 149 bits, unseen.
 */
const EDGE = 12;

interface Pattern {
  readonly text: string;
  readonly needle: string;
  /** Where the pattern stands in its needle. */
  readonly at: "head" | "tail";
}

/** A pattern, and where in it a pair of characters stands. */
interface Candidate {
  readonly pattern: Pattern;
  readonly offset: number;
  /** UTF-16 code of the pattern's first character. */
  readonly first: number;
}

const TABLE_BITS = 14;

function pairHash(first: number, second: number): number {
  return ((first << 7) ^ second) & ((1 << TABLE_BITS) - 1);
}

/** Searches for a fixed set of spellings. */
export class Finder {
  /** Width of the grid: one less than the shortest pattern. */
  readonly #grid: number;
  /** Whether a character occurs in the first part of some pattern; spares most second looks. */
  readonly #single: Uint8Array = new Uint8Array(128);
  /** Whether a pair of characters occurs in the first part of some pattern. */
  readonly #sampled: Uint8Array = new Uint8Array(1 << TABLE_BITS);
  readonly #candidates: Candidate[][] = [];
  /** Whether a character occurs in some spelling. */
  readonly #characters: Uint8Array = new Uint8Array(128);
  /** Whether a pair of characters occurs in some spelling. */
  readonly #pairs: Uint8Array = new Uint8Array(1 << TABLE_BITS);

  /**
   * Prepares the search.
   *
   * @param needles The spellings, each of 8 characters or more.
   */
  constructor(needles: readonly string[]) {
    const patterns = needles.flatMap((needle): Pattern[] =>
      needle.length <= EDGE ? [{ text: needle, needle, at: "head" }] : [
        { text: needle.slice(0, EDGE), needle, at: "head" },
        { text: needle.slice(-EDGE), needle, at: "tail" },
      ]
    );
    this.#grid = Math.min(EDGE, ...patterns.map(({ text }) => text.length)) - 1;
    for (const pattern of patterns) {
      for (let offset = 0; offset < this.#grid; offset++) {
        const { text } = pattern;
        const hash = pairHash(text.charCodeAt(offset), text.charCodeAt(offset + 1));
        this.#single[text.charCodeAt(offset) & 127] = 1;
        this.#sampled[hash] = 1;
        (this.#candidates[hash] ??= []).push({ pattern, offset, first: text.charCodeAt(0) });
      }
    }
    for (const needle of needles) {
      for (let i = 0; i < needle.length; i++) this.#characters[needle.charCodeAt(i) & 127] = 1;
      for (let i = 1; i < needle.length; i++) {
        this.#pairs[pairHash(needle.charCodeAt(i - 1), needle.charCodeAt(i))] = 1;
      }
    }
  }

  /**
   * Whether a character occurs in some spelling.
   *
   * @param code Its UTF-16 code.
   * @returns False when it certainly does not.
   */
  mayHold(code: number): boolean {
    return this.#characters[code & 127] === 1;
  }

  /**
   * Whether two characters are neighbours in some spelling.
   *
   * @param first UTF-16 code of the first.
   * @param second UTF-16 code of the second.
   * @returns False when they certainly are not.
   */
  mayJoin(first: number, second: number): boolean {
    return this.#pairs[pairHash(first, second)] === 1;
  }

  /**
   * Finds every spelling, and every beginning or end of one that has 12 characters or more.
   *
   * @param text Any text.
   * @returns Where, in order, overlapping ones joined.
   */
  find(text: string): Span[] {
    let found: Span[] | undefined;
    const last = text.length - 1;
    for (let at = this.#next(text, 0); at < last; at = this.#next(text, at + this.#grid)) {
      found = this.#verify(text, at, found);
    }
    return found === undefined ? [] : joined(found);
  }

  /**
   * The next place of the grid, from a place on, where something may be; the text's end if there is
   * none. It calls nothing, so that the compiled loop stays tight.
   */
  #next(text: string, from: number): number {
    const single = this.#single;
    const sampled = this.#sampled;
    const grid = this.#grid;
    const last = text.length - 1;
    for (let i = from; i < last; i += grid) {
      const first = text.charCodeAt(i) & 127;
      if (single[first] === 0) continue;
      const hash = ((first << 7) ^ text.charCodeAt(i + 1)) & ((1 << TABLE_BITS) - 1);
      if (sampled[hash] !== 0) return i;
    }
    return text.length;
  }

  /** The slow look at one place of the grid. */
  #verify(text: string, at: number, found: Span[] | undefined): Span[] | undefined {
    const hash = pairHash(text.charCodeAt(at), text.charCodeAt(at + 1));
    for (const { pattern, offset, first } of this.#candidates[hash]!) {
      // The first character decides nearly always, and spares the call.
      if (text.charCodeAt(at - offset) !== first) continue;
      const span = matchAt(text, at - offset, pattern);
      if (span !== undefined) (found ??= []).push(span);
    }
    return found;
  }
}

function matchAt(text: string, start: number, pattern: Pattern): Span | undefined {
  if (!text.startsWith(pattern.text, start)) return undefined;
  const { needle } = pattern;
  if (pattern.at === "head") {
    let length = pattern.text.length;
    while (
      length < needle.length && text.charCodeAt(start + length) === needle.charCodeAt(length)
    ) {
      length++;
    }
    return { start, end: start + length };
  }
  const end = start + pattern.text.length;
  let length = pattern.text.length;
  while (
    length < needle.length && length < end &&
    text.charCodeAt(end - length - 1) === needle.charCodeAt(needle.length - length - 1)
  ) length++;
  return { start: end - length, end };
}

/**
 * Spans in order, those that overlap or touch made one.
 *
 * @param spans In any order; changed.
 * @returns The joined spans.
 */
export function joined(spans: Span[]): Span[] {
  spans.sort((a, b) => a.start - b.start);
  const result: Span[] = [];
  for (const span of spans) {
    const before = result.at(-1);
    if (before !== undefined && span.start <= before.end) {
      before.end = Math.max(before.end, span.end);
    } else result.push({ ...span });
  }
  return result;
}
