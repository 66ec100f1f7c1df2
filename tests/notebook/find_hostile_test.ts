import assert from "node:assert/strict";
import { findTokens } from "../../src/notebook/find.ts";
import { searchFile } from "../../src/notebook/find_file.ts";
import { rawText } from "../../src/notebook/find_raw.ts";
import { fakeToken, randomText } from "../kit/tokens.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Units that, repeated, have made searches quadratic: nested starts, endless gaps, near misses. */
const UNITS: readonly string[] = [
  "hf_",
  "h",
  "_",
  '"_',
  'h"',
  "h<",
  "<b hf_\n>",
  "<hf_<",
  "<_>_",
  'hf_a" + "',
  "hf_a\n",
  "hf_a   \n   ",
  "h\nf\n_\n",
  "hf_jwt_",
  "hf_jwt_a.",
  "hf_oauth_a.b.c",
  "oauth_app_secret_",
  "api_org_hf_",
  "\\",
  '\\"',
  "\\u00",
  "\\u005f",
  "\\\\u0068\\u0066",
  "%25",
  "%68%66%5F",
  "&amp;",
  "&amp;#95;",
  "&#104;&#102;",
  "\u001b[",
  "\u001b]8;;",
  "h\u200b",
  "\u200b_",
  "é_",
  "[",
  '{"a":',
  '["a",',
  '"a":["hf_b"],',
  "aGZf",
  "aGZfaGZf\\n",
  "TUlJQg==",
  "68665f",
  "6",
  "hf_\u001b[31m",
  "_fh",
  "a_fh",
  "104,102,95,",
  "104 ",
  "68 66 5f ",
  "68665f00",
  "0x68,0x66,",
  "68 66 5f  |hf_|\n00000010 ",
  '"_".join(["hf",',
  '"hf"].join("_',
  "h f _ a ",
  "hf_=\n",
  'hf_{"',
  'hf_${"',
  'hf_%s" % "',
  'hf_{}".format("',
  '"hf_"\nt += ',
  '"hf_" # \n',
  '"hf_" /* ',
  '"hf_"(((',
  "hf_\n\u001b[31m│",
  "hf_\n<b>",
  "\\N{LOW LINE}",
  "\\PYZus{}",
  "ｈｆ＿",
  "hf_\u0336",
  "aABmAF8A",
  "AGgAZgBf",
  "AAAAAAAA",
  '"aGZf" + ',
  `"${"TUlJ".repeat(9)}" + `,
  `hf_${"a".repeat(40)} `,
  `hf_${"xX".repeat(17)} `,
  `${fakeToken(1)} `,
  `${btoa(`t ${fakeToken(2)} `)} `,
  `\\u0068${fakeToken(3).slice(1)}\\n`,
];

/** How often characters are looked at while something runs: the same on every machine. */
function work(run: () => void): number {
  const { charCodeAt, indexOf, slice } = String.prototype;
  const { exec } = RegExp.prototype;
  let count = 0;
  String.prototype.charCodeAt = function (index) {
    count++;
    return charCodeAt.call(this, index);
  };
  String.prototype.slice = function (from, to) {
    const part = slice.call(this, from, to);
    count += part.length / 16;
    return part;
  };
  try {
    run();
  } finally {
    Object.assign(String.prototype, { charCodeAt, indexOf, slice });
    RegExp.prototype.exec = exec;
  }
  return count;
}

Deno.test("the search does twice the work for twice the text, whatever is repeated", () => {
  for (const unit of UNITS) {
    for (
      const [path, wrap] of [["a.txt", (text: string) => text], [
        "a.ipynb",
        JSON.stringify,
      ]] as const
    ) {
      const cost = (length: number) => {
        const bytes = encode(wrap(unit.repeat(Math.ceil(length / unit.length))));
        return work(() => {
          searchFile({ bytes, raw: rawText(bytes) }, path, true);
          findTokens(bytes, { path, notes: true });
        });
      };
      cost(1000);
      const [once, twice] = [cost(10_000), cost(20_000)];
      assert.ok(
        twice < 2.5 * once + 20_000,
        `${JSON.stringify(unit)} in ${path}: ${once}, ${twice}`,
      );
      assert.ok(once < 10_000 * 600, `${JSON.stringify(unit)} in ${path}: ${once} for 10,000`);
    }
  }
});

Deno.test("findTokens() comes to an end with hostile text of several megabytes", () => {
  for (const unit of UNITS) {
    const bytes = encode(unit.repeat(Math.ceil(300_000 / unit.length)));
    findTokens(bytes, { path: "a.txt" });
  }
  const image = randomText(
    3_000_000,
    1,
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  );
  const notebook = JSON.stringify({
    cells: [{ outputs: [{ data: { "image/png": image } }] }],
    nbformat: 4,
  });
  assert.deepEqual(findTokens(encode(notebook), { path: "a.ipynb" }), []);
  const hidden = notebook.replace(
    image,
    image.slice(0, 1_500_000) + btoa(`... ${fakeToken(9)} ...`) + image.slice(1_500_000),
  );
  assert.equal(findTokens(encode(hidden), { path: "a.ipynb" }).length, 1);
});
