/**
 * Files with one token planted in them, in many places and spellings: the set that detection is
 * measured on. A class is a function of a token and a source of choices.
 */

import {
  base64,
  type Choices,
  code,
  display,
  file,
  hexOf,
  lines,
  notebook,
  spell,
  stream,
  withOutput,
  withSource,
} from "./notebook.ts";

/** Makes a file that holds a token. */
export type Planted = (token: string, choices: Choices) => Uint8Array;

const cut = (token: string, choices: Choices): [string, string] => {
  const at = choices.between(1, token.length - 1);
  return [token.slice(0, at), token.slice(at)];
};
const printed = (text: string) => withOutput(stream(lines(`login\n${text}\n`)));
const html = (text: string) => withOutput(display("text/html", lines(`<div>\n${text}\n</div>`)));
const raw = (text: string) => new TextEncoder().encode(text);
/** JSON text with parts that `JSON.stringify` would not write that way. */
const rewritten = (value: unknown, replace: (json: string) => string) =>
  raw(replace(JSON.stringify(value, null, 1)));
const RED = "\u001b[31m", GREEN = "\u001b[32m", PLAIN = "\u001b[39m";

/** Ordinary places, plain spelling. */
export const CORE: Readonly<Record<string, Planted>> = {
  "python double quotes": (t) => withSource(`import os\ntoken = "${t}"\n`),
  "python single quotes": (t) => withSource(`login(token='${t}')\n`),
  "python f-string": (t) => withSource(`h = {"Authorization": f"Bearer ${t}"}\n`),
  "typescript": (t) => withSource(`const hf = new InferenceClient("${t}");\n`),
  "template literal": (t) => withSource(`const url = \`https://user:${t}@huggingface.co\`;\n`),
  "shell": (t) => withSource(`!huggingface-cli login --token ${t}\n`),
  "environment": (t) => withSource(`%env HF_TOKEN=${t}\n`),
  "comment": (t) => withSource(`# old: ${t}, rotate me\n`),
  "after a tab": (t) => withSource(`a\t${t}\tb\n`),
  "source as one string": (t) => file(notebook([code(`import os\n${t}\nprint()\n`)])),
  "markdown": (t) =>
    file(notebook([{ cell_type: "markdown", metadata: {}, source: [`Use \`${t}\`.\n`] }])),
  "raw cell": (t) => file(notebook([{ cell_type: "raw", metadata: {}, source: t }])),
  "stdout": (t) => printed(t),
  "stdout as one string": (t) => withOutput(stream(`token\n${t}\n`)),
  "stderr": (t) => withOutput(stream([`Invalid token ${t}.\n`], "stderr")),
  "text/plain result": (t) => withOutput(display("text/plain", [`'${t}'`])),
  "deno inspect": (t) =>
    withOutput(display("text/plain", [`InferenceClient { accessToken: "${t}" }`])),
  "html": (t) => html(`<td>${t}</td>`),
  "html attribute": (t) => html(`<a href="https://u:${t}@hf.co/x?y=1&amp;z=2">x</a>`),
  "json output": (t) => withOutput(display("application/json", { headers: [{ token: t }] })),
  "latex": (t) => withOutput(display("text/latex", [`$${t}$`])),
  "svg": (t) => withOutput(display("image/svg+xml", [`<svg><text>${t}</text></svg>`])),
  "error value": (t) =>
    withOutput({ ename: "Error", evalue: `bad ${t}`, output_type: "error", traceback: [] }),
  "traceback": (t) =>
    withOutput({ ename: "E", evalue: "", output_type: "error", traceback: ["a", `  ${t}`, "b"] }),
  "cell metadata": (t) =>
    file(notebook([code(["x"], [], { papermill: { parameters: { k: t } } })])),
  "notebook metadata": (t) => file(notebook([], { extra: { deep: [[{ token: t }]] } })),
  "widget state": (t) =>
    file(notebook([], {
      widgets: {
        "application/vnd.jupyter.widget-state+json": { state: { a: { state: { value: t } } } },
      },
    })),
  "attachment": (t) =>
    file(notebook([{
      attachments: { "note.txt": { "text/plain": t } },
      cell_type: "markdown",
      metadata: {},
      source: [],
    }])),
  "tag": (t) => file(notebook([code([], [], { tags: ["a", t] })])),
  "python repr of lines": (t) => printed(`['a\\n', '\\n${t}\\n']`),
  "url query": (t) => printed(`GET /api?token=${t}&x=1`),
  "curl": (t) => withSource(`!curl -H "Authorization: Bearer ${t}" https://hf.co\n`),
  "yaml": (t) => printed(`token: ${t}\nuser: x`),
  "glued to a word": (t) => printed(`TOKEN${t}!`),
  "glued to an underscore": (t) => printed(`my_${t}-end`),
  "before punctuation": (t, c) =>
    printed(`(${t}${c.pick([",", ")", "]", "<", "@", "&", ".", "|", "…"])} x`),
  "minified": (t) => file(notebook([code([`t="${t}"`])]), 0),
  "tabs": (t) => file(notebook([code([`t="${t}"`])]), "\t"),
  ".env file": (t) => raw(`# keys\nHF_TOKEN=${t}\n`),
  "python file": (t) => raw(`TOKEN = "${t}"\n`),
  "json file": (t) => raw(JSON.stringify({ a: [{ token: t }] })),
  "html export": (t) => raw(`<html><pre>print("${t}")</pre></html>`),
};

