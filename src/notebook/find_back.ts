/**
 * Looks back from a letter of a prefix across what may be a gap, coarsely and quickly. It may say yes
 * too often, never no where the reader would get across in the other direction.
 *
 * @module
 */

/** First characters of the prefixes with their second ones, and the markers of escapes with 1. */
export const SECOND_LETTER: Uint8Array = new Uint8Array(128);
SECOND_LETTER[104] = 102; // hf_
SECOND_LETTER[97] = 112; // api_org_
SECOND_LETTER[111] = 97; // oauth_app_secret_
SECOND_LETTER[92] = SECOND_LETTER[37] = SECOND_LETTER[38] = 1;

/** How far back gaps are followed, and one tag. */
const LONGEST_GAP = 3000, LONGEST_TAG = 1100;

const ALNUM = 1, SPACE = 2, QUOTE = 3, OPERATOR = 4, BORDER = 5, TAG = 6, CLOSER = 7;
const KIND = new Uint8Array(128);
for (const char of " \t\n\r\v\f\\") KIND[char.charCodeAt(0)] = SPACE;
for (const char of "\"'`") KIND[char.charCodeAt(0)] = QUOTE;
for (const char of "+,.&*/=()") KIND[char.charCodeAt(0)] = OPERATOR;
for (const char of "|#") KIND[char.charCodeAt(0)] = BORDER;
for (const char of ";}\x07") KIND[char.charCodeAt(0)] = CLOSER;
KIND[62] = TAG;
for (const [from, to] of [[48, 57], [65, 90], [97, 122]] as const) KIND.fill(ALNUM, from, to + 1);

/**
 * Whether a code is an ASCII letter or digit.
 *
 * @param code The code; NaN is none.
 * @returns True for A-Z, a-z and 0-9.
 */
export function isAlnum(code: number): boolean {
  return code < 128 && KIND[code] === ALNUM;
}

/** What can stand before the last letter or digit of an escape or a colour code. */
const IN_ESCAPE = new Uint8Array(128);
for (const char of "0123456789abcdefABCDEFxX:;<=>?!#[]()\\\x1b") IN_ESCAPE[char.charCodeAt(0)] = 1;

function isHex(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);
}

/**
 * Whether a hexadecimal or octal digit may end `%68`, `\x68`, `\150`, `\u0068`, `\U00000068`, or one of
 * them whose own marker is escaped, such as `%2568`.
 */
function endsNumber(text: string, at: number): boolean {
  const second = text.charCodeAt(at - 2);
  const third = text.charCodeAt(at - 3);
  return second === 37 || second === 59 ||
    (second === 53 && third === 50) ||
    (third === 92 && second >= 48 && second <= 51) ||
    (second === 120 && isMarkerEnd(third)) ||
    (text.charCodeAt(at - 4) === 117 && isMarkerEnd(text.charCodeAt(at - 5))) ||
    (text.charCodeAt(at - 8) === 85 && isMarkerEnd(text.charCodeAt(at - 9)));
}

/** Whether a backslash or a percent sign ends so: itself, `\u005c`, `&bsol;`. */
function isMarkerEnd(code: number): boolean {
  return code === 92 || code === 37 || code === 59 || code === 99 || code === 67;
}

/**
 * Whether a letter or digit may be the last character of an escape or of a colour code.
 *
 * @param text The text.
 * @param at Index of the letter or digit.
 * @returns False for nearly every letter of ordinary text, at once.
 */
export function endsEscape(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  if (before < 128 && IN_ESCAPE[before] === 0) return false;
  if (before === 92 || before === 27) return true;
  if (isHex(text.charCodeAt(at)) && endsNumber(text, at)) return true;
  // Parameters of a colour code back to its bracket, or digits of a reference back to its `#`.
  for (let i = at - 1; i > at - 64; i--) {
    const code = text.charCodeAt(i);
    const isParameter = isHex(code) || (code >= 58 && code <= 63) || code === 33 || code === 120 ||
      code === 88;
    if (isParameter) continue;
    if (code === 35) return text.charCodeAt(i - 1) === 38;
    if (code !== 91 && code !== 40 && code !== 41) return false;
    // An escape character, or the end of \x1b, \u001b, \033, \e, &#27;
    const escape = text.charCodeAt(i - 1);
    return escape === 27 || escape === 98 || escape === 66 || escape === 51 || escape === 101 ||
      escape === 69 || escape === 59 || escape >= 128;
  }
  return false;
}

