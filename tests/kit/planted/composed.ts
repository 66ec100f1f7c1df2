/**
 * Ways in which programs and people put a token together or take it apart: in code that joins literals,
 * and in what prints as codes, backwards, or in other forms of letters.
 */

import { base64, type Choices, hexOf, spell } from "./notebook.ts";

/** Writes a token. */
export type Composed = (token: string, choices: Choices) => string;

const codes = (text: string) => [...text].map((char) => char.charCodeAt(0));
const parts = (token: string, choices: Choices) => {
  const at = choices.pick([3, choices.between(4, token.length - 1)]);
  return [token.slice(0, at), token.slice(at)] as const;
};
const body = (token: string) => token.slice(3);
const quoted = (token: string, choices: Choices, joint: string) =>
  `t = "${parts(token, choices).join(joint)}"`;
const backwards = (text: string) => [...text].reverse().join("");
const wide = (text: string, isLittle: boolean) =>
  Uint8Array.from(codes(text).flatMap((code) => isLittle ? [code, 0] : [0, code]));

/** Rows of 16 bytes as `xxd` (two by two) or `hexdump -C` prints them. */
function dump(text: string, isXxd: boolean): string {
  const rows: string[] = [];
  for (let at = 0; at < text.length; at += 16) {
    const row = text.slice(at, at + 16);
    const bytes = spell(row, (char, i) => hexOf(char, 2) + (isXxd && i % 2 === 0 ? "" : " "));
    const offset = at.toString(16).padStart(8, "0");
    rows.push(isXxd ? `${offset}: ${bytes.padEnd(40)} ${row}` : `${offset}  ${bytes} |${row}|`);
  }
  return rows.join("\n");
}

const NAMES = ["ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE"];
const unicodeName = (char: string) =>
  char === "_"
    ? "LOW LINE"
    : /[0-9]/.test(char)
    ? `DIGIT ${NAMES[Number(char)]}`
    : `LATIN ${char < "a" ? "CAPITAL" : "SMALL"} LETTER ${char.toUpperCase()}`;
const bold = (char: string) =>
  /[a-z]/.test(char)
    ? String.fromCodePoint(0x1d41a + char.charCodeAt(0) - 97)
    : /[A-Z]/.test(char)
    ? String.fromCodePoint(0x1d400 + char.charCodeAt(0) - 65)
    : char;

