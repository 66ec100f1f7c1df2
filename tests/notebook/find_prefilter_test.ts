import assert from "node:assert/strict";
import { searchFile } from "../../src/notebook/find_file.ts";
import { mayHoldToken } from "../../src/notebook/find_prefilter.ts";
import { rawText } from "../../src/notebook/find_raw.ts";
import { code, file, lines, notebook, stream } from "../kit/planted/notebook.ts";
import { fakeToken } from "../kit/tokens.ts";

/** Gaps that are longer in a notebook's bytes than in its text, or whose end only decoding tells. */
const GAPS: Readonly<Record<string, string>> = {
  "a hyperlink that ends in a backslash": "\u001b]8;;https://x/y\u001b\\",
  "a command that is a backslash": "\u001b\\",
  "a colour code that ends in a backslash": "\u001b[31\\",
  "a backslash before a tab": "\u001b\\\t\n",
  "the one-character introducer": "\u009b38;5;124m",
  "a tag full of quotes": `<a title="${'"'.repeat(1000)}">`,
  "a tag of two-byte characters": `<a ${"é".repeat(1000)}>`,
  "a tag of surrogate pairs": `<a ${"\u{1f600}".repeat(500)}>`,
  "a title of two-byte characters": `\u001b]0;${"é".repeat(900)}\u0007`,
  "a comment of two-byte characters": `" # ${"é".repeat(150)}\n  "`,
  "a block comment of two-byte characters": `" /* ${"é".repeat(150)} */ "`,
  "a border of three-byte characters": `\n${"│".repeat(240)}`,
  "no-break spaces": `${"\u00a0".repeat(250)}\n`,
  "empty lines": "\n".repeat(250),
  "a statement with tabs": '"\nt\t+=\t"',
};

function asciiOnly(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(bytes).replace(
    /[^\0-\x7f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return new TextEncoder().encode(text);
}

function agrees(bytes: Uint8Array, path: string, name: string): boolean {
  const raw = rawText(bytes);
  const { hits } = searchFile({ bytes, raw }, path, true);
  assert.ok(hits.length === 0 || mayHoldToken(bytes, raw), name);
  return hits.length > 0;
}

for (const [name, gap] of Object.entries(GAPS)) {
  Deno.test(`mayHoldToken() sees a token across ${name}, wherever it stands`, () => {
    const token = fakeToken(9);
    let found = 0;
    for (const at of [1, 2, 3, 6, 20]) {
      const text = token.slice(0, at) + gap + token.slice(at);
      const source = file(notebook([code(`x = ${text}\n`)]));
      const output = file(notebook([code(["1"], [stream(lines(text))])]));
      const inNotebook = [source, output, asciiOnly(source)].filter((bytes) =>
        agrees(bytes, "a.ipynb", `${name} at ${at}`)
      );
      found += inNotebook.length;
      agrees(new TextEncoder().encode(text), "a.txt", `${name} at ${at} in a text`);
    }
    assert.ok(found > 0, "nothing was found at all");
  });
}

Deno.test("mayHoldToken() follows a stream into the next output, whatever key comes after it", () => {
  const token = fakeToken(9);
  const output = (text: string) => `{"output_type":"stream","name":"x","text":"${text}","Key-1":0}`;
  const raw = `{"cells":[{"outputs":[${output(`a ${token.slice(0, 9)}`)},${
    output(token.slice(9))
  }]}],"nbformat":4}`;
  assert.ok(agrees(new TextEncoder().encode(raw), "a.ipynb", "a key with capitals"));
});

Deno.test("mayHoldToken() follows a list over more white space than a gap may have", () => {
  const token = fakeToken(9);
  for (const [one, two] of [[300, 0], [0, 300], [300, 300]]) {
    const raw = `{"cells":[{"source":["${token.slice(0, 9)}"${" ".repeat(one!)},${
      " ".repeat(two!)
    }"${token.slice(9)}"]}],"nbformat":4}`;
    assert.ok(agrees(new TextEncoder().encode(raw), "a.ipynb", `${one}, ${two}`));
  }
});

Deno.test("strings of a list are joined only where nothing but a comma is between them", () => {
  const token = fakeToken(9);
  for (const between of [",5,", ",null,", ",\x1a"]) {
    const raw = `{"cells":[{"source":["${token.slice(0, 9)}"${between}"${
      token.slice(9)
    }"]}],"nbformat":4}`;
    assert.equal(agrees(new TextEncoder().encode(raw), "a.ipynb", between), false, between);
  }
});
