/** A person, a browser and Debian's jupyter-notebook: the quickstart, from opening it to the saved file. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startStandIn } from "../../scripts/stand_in/server.ts";
import { findTokens } from "../../src/notebook/find.ts";
import { checkout } from "../kit/checkout.ts";
import { startChromium } from "../kit/chromium.ts";
import { startJupyter } from "../kit/jupyter.ts";
import { leaks } from "../kit/leaks.ts";
import { needs } from "../kit/programs.ts";

/** Where pictures of what was seen go; a person looks at them, a test cannot. */
const PICTURES = Deno.env.get("HUSHBOOK_TEST_PICTURES");

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  await Deno.mkdir(PICTURES, { recursive: true });
  // Jupyter scrolls inside the page: make the window as high as the notebook.
  const height = await page.evaluate("document.querySelector('#notebook-container').scrollHeight");
  await page.setViewportSize({ width: 1100, height: Number(height) + 200 });
  await page.screenshot({ path: `${PICTURES}/${name}.png` });
}

/** Everything that a folder's files hold, as text. */
async function everything(folder: string): Promise<string> {
  let text = "";
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) text += await everything(path);
    if (isFile) text += `${path}\n${new TextDecoder("latin1").decode(await Deno.readFile(path))}\n`;
  }
  return text;
}

Deno.test({
  ...needs("quickstart.ipynb in Jupyter: the token is typed masked, and saved nowhere", ...[
    "jupyter-notebook",
    "chromium",
  ]),
  async fn() {
    using project = await checkout();
    await using hub = startStandIn();
    await using jupyter = await startJupyter(project, hub.env);
    await using browser = await startChromium();
    const page = await browser.newPage({ viewport: { width: 1100, height: 1000 } });
    page.setDefaultTimeout(120_000);
    await page.goto(`${jupyter.url}notebooks/notebooks/quickstart.ipynb`);
    await page.waitForFunction("window.Jupyter?.notebook?.kernel?.is_connected()");

    await page.click("#celllink");
    await page.click("#run_all_cells a");
    const field = page.locator(".raw_input_container input[type=password]");
    await field.waitFor();
    await picture(page, "question");
    await field.pressSequentially(hub.token);
    assert.ok(!leaks(await page.locator("body").innerText(), hub.token));
    await field.press("Enter");
    const keep = page.locator(".raw_input_container input[type=text]");
    await keep.waitFor();
    await keep.press("Enter");
    const said = page.locator(".output_area", { hasText: "Nothing that this notebook shows" });
    await said.waitFor();
    await page.waitForFunction("!Jupyter.notebook.kernel_busy");
    await picture(page, "quickstart");

    await page.click("#save-notbook button");
    await page.waitForFunction("!Jupyter.notebook.dirty");
    assert.ok(!leaks(await page.content(), hub.token));
    const path = `${project.path}/notebooks/quickstart.ipynb`;
    const bytes = await Deno.readFile(path);
    const saved = JSON.parse(new TextDecoder().decode(bytes));
    const outputs = saved.cells.flatMap((cell: { outputs?: unknown[] }) => cell.outputs ?? []);
    assert.ok(outputs.length >= 6, "the saved notebook holds what the cells showed");
    assert.ok(JSON.stringify(outputs).includes("image/png"));
    assert.deepEqual(findTokens(bytes, { path }), []);
    assert.ok(hub.seen.some(({ credential }) => credential === "token"), "the token was used");
    assert.ok(!leaks(await everything(project.path), hub.token), "a file of the project has it");
    assert.ok(!leaks(await everything(project.home), hub.token), "a file in the home has it");
  },
});