/** Places that only the structure of a notebook reveals. */
export const STRUCTURAL: Readonly<Record<string, Planted>> = {
  "cut by two lines of a source": (t, c) => {
    const [a, b] = cut(t, c);
    return file(notebook([code(["import os\n", `token = '${a}`, `${b}'\n`])]));
  },
  "cut by two lines of an output": (t, c) => {
    const [a, b] = cut(t, c);
    return withOutput(stream(["x\n", `tok ${a}`, `${b}\n`, "y"]));
  },
  "cut by many elements": (t) => file(notebook([code([...`t=${t};`])]), 0),
  "cut by two stream outputs": (t, c) => {
    const [a, b] = cut(t, c);
    return file(notebook([code(["x"], [stream([`tok ${a}`]), stream([`${b}\n`])])]));
  },
  "cut by stream outputs kept as strings": (t, c) => {
    const [a, b] = cut(t, c);
    return file(notebook([code(["x"], [stream(`tok ${a}`), stream(`${b}\n`)])]), 0);
  },
  "cut by a stderr between": (t, c) => {
    const [a, b] = cut(t, c);
    return file(notebook([code(["x"], [stream(a), stream("warn\n", "stderr"), stream(b)])]));
  },
  "elements without line ends": (t) => file(notebook([code([`t = ${t}`, "print(t)"])])),
  "key": (t) => file(notebook([], { cache: { [t]: 1 } })),
  "duplicate key": (t) =>
    rewritten(
      notebook([]),
      (json) => json.replace('"metadata"', `"metadata": {"a": "${t}"},\n "metadata"`),
    ),
  "after the end": (t) => rewritten(notebook([]), (json) => `${json}\n${t}\n`),
  "truncated": (t) =>
    rewritten(
      notebook([code([`t = "${t}"\n`, "x\n"])]),
      (json) => json.slice(0, json.indexOf(t) + 60),
    ),
  "conflict markers": (t) =>
    rewritten(
      notebook([code([`t = "${t}"\n`])]),
      (json) => json.replace(' "cells"', '<<<<<<< HEAD\n "cells"\n=======\n "cells"'),
    ),
  "byte order mark": (t) => rewritten(notebook([code([t])]), (json) => `\ufeff${json}`),
  "invalid UTF-8": (t) => {
    const bytes = withSource(`é = "${t}"\n`);
    return bytes.map((byte) => byte === 0xa9 ? 0xff : byte);
  },
  "CRLF": (t) =>
    rewritten(notebook([code([`t = "${t}"\r\n`])]), (json) => json.replaceAll("\n", "\r\n")),
  "UTF-16": (t) => {
    const text = `\ufeffHF_TOKEN=${t}\r\n`;
    return new Uint8Array(Uint16Array.from(text, (char) => char.charCodeAt(0)).buffer);
  },
  "UTF-16 without a mark": (t) =>
    new Uint8Array(Uint16Array.from(`$env:T = "${t}"\r\n`, (char) => char.charCodeAt(0)).buffer),
  "nbformat 3": (t) =>
    file({
      metadata: { name: "" },
      nbformat: 3,
      nbformat_minor: 0,
      worksheets: [{
        cells: [{ cell_type: "code", input: [`t="${t}"`], outputs: [], prompt_number: 1 }],
      }],
    }),
  "in a binary": (t, c) => {
    const noise = c.bytes(4000).map((byte) => byte | 0x80);
    return new Uint8Array([...noise, 0, ...new TextEncoder().encode(t), 0, ...noise]);
  },
  "large output": (t, c) => withOutput(display("image/png", base64(c.bytes(60_000)) + ` ${t}`)),
};

const escaped = (token: string) => spell(token, (char) => `\\u${hexOf(char, 4)}`);
const inJson = (text: string) => JSON.stringify(JSON.stringify({ a: { token: text } }));

