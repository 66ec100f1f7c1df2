import { type Browser, chromium } from "playwright-core";

/** Starts Debian's Chromium without a window, without anything that asks the network. */
export async function startChromium(...more: string[]): Promise<Browser> {
  return await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}
