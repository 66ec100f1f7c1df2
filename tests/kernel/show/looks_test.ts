import assert from "node:assert/strict";
import { escapeHtml, escapeMarkdown } from "../../../src/kernel/show/html.ts";
import { mediaBundle, sniffType } from "../../../src/kernel/show/media.ts";
import { pieceText, replyText } from "../../../src/kernel/show/reply.ts";
import { tableOf } from "../../../src/kernel/show/table.ts";

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

Deno.test("escapeHtml() leaves no markup, in content or attributes", () => {
  assert.equal(
    escapeHtml(`<a href="x" id='y'>&</a>`),
    "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;&lt;/a&gt;",
  );
});

Deno.test("escapeMarkdown() escapes tags outside code and nothing else", () => {
  for (
    const [text, escaped] of [
      ["<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"],
      ["a < b and 1 <2 <- x", "a < b and 1 <2 <- x"],
      ["<!-- x --> <?php", "&lt;!-- x --> &lt;?php"],
      ["`<b>` and <b>", "`<b>` and &lt;b>"],
      ["``a`<b>`` <b>", "``a`<b>`` &lt;b>"],
      ["`open <b>", "`open &lt;b>"],
      ["```html\n<b>\n```\n<b>", "```html\n<b>\n```\n&lt;b>"],
      ["~~~\n<b>\n```\n<b>\n~~~\n<i>", "~~~\n<b>\n```\n<b>\n~~~\n&lt;i>"],
      ["```\n<b>", "```\n<b>"], // a stream that is still inside
      ["```<b>\n<b>", "```&lt;b>\n<b>"],
      ["`a\n\n<b>`", "`a\n\n&lt;b>`"], // a blank line ends what backticks may hold
      ["| a | b |\n|---|---|\n**x** _y_ [l](u)", "| a | b |\n|---|---|\n**x** _y_ [l](u)"],
    ]
  ) assert.equal(escapeMarkdown(text!), escaped);
});

Deno.test("sniffType() tells pictures, audio and video by their first bytes", () => {
  for (
    const [bytes, type] of [
      ["\x89PNG\r\n\x1a\n....", "image/png"],
      ["\xff\xd8\xff\xe0....", "image/jpeg"],
      ["GIF89a..", "image/gif"],
      ["RIFF\x10\0\0\0WEBPVP8 ", "image/webp"],
      ["RIFF\x10\0\0\0WAVEfmt ", "audio/wav"],
      ["fLaC\0", "audio/flac"],
      ["ID3\x03", "audio/mpeg"],
      ["OggS\0", "audio/ogg"],
      ["\x1a\x45\xdf\xa3", "video/webm"],
      ["\0\0\0\x20ftypisom", "video/mp4"],
      ["\0\0\0\x20ftypM4A ", "audio/mp4"],
      ["plain text", undefined],
      ["", undefined],
    ]
  ) assert.equal(sniffType(latin1(bytes!)), type);
});

