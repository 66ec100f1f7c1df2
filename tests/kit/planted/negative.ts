/** Files without a token that look as if they had one: what a careless rule would flag. */

import {
  base64,
  type Choices,
  code,
  display,
  file,
  lines,
  notebook,
  stream,
  withOutput,
  withSource,
} from "./notebook.ts";

/** Makes a file that holds no token. */
export type Harmless = (choices: Choices) => Uint8Array;

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const ALNUM = `${LOWER}ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789`;
const HEX = "0123456789abcdef";
const WORDS =
  ("model token access secret inference endpoint configuration dataset tokenizer pipeline " +
    "download repository revision transformer sequence classification generation attention embedding " +
    "learning training evaluation example placeholder enterprise organization environment variable")
    .split(" ");
const words = (c: Choices, count: number) => Array.from({ length: count }, () => c.pick(WORDS));
const capital = (word: string) => word[0]!.toUpperCase() + word.slice(1);
const camel = (c: Choices, length: number) => words(c, 12).map(capital).join("").slice(0, length);
const printed = (text: string) => withOutput(stream(lines(`${text}\n`)));
const source = (text: string) => withSource(`x = "${text}"\n`);
const html = (text: string) => withOutput(display("text/html", lines(`<div>\n${text}\n</div>`)));

/** Every class. */
export const NEGATIVE: Readonly<Record<string, Harmless>> = {
  "one letter repeated": (c) => source(`hf_${c.pick([..."xXaA0"]).repeat(c.between(30, 40))}`),
  "two letters alternating": (c) => source(`hf_${c.pick(["xX", "ab", "01", "Xx"]).repeat(17)}`),
  "dots": (c) => source(`hf_${c.pick(["...", "…", "***", "****************"])}`),
  "short placeholder": (c) =>
    source(
      c.pick([
        "hf_xxx",
        "hf_your_token_here",
        "hf_token",
        "hf_test",
        "hf_fake_token",
        "hf_secret123",
      ]),
    ),
  "placeholder of words": (c) => source(`hf_${camel(c, 34)}`),
  "placeholder of lower-case words": (c) => source(`hf_${words(c, 12).join("").slice(0, 34)}`),
  "placeholder of upper-case words": (c) =>
    source(`hf_${words(c, 12).join("").toUpperCase().slice(0, 34)}`),
  "placeholder with underscores": (c) => source(`hf_${words(c, 6).join("_")}`),
  "words and a row of X": () => source(`hf_HubCIToken${"X".repeat(21)}`),
  "identifiers": (c) =>
    withSource(
      `from huggingface_hub import hf_hub_download, hf_hub_url\nhf_${
        words(c, 3).join("_")
      } = hf_hub_download("a/b")\n`,
    ),
  "options": () =>
    withSource(
      "hf_oauth: true\nhf_oauth_scopes:\n - read-repos\nhf_oauth_expiration_minutes: 480\n",
    ),
  "modules": () =>
    withSource(
      "hf_s3_client.create_multipart_upload_request.return_value_for_tests = hf_jwt_debug.x.y\n",
    ),
  "digest": (c) => source(`hf_${c.text(34, HEX)}`),
  "digest in capitals": (c) => source(`hf_${c.text(40, HEX).toUpperCase()}`),
  "git commits": (c) =>
    printed(Array.from({ length: 20 }, () => `${c.text(40, HEX)} fix`).join("\n")),
  "uuids": (c) =>
    printed(
      `hf_${c.text(8, HEX)}-${c.text(4, HEX)}-${c.text(4, HEX)}-${c.text(4, HEX)}-${
        c.text(12, HEX)
      }`,
    ),
  "too short": (c) => source(`hf_${c.text(c.between(8, 29), ALNUM)}`),
  "part of a longer word": (c) =>
    printed(`x${c.text(8, ALNUM)}hf_${c.text(c.between(66, 90), ALNUM)}`),
  "other services": (c) =>
    withSource(
      `a = "sk-${c.text(48, ALNUM)}"\nb = "ghp_${c.text(36, ALNUM)}"\nc = "AKIA${
        c.text(16, "ABCDEFGHIJ234567")
      }"\n`,
    ),
  "other JSON web tokens": (c) =>
    printed(
      `${base64('{"alg":"RS256","typ":"JWT"}').replaceAll("=", "")}.${
        base64(`{"sub":"${c.text(12, ALNUM)}"}`).replaceAll("=", "")
      }.${base64(c.bytes(64)).replaceAll("=", "")}`,
    ),
  "picture": (c) => withOutput(display("image/png", base64(c.bytes(40_000)))),
  "picture in lines": (c) =>
    withOutput(display("image/png", base64(c.bytes(30_000)).replace(/.{76}/g, "$&\n"))),
  "picture in HTML": (c) => html(`<img src="data:image/png;base64,${base64(c.bytes(20_000))}">`),
  "random letters": (c) => printed(c.text(30_000, ALNUM)),
  "random letters and underscores": (c) => printed(c.text(30_000, `${ALNUM}-_`)),
  "base64 of ordinary text": (c) => printed(base64(words(c, 400).join(" "))),
  "base64 of code": (c) =>
    printed(base64(`hf_hub_download("${words(c, 3).join("-")}", token=hf_token)`)),
  "hexadecimal of ordinary text": (c) =>
    printed([...words(c, 80).join(" ")].map((char) => char.charCodeAt(0).toString(16)).join("")),
  "sequencing qualities": (c) =>
    printed(`@read/1\nACGT\n+\n${c.text(2000, "!#$%&()*+,-./0123456789:;<=>?@ABCDEFGHI_hf")}`),
  "floats": (c) =>
    printed(Array.from({ length: 300 }, () => c.text(17, "0123456789")).join(", 0.")),
  "minified script": (c) =>
    html(
      `<script>${
        Array.from(
          { length: 300 },
          () => `function ${c.text(2, LOWER)}_(e){return e.hf_${c.text(5, LOWER)}}`,
        ).join("")
      }</script>`,
    ),
  "table": (c) =>
    html(
      `<table>${
        words(c, 100).map((word) => `<tr><td>hf_${word}</td><td>1.0</td></tr>`).join("")
      }</table>`,
    ),
  "coloured traceback": (c) =>
    withOutput({
      ename: "KeyError",
      evalue: "'hf_token'",
      output_type: "error",
      traceback: words(c, 20).map((word) =>
        `\u001b[0;32m<ipython>\u001b[0m in \u001b[0;36mhf_${word}\u001b[0m(self)`
      ),
    }),
  "query strings": (c) =>
    html(
      words(c, 60).map((word) => `<a href="/x?hf%5F${word}=1&amp;y=%20z">${word}</a>`).join("\n"),
    ),
  "formulas": () =>
    withSource(String.raw`$\mathbf{y}_1, \ldots, \mathbf{h}_f_{\theta}$, \hat{f}_x` + "\n"),
  "other scripts": (c) =>
    printed(
      `トークン_${words(c, 3).join("_")} を設定 hf_トークン, ключ_f_х 数_${c.text(20, ALNUM)}`,
    ),
  "list of names": (c) =>
    withSource(`names = [${words(c, 80).map((word) => `"hf_${word}", "_${word}"`).join(", ")}]\n`),
  "lines of words": (c) => withSource(words(c, 200).map((word) => `hf_${word}\n`).join("")),
  "rows of underscores": () => printed(Array.from({ length: 40 }, () => "_".repeat(65)).join("\n")),
  "plotly": (c) =>
    withOutput(display("application/vnd.plotly.v1+json", {
      data: [{
        x: Array.from({ length: 400 }, () => c.below(1e6) / 7),
        name: `hf_${words(c, 2).join("")}`,
      }],
    })),
  "widget state": (c) =>
    file(notebook([], {
      widgets: {
        "application/vnd.jupyter.widget-state+json": {
          state: Object.fromEntries(
            Array.from(
              { length: 40 },
              () => [c.text(32, HEX), {
                model_name: "HTMLModel",
                layout: `IPY_MODEL_${c.text(32, HEX)}`,
              }],
            ),
          ),
        },
      },
    })),
  "arrays of bytes": (c) =>
    printed(
      `Uint8Array(900) [${Array.from({ length: 900 }, () => c.between(90, 122)).join(", ")}]\n` +
        `104, 102, 95, ${Array.from({ length: 60 }, () => c.below(256)).join(", ")}`,
    ),
  "dump of a binary": (c) =>
    printed(
      Array.from({ length: 60 }, () => `68 66 5f ${c.bytes(13).toHex().replace(/../g, "$& ")}`)
        .join("\n"),
    ),
  "names put together": (c) =>
    withSource(
      `a = f"hf_{${words(c, 1)}}"\nb = "hf_" + ${words(c, 1)}\nc = "_".join(["hf", "${
        words(c, 1)
      }", "${words(c, 1)}"])\n` + `d = "hf_{}".format("${words(c, 2).join("-")}")\n` +
        words(c, 30).map((word) => `x_${word} = "hf_${word}"\n`).join(""),
    ),
  "lists of words": (c) =>
    withSource(
      `hf_${words(c, 1)}\n` + words(c, 40).map((word) => `${c.pick(["*", "+", "//"])} ${word}\n`)
        .join("") +
        `parts = ["hf_", ${words(c, 20).map((word) => `"${word.slice(0, 2)}"`)}]\n`,
    ),
  "constants": (c) =>
    withSource(
      `PREFIX = "hf_"\nMODEL = "${words(c, 2).join("-")}"\nREVISION = "${c.text(40, HEX)}"\n`,
    ),
  "hours and mathematics": (c) =>
    printed(`ｈｆ＿${words(c, 2).join("")}，（１２）\n𝐡𝐟_${words(c, 3).join("")}`),
  "kept by hushbook": () => printed("InferenceClient { accessToken: 'hf_kept_by_hushbook' }"),
  "cell tags": (c) =>
    file(notebook([code(["pass\n"], [], { tags: words(c, 5).map((word) => `hf_${word}`) })])),
};