/** Every way that is read. */
export const COMPOSED: Readonly<Record<string, Composed>> = {
  "f-string": (t) => `t = f"hf_{'${body(t)}'}"`,
  "f-string of two": (t) => `t = f"{'hf'}_{'${body(t)}'}"`,
  "template": (t) => `const t = \`hf_\${"${body(t)}"}\`;`,
  "template of two": (t) => `const t = \`\${"hf"}_\${"${body(t)}"}\`;`,
  "template in a template": (t) => `const t = \`hf_\${\`${body(t)}\`}\`;`,
  "join by the underscore": (t) => `t = "_".join(["hf", "${body(t)}"])`,
  "join by the underscore in TypeScript": (t) => `const t = ['hf', '${body(t)}'].join('_');`,
  "join by nothing": (t, c) => `t = "".join(["${parts(t, c).join('", "')}"])`,
  "list of letters": (t) => `t = [${[...t].map((char) => `'${char}'`).join(", ")}]`,
  "percent format": (t) => `t = "hf_%s" % "${body(t)}"`,
  "format": (t) => `t = "hf_{}".format("${body(t)}")`,
  "concat": (t, c) => quoted(t, c, '".concat("'),
  "decoded bytes": (t, c) => `t = b"${parts(t, c).join('".decode() + "')}"`,
  "two statements": (t, c) => quoted(t, c, '"\nt += "'),
  "a variable between": (t, c) => quoted(t, c, '"\nu = t + "'),
  "two constants": (t, c) => quoted(t, c, '"\nBODY = "'),
  "other operators": (t, c) =>
    quoted(t, c, c.pick(['" . "', '" & "', '" || "', '" * "', '" ++ "', '" .. "', '" ^ "'])),
  "brackets": (t, c) => quoted(t, c, '") + ("'),
  "comment between": (t, c) =>
    quoted(t, c, c.pick(['"  # one\n    "', '" + // one\n  "', '" + /* one */ "'])),
  "shell word": (t, c) => `T="${parts(t, c).join('"')}`,
  "shell quotes": (t, c) => `T='${parts(t, c).join(c.pick(["''", "'$'", '\'""']))}`,
  "continued by a backtick": (t, c) => quoted(t, c, '" + `\n "'),
  "continued as in quoted-printable": (t, c) => parts(t, c).join(c.pick(["=\n", "=\r\n"])),
  "lines of a diff": (t, c) => `+${parts(t, c).join("\n+")}`,
  "lines of a comment": (t, c) => ` * ${parts(t, c).join(c.pick(["\n * ", "\n// "]))}`,
  "box with colours": (t, c) => {
    const bar = "\u001b[31m│\u001b[0m";
    return `${bar} ${parts(t, c).join(` ${bar}\n${bar} `)} ${bar}`;
  },
  "other line ends": (t, c) => parts(t, c).join(c.pick(["\u2028", "\u0085", "\v", "\f"])),
  "names of characters": (t) => `t = "${spell(t, (char) => `\\N{${unicodeName(char)}}`)}"`,
  "name of the underscore": (t) => `t = "${t.replace("_", "\\N{LOW LINE}")}"`,
  "LaTeX of nbconvert": (t) => `\\PYZdq{}${t.replace("_", "\\PYZus{}")}\\PYZdq{}`,
  "underscore in LaTeX": (t) => t.replace("_", "\\textunderscore{}"),
  "octal without padding": (t) => `$'${spell(t, (char) => `\\${char.charCodeAt(0).toString(8)}`)}'`,
  "full-width": (t) => spell(t, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0)),
  "full-width underscore": (t) => t.replace("_", "\uff3f"),
  "bold letters of mathematics": (t) => spell(t, bold),
  "struck through": (t) => spell(t, (char) => `${char}\u0336`),
  "variation selectors": (t) => spell(t, (char) => `${char}\u{e0101}`),
  "backwards in Python": (t) => `t = "${backwards(t)}"[::-1]`,
  "backwards in TypeScript": (t) => `const t = [..."${backwards(t)}"].reverse().join("");`,
  "spaced out": (t) => [...t].join(" "),
  "spaced by dashes": (t) => [...t].join("-"),
  "array of bytes": (t) => `Uint8Array(37) [${codes(t).join(", ")}]`,
  "array of bytes in columns": (t) =>
    `Uint8Array(37) [\n${
      codes(t).map((code, i) => `${String(code).padStart(5)},${i % 12 === 11 ? "\n" : ""}`).join("")
    }\n]`,
  "array without commas": (t) =>
    `[${codes(t).map((code, i) => `${code}${i % 18 === 17 ? "\n" : ""}`).join(" ")}]`,
  "bytes as an object": (t) => JSON.stringify(new TextEncoder().encode(t)),
  "chr": (t) => codes(t).map((code) => `chr(${code})`).join("+"),
  "fromCharCode": (t) => `String.fromCharCode(${codes(t).join(", ")})`,
  "hexadecimal numbers": (t) => `[${codes(t).map((code) => `0x${code.toString(16)}`).join(", ")}]`,
  "hexadecimal with marks": (t, c) => {
    const mark = c.pick([" ", ":", "-", ",", "=", "\n"]);
    return `k ${spell(t, (char, i) => (i > 0 ? mark : "") + hexOf(char, 2))}`;
  },
  "xxd": (t) => dump(`HF_TOKEN=${t}\n`.replace("\n", "."), true),
  "hexdump": (t) => dump(`HF_TOKEN=${t}.`, false),
  "base64 of UTF-16": (t, c) => wide(`$t="${t}"`, c.below(2) === 0).toBase64(),
  "hexadecimal of UTF-16": (t) => wide(`${t}`, true).toHex(),
  "base64 in two literals": (t) => {
    const text = base64(`user:${t} and more`);
    return `b = "${text.slice(0, 30)}" + "${text.slice(30)}"`;
  },
  "base64 in literals on lines": (t) => {
    const text = base64(`user:${t} and more`);
    return `b = ("${text.slice(0, 32)}"\n     "${text.slice(32)}")`;
  },
};