/** The end of `&#104;`, `&amp;#104;`, `&shy;` or `\u{68}`. */
const ENDS_REFERENCE = /(?:&[#\w;]{1,60};|u\{[0-9a-fA-F]{1,8}\}|N\{[A-Z ]{8,24}\})$/;

/** A `<` spelled by an escape. */
const ESCAPED_LESS = /lt;|LT;|60;|074|3[cC]/;

/** Index of the `<` that opens the tag whose `>` is at an index; -1 without one, -2 if it is far away. */
function tagStart(text: string, at: number): number {
  for (let i = at - 1; i > at - LONGEST_TAG && i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === 60) return i;
    if (code === 62) return -1;
  }
  return at > LONGEST_TAG ? -2 : -1;
}

/** How far back a literal is looked for that ends before a call, an assignment or a comment. */
const LONGEST_NAME = 120;

function isWanted(code: number, letter: number): boolean {
  return letter === 0 ? code === 102 || code === 103 || code === 116 : code === letter;
}

/** Whether a literal that ends in a certain letter ends before an index, with a name in between. */
function followsLiteral(text: string, at: number, letter: number): boolean {
  for (let i = at; i > at - LONGEST_NAME && i > 0; i--) {
    if (KIND[text.charCodeAt(i)] !== QUOTE) continue;
    let last = i - 1;
    while (text.charCodeAt(last) === 92) last--;
    if (isWanted(text.charCodeAt(last), letter)) return true;
  }
  return false;
}

/**
 * Whether what is before an index, across any gaps, may be a certain letter or any escape.
 *
 * @param text The text.
 * @param at Index of the last character of what may be a gap or an escape.
 * @param letter The letter's code, or 0 for any letter that stands before a prefix's last `_`.
 * @returns False only if the reader would not get from the letter across the gap.
 */
export function mayFollow(text: string, at: number, letter: number): boolean {
  let crossed = false;
  for (let i = at; i >= 0; i--) {
    if (i <= at - LONGEST_GAP) return true;
    const code = text.charCodeAt(i);
    if (code >= 128) {
      crossed = true;
      continue;
    }
    switch (KIND[code]) {
      case SPACE:
        crossed ||= code !== 32 && code !== 9;
        continue;
      case QUOTE:
      case BORDER:
        crossed = true;
        continue;
      case OPERATOR:
        continue;
      case TAG: {
        const start = tagStart(text, i);
        if (start === -2) return true;
        if (start < 0 && ESCAPED_LESS.test(text.slice(Math.max(0, i - LONGEST_TAG), i))) {
          return true;
        }
        if (start >= 0) i = start;
        crossed = true;
        continue;
      }
      case CLOSER:
        if (code === 7 || ENDS_REFERENCE.test(text.slice(Math.max(0, i - 62), i + 1))) return true;
        if (code === 125) continue; // a template goes on after it
        return false;
      case ALNUM: {
        if (crossed && isWanted(code, letter)) return true;
        const isEscaped = text.charCodeAt(i - 1) === 92;
        const isLineEnd = code === 110 || code === 114 || code === 116 || code === 102 ||
          code === 118;
        if (isEscaped && isLineEnd) { // `\n`
          crossed = true;
          continue;
        }
        if (endsEscape(text, i)) return true;
        // The prefix of a Python literal: f"…"
        const next = text.charCodeAt(i + 1);
        const isBeforeQuote = KIND[next] === QUOTE || next === 92;
        if (crossed && isBeforeQuote && /[fFrRbBuU]/.test(text[i]!)) continue;
        return crossed && followsLiteral(text, i, letter);
      }
      default:
        if (!crossed) return false;
        return code === letter || followsLiteral(text, i, letter); // the `_` within a prefix
    }
  }
  return false;
}
