/**
 * Finds many spellings in a text at once, whole or cut, in well under a millisecond per megabyte.
 *
 * Every output of a notebook passes here, so most characters are never looked at: whatever is found
 * is at least {@link EDGE} characters long, so it covers three characters in a row at a place of every
 * grid that is two narrower. Those three tell whether anything can be there.
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

const ESCAPE = 0x1b;

/** The same for ASCII as the address in sieve.wat's table of pairs. */
function pairHash(first: number, second: number): number {
  return ((first << 7) ^ second) & ((1 << TABLE_BITS) - 1);
}

/** The same for ASCII as in sieve.wat. */
function tripleHash(first: number, second: number, third: number): number {
  const all = (first & 127) | (second & 127) << 8 | (third & 127) << 16;
  return Math.imul(all, 0x9e3779b1) >>> 16;
}

/** What tells that nothing can stand at a place, in the form in which sieve.wat reads it. */
export interface Tables {
  /** For each hash of three characters, whether they stand in the first part of some pattern. */
  readonly triples: Uint8Array;
  /**
   * For each pair of characters, 1 if they are neighbours in some spelling. Added to this 2 for each
   * character of some spelling with an escape character, which may begin codes and go on behind them.
   */
  readonly pairs: Uint8Array;
  /** For each character, whether it occurs in some spelling. */
  readonly characters: Uint8Array;
}

/** Searches for a fixed set of spellings. */
export class Finder {
  /** How far apart the looks at a text are: two less than the shortest pattern. */
  readonly grid: number;
  /** What spares most looks. */
  readonly tables: Tables = {
    triples: new Uint8Array(1 << 16),
    pairs: new Uint8Array(1 << TABLE_BITS),
    characters: new Uint8Array(128),
  };
  /** Whether a character occurs in the first part of some pattern; spares most second looks. */
  readonly #single: Uint8Array = new Uint8Array(128);
  /** Whether a pair of characters occurs in the first part of some pattern. */
  readonly #sampled: Uint8Array = new Uint8Array(1 << TABLE_BITS);
  readonly #candidates: Candidate[][] = [];
  /**
   * A colour code between two characters of spellings; what follows a code is another code perhaps, and
   * a link or title may hold anything.
   */
  readonly #split: RegExp;

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
    this.grid = Math.min(EDGE, ...patterns.map(({ text }) => text.length)) - 2;
    for (const pattern of patterns) {
      for (let offset = 0; offset < this.grid; offset++) {
        const codes = [0, 1, 2].map((i) => pattern.text.charCodeAt(offset + i));
        const [first, second, third] = codes as [number, number, number];
        const hash = pairHash(first, second);
        this.#single[first & 127] = 1;
        this.#sampled[hash] = 1;
        this.tables.triples[tripleHash(first, second, third)] = 1;
        const start = pattern.text.charCodeAt(0);
        (this.#candidates[hash] ??= []).push({ pattern, offset, first: start });
      }
    }
    const { characters, pairs } = this.tables;
    for (const needle of needles) {
      for (let i = 0; i < needle.length; i++) characters[needle.charCodeAt(i) & 127] = 1;
      for (let i = 1; i < needle.length; i++) {
        pairs[pairHash(needle.charCodeAt(i - 1), needle.charCodeAt(i))] = 1;
      }
    }
    characters.forEach((held, code) => pairs[pairHash(code, ESCAPE)]! |= 2 * held);
    const held = Array.from(
      new Set(needles.join("").split("")),
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ).join("");
    this.#split = new RegExp(
      `[${held}]\x1b(?:\\]|\\[[0-9;:?]*[A-Za-z][\x1b${held}])`,
      "g",
    );
  }

  /**
   * Where codes begin that may split a spelling; compiled by the runtime, so much quicker than to stop
   * at each code.
   *
   * @param text Any text.
   * @param from Codes before it do not count.
   * @returns The place of an escape character, or the text's length.
   */
  nextSplit(text: string, from: number): number {
    this.#split.lastIndex = Math.max(0, from - 1);
    const match = this.#split.exec(text);
    return match === null ? text.length : match.index + 1;
  }

  /**
   * Whether a character occurs in some spelling.
   *
   * @param code Its UTF-16 code.
   * @returns False when it certainly does not.
   */
  mayHold(code: number): boolean {
    return this.tables.characters[code & 127] === 1;
  }

  /**
   * Whether two characters are neighbours in some spelling.
   *
   * @param first UTF-16 code of the first.
   * @param second UTF-16 code of the second.
   * @returns False when they certainly are not.
   */
  mayJoin(first: number, second: number): boolean {
    return (this.tables.pairs[pairHash(first, second)]! & 1) === 1;
  }

  /**
   * Finds every spelling, and every beginning or end of one that has 12 characters or more.
   *
   * @param text Any text.
   * @returns Where, in order, overlapping ones joined.
   */
  find(text: string): Span[] {
    const found: Span[] = [];
    this.findIn(text, 0, text.length, found);
    return joined(found);
  }

  /**
   * Looks at the places of the grid in a part of a text.
   *
   * @param text Any text.
   * @param from The first place.
   * @param end No place is looked at from here on; what is found may be longer.
   * @param found What is found is added here, in any order.
   */
  findIn(text: string, from: number, end: number, found: Span[]): void {
    const last = Math.min(end, text.length - 2);
    for (let at = this.#next(text, from, last); at < last;) {
      this.verify(text, at, found);
      at = this.#next(text, at + this.grid, last);
    }
  }

  /**
   * The next place of the grid, from a place on, where something may be; `last` or more if there is
   * none. It calls nothing, so that the compiled loop stays tight.
   */
  #next(text: string, from: number, last: number): number {
    const single = this.#single;
    const sampled = this.#sampled;
    const triples = this.tables.triples;
    const grid = this.grid;
    for (let i = from; i < last; i += grid) {
      const first = text.charCodeAt(i) & 127;
      if (single[first] === 0) continue;
      const second = text.charCodeAt(i + 1);
      if (sampled[((first << 7) ^ second) & ((1 << TABLE_BITS) - 1)] === 0) continue;
      const all = first | (second & 127) << 8 | (text.charCodeAt(i + 2) & 127) << 16;
      if (triples[Math.imul(all, 0x9e3779b1) >>> 16] !== 0) return i;
    }
    return last;
  }

  /**
   * The slow look at one place of the grid.
   *
   * @param text Any text.
   * @param at The place.
   * @param found What is found is added here.
   */
  verify(text: string, at: number, found: Span[]): void {
    const hash = pairHash(text.charCodeAt(at), text.charCodeAt(at + 1));
    for (const { pattern, offset, first } of this.#candidates[hash] ?? []) {
      // The first character decides nearly always, and spares the call.
      if (text.charCodeAt(at - offset) !== first) continue;
      const span = matchAt(text, at - offset, pattern);
      if (span !== undefined) found.push(span);
    }
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