/** Encodings of the token. */
export const ENCODED: Readonly<Record<string, Planted>> = {
  "JSON escape of one letter": (t, c) => {
    const at = c.below(t.length);
    const letter = `\\u${hexOf(t[at]!, 4)}`;
    return rewritten(
      notebook([code([t])]),
      (json) => json.replace(t, t.slice(0, at) + letter + t.slice(at + 1)),
    );
  },
  "JSON escapes throughout": (t) =>
    rewritten(notebook([code([t])]), (json) => json.replace(t, escaped(t))),
  "escapes of an HTML-safe writer": (t) =>
    rewritten(
      withHtml(t),
      (json) =>
        json.replaceAll("<", "\\u003c").replaceAll(">", "\\u003e").replaceAll("'", "\\u0027"),
    ),
  "JSON in JSON": (t) => printed(inJson(t)),
  "JSON in JSON in JSON": (t) => printed(JSON.stringify(inJson(`"${t}"`))),
  "escapes in the source": (t) => withSource(`const t = "${escaped(t)}";\n`),
  "python hexadecimal escapes": (t) =>
    withSource(`t = "${spell(t, (char) => `\\x${hexOf(char, 2)}`)}"\n`),
  "braced escapes": (t) => withSource(`t = "${spell(t, (char) => `\\u{${hexOf(char, 1)}}`)}"\n`),
  "octal escapes": (t) =>
    withSource(
      `t = "${spell(t, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`)}"\n`,
    ),
  "percent-encoded underscore": (t) => printed(`?t=${t.replaceAll("_", "%5F")}&x=%20`),
  "percent-encoded throughout": (t) => printed(spell(t, (char) => `%${hexOf(char, 2)}`)),
  "percent-encoded twice": (t) => printed(spell(t, (char) => `%25${hexOf(char, 2)}`)),
  "decimal references": (t) => html(spell(t, (char) => `&#${char.charCodeAt(0)};`)),
  "hexadecimal references": (t) => html(spell(t, (char) => `&#x${hexOf(char, 2)};`)),
  "named reference": (t) => html(t.replaceAll("_", "&lowbar;")),
  "references escaped again": (t) => html(spell(t, (char) => `&amp;#${char.charCodeAt(0)};`)),
  "highlighter markup": (t, c) => {
    const [a, b] = cut(t, c);
    return html(`<span class="n">${a}</span><span class="s">${b}</span>`);
  },
  "colour before": (t) => printed(`${RED}${t}${PLAIN}`),
  "colour of deno inspect": (t) =>
    withOutput(display("text/plain", [`{ accessToken: ${GREEN}"${t}"${PLAIN} }`])),
  "colour inside": (t, c) => {
    const [a, b] = cut(t, c);
    return printed(`${RED}${a}${GREEN}${b}${PLAIN}`);
  },
  "hyperlink of a terminal": (t) => printed(`\u001b]8;;https://hf.co\u0007${t}\u001b]8;;\u0007`),
  "zero-width inside": (t, c) => {
    const [a, b] = cut(t, c);
    return printed(a + c.pick(["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"]) + b);
  },
  "zero-width throughout": (t) => printed([...t].join("\u200b")),
  "soft hyphen reference": (t, c) => html(cut(t, c).join("&shy;")),
  "concatenation": (t, c) => withSource(`t = "${cut(t, c).join('" + "')}"\n`),
  "concatenation over lines": (t, c) => withSource(`t = ('${cut(t, c).join("'\n     '")}')\n`),
  "concatenation with plus at line end": (t, c) =>
    withSource(`const t = "${cut(t, c).join('" +\n  "')}";\n`),
  "concatenation of f-strings": (t, c) => withSource(`t = f'${cut(t, c).join("' f'")}'\n`),
  "prefix in a literal of its own": (t) => withSource(`t = "h" + "f" + "_" + "${t.slice(3)}"\n`),
  "wrapped line": (t, c) => printed(cut(t, c).join("\n")),
  "wrapped and indented": (t, c) => printed(cut(t, c).join("\n        ")),
  "wrapped in a table": (t, c) => printed(`│ ${cut(t, c).join(" │\n│ ")} │`),
  "hexadecimal": (t) => printed(spell(t, (char) => hexOf(char, 2))),
  "hexadecimal upper case": (t) => printed(spell(`k=${t}`, (char) => hexOf(char, 2).toUpperCase())),
  "base64": (t) => printed(base64(t)),
  "base64 at another alignment": (t, c) => printed(base64("x".repeat(c.between(1, 2)) + t)),
  "basic authorization": (t) =>
    withSource(`headers = {"Authorization": "Basic ${base64(`user:${t}`)}"}\n`),
  "base64 of JSON": (t) => printed(base64(JSON.stringify({ auths: { "hf.co": { auth: t } } }))),
  "base64 of dotenv": (t) => printed(base64(`A=1\nHF_TOKEN=${t}\nB=2\n`)),
  "base64url without padding": (t) =>
    printed(base64(`??>>${t}~~`).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")),
  "payload of a JSON web token": (t, c) =>
    printed(
      `${base64('{"alg":"none"}').replaceAll("=", "")}.${
        base64(JSON.stringify({ sub: "x", tok: t })).replaceAll("=", "")
      }.${base64(c.bytes(32)).replaceAll("=", "")}`,
    ),
  "base64 wrapped at 76": (t, c) =>
    printed(
      base64(`${"a".repeat(c.between(0, 60))} ${t} ${"b".repeat(90)}`).replace(/.{76}/g, "$&\n"),
    ),
  "base64 wrapped at 64 in one string": (t, c) =>
    withOutput(
      display(
        "text/plain",
        base64(`${"a".repeat(c.between(0, 60))} ${t} and more`).replace(/.{64}/g, "$&\n"),
      ),
    ),
  "base64 attachment": (t, c) =>
    file(notebook([{
      attachments: {
        "a.bin": {
          "application/octet-stream": base64(`${c.text(c.between(300, 900), "ab ")}${t} tail`),
        },
      },
      cell_type: "markdown",
      metadata: {},
      source: [],
    }])),
  "text chunk of a picture": (t, c) => {
    const chunk = new TextEncoder().encode(`tEXtComment\0${t}.`);
    const bytes = [...c.bytes(30_000 + c.below(3)), ...chunk, ...c.bytes(20_000)];
    return withOutput(display("image/png", base64(Uint8Array.from(bytes))));
  },
  "data URI": (t) => html(`<img src="data:text/plain;base64,${base64(`t ${t}`)}">`),
  "base64 in base64": (t) => printed(base64(`config: ${base64(`token=${t}`)}`)),
};

