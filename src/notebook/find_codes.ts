/**
 * Reads one character of a text through the escapes that may spell it: backslash escapes of JSON,
 * JavaScript, Python, C, Markdown and LaTeX at any depth of nesting, percent encoding, HTML character references, and
 * any mixture of them.
 *
 * @module
 */

/** A character and how it was spelled. */
export interface Code {
  /** The character's code; a byte of a UTF-8 sequence where bytes were escaped. */
  readonly code: number;
  /** Index after the last character of its spelling. */
  readonly end: number;
  /** Which of {@link STEP} were undone, as bits. */
  readonly steps: number;
}

/** What can be undone, as bits. */
export const STEP = {
  escape: 1,
  percent: 2,
  entity: 4,
  tag: 8,
  ansi: 16,
  "zero-width": 32,
  concatenation: 64,
  wrap: 128,
} as const;

/** A bit beside those of {@link STEP}: joined in a way that is rare, so that a mere suspect is none. */
export const UNUSUAL = 256;

/** Named references (HTML Standard, 13.5) that stand for a token's characters, or for what can be between them. */
const NAMED: Readonly<Record<string, number>> = {
  amp: 38,
  AMP: 38,
  lt: 60,
  LT: 60,
  gt: 62,
  GT: 62,
  quot: 34,
  QUOT: 34,
  apos: 39,
  grave: 96,
  lowbar: 95,
  UnderBar: 95,
  percnt: 37,
  bsol: 92,
  plus: 43,
  comma: 44,
  period: 46,
  num: 35,
  semi: 59,
  Tab: 9,
  NewLine: 10,
  shy: 0xad,
  zwnj: 0x200c,
  zwj: 0x200d,
  lrm: 0x200e,
  rlm: 0x200f,
  ZeroWidthSpace: 0x200b,
  NegativeThinSpace: 0x200b,
  NoBreak: 0x2060,
  InvisibleComma: 0x2063,
  ic: 0x2063,
  InvisibleTimes: 0x2062,
  it: 0x2062,
  ApplyFunction: 0x2061,
  af: 0x2061,
};

const SIMPLE: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  f: 12,
  v: 11,
  e: 27,
  E: 27,
};

const DIGIT_NAMES = [
  "ZERO",
  "ONE",
  "TWO",
  "THREE",
  "FOUR",
  "FIVE",
  "SIX",
  "SEVEN",
  "EIGHT",
  "NINE",
];

/** The code of a letter, a digit or the underscore by its name in Unicode, or -1. */
function namedCode(name: string): number {
  if (name === "LOW LINE") return 95;
  const letter = /^LATIN (SMALL|CAPITAL) LETTER ([A-Z])$/.exec(name);
  if (letter !== null) return letter[2]!.charCodeAt(0) + (letter[1] === "SMALL" ? 32 : 0);
  const digit = name.startsWith("DIGIT ") ? DIGIT_NAMES.indexOf(name.slice(6)) : -1;
  return digit < 0 ? -1 : 48 + digit;
}

/** Longest run of backslashes read as one escape: JSON nested six deep. */
const MOST_BACKSLASHES = 64;

/** Deepest nesting of one kind of escape in another. */
const DEEPEST = 5;

