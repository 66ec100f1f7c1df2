import assert from "node:assert/strict";
import { show } from "../../src/kernel/show/show.ts";
import type { DisplayOutput } from "../../src/kernel/outputs.ts";
import { securityBanner } from "../../src/security/banner.ts";
import { MOD_URL, sharedKernel } from "../kit/kernel.ts";

const DISPLAY = Symbol.for("Jupyter.display");
const kernel = sharedKernel();

function formsOf(note?: string): Record<string, string> {
  const banner = securityBanner(note === undefined ? {} : { note }) as unknown as Record<
    symbol,
    () => Record<string, string>
  >;
  return banner[DISPLAY]!();
}

Deno.test("securityBanner() says in each form what to do and where to revoke", () => {
  const shown = formsOf();
  assert.deepEqual(Object.keys(shown), ["text/html", "text/markdown", "text/plain"]);
  for (const [type, text] of Object.entries(shown)) {
    const words = text.replace(/<[^>]*>|`/g, "");
    for (
      const said of [
        /uses a personal Hugging Face token/,
        /Never paste a token into a cell/,
        /hushbook scrub NOTEBOOK/,
        /hushbook hook install/,
        /revoke it at https:\/\/huggingface\.co\/settings\/tokens and make a new one/,
      ]
    ) assert.match(words, said, type);
  }
});

Deno.test("securityBanner() is read out as a note with a name, by a list, without script or ids", () => {
  const html = formsOf()["text/html"]!;
  assert.match(html, /^<div role="note" aria-label="This notebook uses [^"]+"/);
  assert.equal(html.match(/<li>/g)?.length, html.match(/<\/li>/g)?.length);
  assert.doesNotMatch(html, /<script|<img|\son\w+=|\sid=|`/);
  // Two banners in one notebook would give two elements the same id; links lead to the Hub alone.
  assert.deepEqual(
    [...html.matchAll(/https?:\/\/([^/"<]+)/g)].map(([, host]) => host),
    ["huggingface.co", "huggingface.co"],
  );
});

Deno.test("securityBanner() takes a line of one's own, on one line and without markup", () => {
  const note = 'Tell <b onclick="x">Ada</b>\n- & nobody else\u001b[2J';
  const shown = formsOf(note);
  assert.match(
    shown["text/html"]!,
    /<li>Tell &lt;b onclick=&quot;x&quot;&gt;Ada&lt;\/b&gt; - &amp; nobody else\\u001b\[2J<\/li>/,
  );
  assert.match(shown["text/markdown"]!, /\n> - Tell &lt;b onclick="x">Ada&lt;\/b> - & nobody else/);
  assert.match(
    shown["text/plain"]!,
    /\n- Tell <b onclick="x">Ada<\/b> - & nobody else\\u001b\[2J\n$/,
  );
  assert.equal(formsOf(" \n ")["text/plain"], formsOf()["text/plain"]);
});

Deno.test("show() displays the banner in a notebook, and writes its text outside of one", async () => {
  const { status, outputs } = await kernel().execute(
    `const { securityBanner, show } = await import(${JSON.stringify(MOD_URL)});
    await show(securityBanner({ note: "Ask Ada." }));`,
  );
  assert.equal(status, "ok");
  assert.deepEqual((outputs[0] as DisplayOutput).data, formsOf("Ask Ada."));
  let written = "";
  await show(securityBanner(), { write: (text) => written += text });
  assert.equal(written, `${securityBanner()}\n`);
});