function withHtml(token: string): unknown {
  return notebook([code(["x"], [display("text/html", [`<b>${token}</b> '${token}'`])])]);
}

/** Several obstacles at once. */
export const HARD: Readonly<Record<string, Planted>> = {
  "colour codes written out": (t, c) => printed(JSON.stringify(cut(t, c).join(RED))),
  "highlighted code of IPython": (t) =>
    printed(`${RED}'${PLAIN}${GREEN}${t}${PLAIN}${RED}'${PLAIN}`),
  "markup around each letter": (t) =>
    html(spell(t, (char) => `<span class="ansi-red-fg">${char}</span>`)),
  "escaped markup": (t, c) => html(`&lt;b&gt;${cut(t, c).join("&lt;/b&gt;&lt;i&gt;")}&lt;/i&gt;`),
  "cut by elements within colour": (t, c) => {
    const [a, b] = cut(t, c);
    return withOutput(stream([`${RED}${a}${PLAIN}`, `${RED}${b}${PLAIN}\n`]));
  },
  "escapes in concatenated literals": (t, c) => {
    const [a, b] = cut(t, c);
    return withSource(`t = "${escaped(a)}" + "${b}"\n`);
  },
  "base64 of JSON with escapes": (t) => printed(base64(`{"token":"\\u0068${t.slice(1)}"}`)),
  "base64 of concatenation": (t, c) => printed(base64(`t = "${cut(t, c).join('" + "')}"`)),
  "percent-encoded zero-width": (t, c) => printed(cut(t, c).join("%E2%80%8B")),
  "hexadecimal of base64": (t) => printed(spell(base64(t), (char) => hexOf(char, 2))),
  "references in JSON in HTML": (t) =>
    html(`data-props="{&quot;token&quot;:&quot;${t.replaceAll("_", "&#95;")}&quot;}"`),
  "stream cut within an escape": (t, c) => {
    const [a, b] = cut(escaped(t.slice(0, 3)) + t.slice(3), c);
    return file(notebook([code(["x"], [stream([`tok "${a}`]), stream([`${b}"\n`])])]));
  },
  "reversed by the code": (t) => withSource(`t = "${[...t].reverse().join("")}"[::-1]\n`),
};

/** Where tokens of the other kinds are planted. */
export const FORMAT: Readonly<Record<string, Planted>> = {
  "python double quotes": CORE["python double quotes"]!,
  "stdout as one string": CORE["stdout as one string"]!,
  "deno inspect": CORE["deno inspect"]!,
  "html": CORE["html"]!,
  "traceback": CORE["traceback"]!,
  "colour of deno inspect": ENCODED["colour of deno inspect"]!,
  "JSON in JSON": ENCODED["JSON in JSON"]!,
  "base64 of JSON": ENCODED["base64 of JSON"]!,
  "cut by two lines of a source": STRUCTURAL["cut by two lines of a source"]!,
  "percent-encoded underscore": ENCODED["percent-encoded underscore"]!,
  "highlighter markup": ENCODED["highlighter markup"]!,
};
