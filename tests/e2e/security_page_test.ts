import assert from "node:assert/strict";
import { AuditLog } from "../../src/audit/log.ts";
import { serveSecurity } from "../../src/security/server/serve.ts";
import { Lockout } from "../../src/token/lockout.ts";
import { runDeno } from "../kit/child.ts";
import { startChromium } from "../kit/chromium.ts";
import { needs } from "../kit/programs.ts";
import { temporaryFolder } from "../kit/temporary.ts";
import { fakeToken } from "../kit/tokens.ts";

const token = fakeToken(92);

/** What another kernel does meanwhile: three calls, one of them refused, under the shared limit. */
function calls(folder: string): string {
  const module = (path: string) => JSON.stringify(import.meta.resolve(`../../src/${path}`));
  return `
    import { AuditLog } from ${module("audit/log.ts")};
    import { createLimiter } from ${module("limits/limiter.ts")};
    const folder = ${JSON.stringify(folder)};
    using log = new AuditLog({ folder });
    using limiter = createLimiter({ folder, key: "second-kernel" });
    for (const outcome of ["ok", "ok", "refused"]) {
      await limiter.acquire();
      await log.append({ event: "inference.end", outcome, "gen_ai.request.model": "org/second" });
    }`;
}

Deno.test({
  ...needs(
    "security page: link, live status, cleared lockout, foreign host and origin in Chromium",
    "chromium",
  ),
  async fn() {
    using temporary = temporaryFolder();
    const folder = `${temporary.path}/state`;
    const lockout = new Lockout({ folder });
    for (let i = 0; i < 5; i++) await lockout.fail("store");
    await using server = await serveSecurity({
      folder,
      cwd: temporary.path,
      env: (name) => name === "HF_TOKEN" ? token : undefined,
    });
    const browser = await startChromium("--host-resolver-rules=MAP evil.example 127.0.0.1");
    try {
      const context = await browser.newContext();
      const page = await context.newPage();
      const faults: string[] = [];
      page.on("pageerror", ({ message }) => faults.push(message));
      page.on("request", (request) => {
        const { host } = new URL(request.url());
        if (host !== `127.0.0.1:${server.port}`) faults.push(`asked ${host}`);
      });

      await page.goto(server.link);
      await page.getByText("Needs mending").waitFor();
      assert.equal(new URL(page.url()).hash, "", "the key stays in the address bar");
      await page.getByText("The stored token is locked for").waitFor();
      assert.match(await page.locator("#chart-text").innerText(), /^0 calls/);

      const child = await runDeno(calls(folder));
      assert.equal(child.code, 0, child.stderr);
      await page.getByText("3 calls, 1 of them refused or failed").waitFor();
      await page.getByText("second-kernel: 3 of 10 calls in 60 s").waitFor();
      assert.ok(await page.getByRole("cell", { name: "org/second" }).count() >= 3);

      await page.getByLabel("Outcome").selectOption("refused");
      await page.locator("#records tr").nth(1).waitFor({ state: "detached" });
      assert.match(await page.locator("#records").innerText(), /inference\.end\s+refused/);
      await page.getByLabel("Outcome").selectOption("");

      // By keyboard: the dialog opens on the harmless button, and Escape keeps the lock.
      await page.locator("#clear").focus();
      await page.keyboard.press("Enter");
      await page.getByRole("dialog").waitFor();
      await page.keyboard.press("Escape");
      await assert.rejects(lockout.check("store"));
      await page.locator("#clear").click();
      await page.getByRole("button", { name: "Clear", exact: true }).click();
      await page.getByText("Nothing is locked, and nothing has failed").waitFor();
      await lockout.check("store");

      await page.reload();
      await page.getByText("3 calls, 1 of them refused or failed").waitFor();

      await attackFromAnotherPort(server.port, folder, context);
      const stranger = await (await browser.newContext()).newPage();
      await stranger.goto(`http://127.0.0.1:${server.port}/`);
      await stranger.getByText("Signed out", { exact: true }).waitFor();
      await stranger.goto(server.link);
      await stranger.getByText("Signed out", { exact: true }).waitFor();
      const rebound = await stranger.goto(`http://evil.example:${server.port}/`);
      assert.equal(rebound?.status(), 421);

      assert.ok(!(await page.content()).includes(token), "the page holds the token");
      assert.deepEqual(faults, []);
    } finally {
      await browser.close();
    }
    using log = new AuditLog({ folder });
    const { records } = await log.read({ events: ["lockout.clear", "security."] });
    const names = new Set(records.map(({ event, outcome }) => `${event} ${outcome}`));
    for (const name of ["lockout.clear ok", "security.open ok", "security.login ok"]) {
      assert.ok(names.has(name), name);
    }
    assert.ok(names.has("security.refuse refused"), "refusals are recorded");
  },
});

type Browser = Awaited<ReturnType<typeof startChromium>>;
type Context = Awaited<ReturnType<Browser["newContext"]>>;

/** A page on another port of this machine, in the browser that is signed in: it may neither read nor change. */
async function attackFromAnotherPort(
  port: number,
  folder: string,
  context: Context,
): Promise<void> {
  const lockout = new Lockout({ folder });
  for (let i = 0; i < 5; i++) await lockout.fail("store");
  await using other = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("<p>another page", { headers: { "content-type": "text/html" } }),
  );
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${other.addr.port}/`);
  const results = await page.evaluate(async (api) => {
    const attempt = async (options: RequestInit, path: string) => {
      try {
        const response = await fetch(api + path, { credentials: "include", ...options });
        return `${response.type} ${response.status}`;
      } catch {
        return "blocked";
      }
    };
    return [
      await attempt({}, "/status"),
      await attempt({ method: "POST", body: "{}" }, "/clear-lockout"),
      await attempt({ method: "POST", body: "{}", mode: "no-cors" }, "/clear-lockout"),
    ];
  }, `http://127.0.0.1:${port}/api/security`);
  assert.deepEqual(results, ["blocked", "blocked", "blocked"]);
  // Blocked is what that page is told; that nothing was done either is what counts.
  await assert.rejects(lockout.check("store"));
  await page.close();
}
