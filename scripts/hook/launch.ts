/**
 * How this hushbook was started, so that git can start it again later.
 *
 * @module
 */

import type { CommandIo } from "../command.ts";
import { type Launch, shellWord } from "../../src/git/launcher.ts";

/** The entrance of this hushbook: an absolute path, or an address. */
function entrance(): string {
  // In one file made by `deno task bundle`, this module is that file.
  const bundled = !import.meta.url.endsWith("/hook/launch.ts");
  const url = new URL(bundled ? import.meta.url : "../hushbook.ts", import.meta.url);
  if (url.protocol !== "file:") return url.href;
  const path = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

/**
 * What the user types to run this hushbook.
 *
 * @param io The command's environment; `HUSHBOOK_PROGRAM`, set by an installed hook, comes first.
 * @returns One line for a shell.
 */
export function program(io: CommandIo): string {
  const known = io.env("HUSHBOOK_PROGRAM");
  if (known) return known;
  const script = entrance();
  if (/^https?:/u.test(script)) return "hushbook";
  return `${
    denoWord(io)
  } run --no-config --allow-read --allow-write --allow-run=git --allow-env --allow-sys=uid ${
    shellWord(script)
  }`;
}

/**
 * What starts Deno in the user's shell. Npx puts it on the PATH of what it runs only, so whoever came
 * by npx goes that way again.
 */
function denoWord(io: CommandIo): string {
  let npx = /[\\/]_npx[\\/]/u.test(Deno.execPath());
  try {
    npx ||= io.env("npm_command") === "exec";
  } catch { /* Started by git, with few rights: what the installed hook says comes first then. */ }
  return npx ? `npx -y deno@${Deno.version.deno}` : "deno";
}

/**
 * How to start this hushbook from git.
 *
 * @param io The command's environment.
 * @returns What is known about Deno and this program now.
 */
export async function launchOf(io: CommandIo): Promise<Launch> {
  const path = io.env("PATH") ?? "";
  return {
    deno: await stablePath(Deno.execPath(), path),
    script: entrance(),
    program: await onPath("hushbook", path) === undefined ? program(io) : "hushbook",
    denoFolder: io.env("DENO_DIR") || undefined,
  };
}

/** A name on the PATH for this program, which outlives an upgrade that moves the program itself. */
async function stablePath(executable: string, path: string): Promise<string> {
  const named = await onPath("deno", path);
  if (named === undefined) return executable;
  try {
    return await Deno.realPath(named) === await Deno.realPath(executable) ? named : executable;
  } catch {
    return executable;
  }
}

async function onPath(name: string, path: string): Promise<string | undefined> {
  const windows = Deno.build.os === "windows";
  for (const folder of path.split(windows ? ";" : ":")) {
    const file = `${folder}/${name}${windows ? ".exe" : ""}`;
    try {
      if (folder !== "" && (await Deno.stat(file)).isFile) return file;
    } catch { /* Not in this folder. */ }
  }
  return undefined;
}
