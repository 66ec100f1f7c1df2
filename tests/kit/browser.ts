/** Debian's Chromium without a window, with a profile of its own. */

import { type BrowserContext, chromium } from "playwright-core";
import { temporaryFolder } from "./temporary.ts";

/** A running browser. */
export interface Browser extends AsyncDisposable {
  /** What opens pages. */
  readonly context: BrowserContext;
}

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
  "--disable-dev-shm-usage",
];

/** Starts a browser. */
export async function startBrowser(): Promise<Browser> {
  const profile = temporaryFolder();
  const context = await chromium.launchPersistentContext(profile.path, {
    executablePath: "/usr/bin/chromium",
    args: FLAGS,
    viewport: { width: 1100, height: 1000 },
  });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      profile[Symbol.dispose]();
    },
  };
}