const REFERENCE = /&(?:#(\d{1,8});?|#[xX]([0-9a-fA-F]{1,8});?|([A-Za-z]{2,20});)/y;
const HEXADECIMAL = /^[0-9a-fA-F]+$/;

function hex(text: string, from: number, length: number): number {
  const digits = text.slice(from, from + length);
  return digits.length === length && HEXADECIMAL.test(digits) ? parseInt(digits, 16) : -1;
}

/** Returns the code and where it ends, or the backslash itself. */
function readBackslash(text: string, at: number): [code: number, end: number] {
  let next = at + 1;
  while (text.charCodeAt(next) === 92 && next - at < MOST_BACKSLASHES) next++;
  const letter = text[next];
  const after = next + 1;
  let code = -1;
  let end = after;
  switch (letter) {
    case "u": {
      const close = text.charCodeAt(after) === 123
        ? text.slice(after, after + 10).indexOf("}")
        : -1;
      if (close > 1) code = hex(text, after + 1, close - 1), end = after + close + 1;
      else code = hex(text, after, 4), end = after + 4;
      break;
    }
    case "U":
      code = hex(text, after, 8), end = after + 8;
      break;
    case "x":
      code = hex(text, after, 2), end = after + 2;
      break;
    case "0":
    case "1":
    case "2":
    case "3":
    case "4":
    case "5":
    case "6":
    case "7": {
      const digits = /^(?:[0-3][0-7]{2}|[4-7][0-7])/.exec(text.slice(next, next + 3));
      if (digits !== null) code = parseInt(digits[0], 8), end = next + digits[0].length;
      break;
    }
    case "N": { // Python
      const name = /^\{([A-Z ]{8,24})\}/.exec(text.slice(after, after + 26));
      const named = name === null ? -1 : namedCode(name[1]!);
      if (named >= 0) code = named, end = after + name![0].length;
      break;
    }
    case "P": // `\PYZus{}`, as nbconvert writes highlighted code for LaTeX
    case "t": {
      const command = /^(?:PYZus|textunderscore)(?:\{\}|(?![A-Za-z]) ?)/.exec(
        text.slice(next, next + 18),
      );
      if (command !== null) code = 95, end = next + command[0].length;
      else if (letter === "t") code = 9;
      break;
    }
    case "\n":
    case "\r":
      code = 10; // a line continued in source code
      break;
    case '"':
    case "'":
    case "`":
    case "/":
    case "_": // Markdown and LaTeX, which nbconvert writes
      code = letter.charCodeAt(0);
      break;
    case "&":
    case "%": { // `\&quot;`: a quote escaped for JSON, then for HTML
      const inner = readCode(text, next, DEEPEST);
      if (inner.code === 34 || inner.code === 39) code = inner.code, end = inner.end;
      break;
    }
    default:
      if (letter !== undefined) code = SIMPLE[letter] ?? -1;
  }
  return code < 0 ? [92, at + 1] : [code, end];
}

function readPercent(text: string, at: number): [code: number, end: number] {
  // `%u0068` is what JavaScript's escape() writes.
  const wide = text.charCodeAt(at + 1) === 117 ? hex(text, at + 2, 4) : -1;
  if (wide >= 0) return [wide, at + 6];
  const code = hex(text, at + 1, 2);
  return code < 0 ? [37, at + 1] : [code, at + 3];
}

function readReference(text: string, at: number): [code: number, end: number] {
  REFERENCE.lastIndex = at;
  const match = REFERENCE.exec(text);
  if (match === null) return [38, at + 1];
  const [whole, decimal, hexadecimal, name] = match;
  const code = decimal !== undefined
    ? Number(decimal)
    : hexadecimal !== undefined
    ? parseInt(hexadecimal, 16)
    : Object.hasOwn(NAMED, name!)
    ? NAMED[name!]!
    : -1;
  return code < 0 ? [38, at + 1] : [code, at + whole.length];
}

/**
 * Reads the character that begins at an index, however it is spelled.
 *
 * @param text The text.
 * @param at Index of the spelling's first character.
 * @param depth How many escapes this one was found in.
 * @returns The character; a marker that begins no escape stands for itself.
 */
export function readCode(text: string, at: number, depth = 0): Code {
  const first = text.charCodeAt(at);
  let code = first;
  let end = at + 1;
  let steps = 0;
  if (first === 92) {
    [code, end] = readBackslash(text, at);
    steps = STEP.escape;
  } else if (first === 37) {
    [code, end] = readPercent(text, at);
    steps = STEP.percent;
  } else if (first === 38) {
    [code, end] = readReference(text, at);
    steps = STEP.entity;
  }
  if (end === at + 1) return { code, end, steps: 0 };
  if ((code === 92 || code === 37 || code === 38) && depth < DEEPEST) {
    // What was spelled begins an escape itself, as in `%2568` or `&amp;#104;`.
    const inner = readCode(String.fromCharCode(code) + text.slice(end, end + 80), 0, depth + 1);
    if (inner.end > 1) {
      return { code: inner.code, end: end + inner.end - 1, steps: steps | inner.steps };
    }
  }
  return { code, end, steps };
}