Deno.test("mediaBundle() trusts bytes over the declared type, and executes nothing", async () => {
  const png = latin1("\x89PNG\r\n\x1a\nx");
  const octets = await mediaBundle(new Blob([png], { type: "application/octet-stream" }));
  assert.equal(octets["image/png"], png.toBase64());
  const wav = await mediaBundle(new Blob([latin1("RIFF....WAVEfmt ")]));
  assert.match(String(wav["text/html"]), /^<audio controls src="data:audio\/wav;base64,/);
  const mp4 = await mediaBundle(new Blob([latin1("\0\0\0\x20ftypisom")]));
  assert.match(String(mp4["text/html"]), /^<video controls src="data:video\/mp4;base64,/);
  const svg = await mediaBundle(
    new Blob(["<svg onload='x()'/>"], { type: "image/svg+xml;charset=utf-8" }),
  );
  assert.match(
    String(svg["text/html"]),
    /^<img src="data:image\/svg\+xml;base64,[\w+/=]+" alt="">$/,
  );
  const text = await mediaBundle(new Blob(["<b>"], { type: "text/html" }));
  assert.deepEqual(text, { "text/plain": "<b>" });
  const odd = await mediaBundle(new Blob(["x"], { type: `audio/"><script>` }));
  assert.deepEqual(odd, { "text/plain": "<application/octet-stream, 1 bytes>" });
});

Deno.test("replyText() finds the text of chat replies and text tasks", () => {
  const chat = (message: unknown) => ({ choices: [{ message }] });
  for (
    const [value, text] of [
      [chat({ role: "assistant", content: "hi" }), "hi"],
      [chat({ content: [{ type: "text", text: "a" }, { type: "text", text: "b" }] }), "ab"],
      [chat({ content: null, refusal: "no" }), "no"],
      [
        chat({ content: null, tool_calls: [{ function: { name: "f", arguments: `{"x":1}` } }] }),
        '\n\n```js\nf({"x":1})\n```',
      ],
      [{ choices: [{ text: "completion" }] }, "completion"],
      [{ generated_text: "g" }, "g"],
      [{ summary_text: "s" }, "s"],
      [{ translation_text: "t" }, "t"],
      [{ answer: "42", score: 0.5, start: 0, end: 2 }, "42"],
      [{ output_text: "responses" }, "responses"],
      [{ text: "transcript", chunks: [] }, "transcript"],
      [{ text: "t", other: 1 }, undefined],
      [{ choices: [] }, undefined],
      [[1], undefined],
      [null, undefined],
    ] as const
  ) assert.equal(replyText(value), text);
});

Deno.test("pieceText() finds what a piece of a stream adds", () => {
  for (
    const [piece, text] of [
      ["plain", "plain"],
      [{ choices: [{ delta: { content: "a" } }] }, "a"],
      [{ choices: [{ delta: {} }] }, ""],
      [{ choices: [], usage: { total_tokens: 3 } }, ""],
      [{ choices: [{ text: "b" }] }, "b"],
      [{ token: { text: "c", special: false }, generated_text: null }, "c"],
      [{ token: { text: "</s>", special: true }, generated_text: "all" }, ""],
      [{ type: "response.output_text.delta", delta: "d" }, "d"],
      [{ type: "response.created" }, ""],
      [undefined, ""],
    ] as const
  ) assert.equal(pieceText(piece), text);
});

Deno.test("tableOf() makes tables of scores, records and embeddings, escaped and bounded", () => {
  const scores = tableOf([{ label: "<b>good", score: 0.9731 }, { label: "bad", score: 0.0269 }]);
  assert.match(
    String(scores?.["text/html"]),
    /&lt;b&gt;good<\/td><td style="text-align:right;[^"]*">97\.3 %/,
  );
  assert.ok(!String(scores?.["text/html"]).includes("<b>"));
  assert.match(String(scores?.["text/plain"]), /^label +score\n<b>good +0\.9731\nbad +0\.0269$/);
  const zeroShot = tableOf({ sequence: "s", labels: ["a", "b"], scores: [0.7, 0.3] });
  assert.match(String(zeroShot?.["text/plain"]), /^label {2}score\na +0\.7\nb +0\.3$/);
  const one = tableOf(new Float32Array([3, 4]));
  assert.match(String(one?.["text/plain"]), /dimensions +norm.*\n0 +2 +5 +3\.0000, 4\.0000/);
  const many = tableOf(Array.from({ length: 60 }, (_, i) => ({ i })));
  assert.match(String(many?.["text/plain"]), /… and 10 more$/);
  const box = tableOf([{ label: "cat", score: 2, box: { xmin: 1 } }]);
  assert.match(String(box?.["text/html"]), /\{&quot;xmin&quot;:1\}/);
  assert.equal(tableOf([]), undefined);
  assert.equal(tableOf([1, "a"]), undefined);
  assert.equal(tableOf([new Date()]), undefined);
  assert.equal(tableOf("text"), undefined);
});
