/**
 * Random spellings of a token: gaps between its characters, then each character spelled in some way,
 * then the whole put into containers. The order is the one in which real texts come to be.
 */

import { base64, type Choices, hexOf, spell } from "./notebook.ts";

type Respell = (text: string, choices: Choices) => string;

/** Puts something between characters of the token, once or often. */
const GAPS: Readonly<Record<string, Respell>> = {
  none: (text) => text,
  colour: between(["\u001b[31m", "\u001b[0m\u001b[1;32m", "\u001b[38;5;124m"]),
  tag: between(["<b>", "</b><i>", '</span><span class="s1">', "<wbr>"]),
  "zero-width": between(["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u200c\u200b"]),
  concatenation: between(['" + "', "' '", '"\n    "', '" +\n  "', "', '", '" + f"']),
  joint: between(['".concat("', '") + ("', '" + // x\n "', '" # x\n "', '"\nt += "', '"\nB = "']),
  wrap: between(["\n", "\r\n", "\n      ", " │\n│ ", "\n> ", "\n * ", "\n+", "=\n"]),
};

function between(gaps: readonly string[]): Respell {
  return (text, choices) => {
    const share = choices.pick([1, 1, 4, 100]);
    const cut = choices.between(1, text.length - 1);
    return spell(
      text,
      (char, i) =>
        i > 0 && (share === 1 ? i === cut : choices.below(100) < share)
          ? choices.pick(gaps) + char
          : char,
    );
  };
}

/** Spells characters, all of them or some. */
const LETTERS: Readonly<Record<string, Respell>> = {
  plain: (text) => text,
  "unicode escapes": each((char) => `\\u${hexOf(char, 4)}`),
  "hexadecimal escapes": each((char) => char < "\x80" ? `\\x${hexOf(char, 2)}` : char),
  "braced escapes": each((char) => `\\u{${hexOf(char, 1)}}`),
  octal: each((char) =>
    char < "\x80" ? `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}` : char
  ),
  percent: each((char) =>
    char < "\x80" ? `%${hexOf(char, 2).toUpperCase()}` : encodeURIComponent(char)
  ),
  "percent, twice": each((char) => char < "\x80" ? `%25${hexOf(char, 2)}` : char),
  decimal: each((char) => `&#${char.charCodeAt(0)};`),
  hexadecimal: each((char) => `&#x${hexOf(char, 4)};`),
  "decimal, escaped": each((char) => `&amp;#${char.charCodeAt(0)};`),
};

/** As encoders do: every character, or all but letters and digits, or, in a token without gaps, some. */
function each(spelling: (char: string) => string): Respell {
  return (text, choices) => {
    const isWhole = /^\w+$/.test(text);
    const share = choices.pick(isWhole ? [3, 30, 100] : [0, 100]);
    const only = share === 0 ? /[^A-Za-z0-9]/ : /[^]/;
    const percent = share === 0 ? 100 : share;
    return spell(
      text,
      (char) => only.test(char) && choices.below(100) < percent ? spelling(char) : char,
    );
  };
}

const printable = "abcdefghij XYZ,;.=:!-0123456789";

/** Puts a text into another one. */
const CONTAINERS: Readonly<Record<string, Respell>> = {
  none: (text) => text,
  quotes: (text) => `token = "${text}"`,
  JSON: (text) => JSON.stringify({ a: [text], b: 1 }),
  "JSON in ASCII": (text) =>
    JSON.stringify({ a: text }).replace(/[^\0-\x7f]/g, (char) => `\\u${hexOf(char, 4)}`),
  HTML: (text) =>
    `<td>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")}</td>`,
  base64: (text, choices) =>
    base64(
      `${choices.text(choices.below(40), printable)} ${text} ${
        choices.text(choices.below(40), printable)
      }`,
    ),
  "base64 in lines": (text, choices) => {
    const columns = choices.pick([60, 64, 76]);
    const all = base64(
      `${choices.text(choices.below(80), printable)} ${text} ${choices.text(60, printable)}`,
    );
    return all.replace(new RegExp(`.{${columns}}`, "g"), "$&\n");
  },
  hexadecimal: (text) =>
    [...new TextEncoder().encode(`k=${text};`)].map((byte) => byte.toString(16).padStart(2, "0"))
      .join(""),
};

/** A spelled token and how it was spelled. */
export interface Spelling {
  /** The text. */
  readonly text: string;
  /** The names of the steps. */
  readonly steps: readonly string[];
}

/** Spells a token at random. */
export function randomSpelling(token: string, choices: Choices): Spelling {
  const gap = choices.pick(Object.keys(GAPS));
  const letters = choices.pick(Object.keys(LETTERS));
  const containers = [choices.pick(Object.keys(CONTAINERS)), choices.pick(Object.keys(CONTAINERS))];
  let text = LETTERS[letters]!(GAPS[gap]!(token, choices), choices);
  for (const container of containers) text = CONTAINERS[container]!(text, choices);
  return { text, steps: [gap, letters, ...containers] };
}

/**
 * Whether steps are one of the two combinations that are not read: something between all letters, in an
 * encoding of bytes; names and comments between two pieces whose own letters are escaped.
 */
export function isBeyond(steps: readonly string[]): boolean {
  if (steps[0] === "joint" && steps[1] !== "plain") return true;
  return steps[0] === "zero-width" && steps.some((step) => /^(?:hexadecimal|base64)/.test(step));
}
