/**
 * The token that the Hub's own command line tool (`hf auth login`) left on this machine,
 * unencrypted.
 *
 * @module
 */

import { TokenError } from "../errors.ts";
import { cleanToken } from "../secret/clean.ts";
import type { EnvReader } from "../state/folder.ts";
import { sightingOf } from "./accept.ts";
import { isDue } from "./daily.ts";
import type { FoundToken, SourceContext, TokenSource } from "./source.ts";
import { readTextFile } from "./text_file.ts";

/**
 * Expands a leading `~`, `$NAME` and `${NAME}` as Python's `expanduser` and `expandvars` do, which
 * is how the Hub's tool reads its variables. An unknown name stays as it is.
 *
 * @param path The path.
 * @param env Reads an environment variable.
 * @returns The expanded path.
 */
export function expandPath(path: string, env: EnvReader): string {
  const home = env("HOME") ?? env("USERPROFILE");
  const expanded = home === undefined ? path : path.replace(/^~(?=$|[/\\])/, () => home);
  return expanded.replace(
    /\$(?:\{(\w+)\}|(\w+))/g,
    (whole, braced, bare) => env(braced ?? bare) ?? whole,
  );
}

/**
 * Where the Hub's tool keeps its token: `$HF_TOKEN_PATH`; else `token` in `$HF_HOME`, in
 * `$XDG_CACHE_HOME/huggingface`, or in `~/.cache/huggingface`. Last the place of tools from before
 * 2022,
 * `~/.huggingface/token`.
 *
 * @param env Reads an environment variable.
 * @returns The files, in the order they are asked.
 */
export function loginFiles(env: EnvReader): readonly string[] {
  const files: string[] = [];
  const home = env("HOME") ?? env("USERPROFILE");
  const set = (name: string) => env(name) || undefined;
  const cache = set("XDG_CACHE_HOME") ?? (home && `${home}/.cache`);
  const hub = set("HF_HOME") ?? (cache && `${cache}/huggingface`);
  const current = set("HF_TOKEN_PATH") ?? (hub && `${hub}/token`);
  if (current) files.push(expandPath(current, env));
  if (home) files.push(`${home}/.huggingface/token`);
  return files;
}

/**
 * When an OAuth token expires, from `stored_tokens` beside the token's file: an INI file with the
 * keys
 * `hf_token` and `expires_at` (seconds since 1970) in each section.
 *
 * @param text The INI file.
 * @param token The token.
 * @returns The time in ms since 1970, or undefined where it is not known.
 */
export function storedExpiry(text: string, token: string): number | undefined {
  for (const section of text.split(/^\s*\[[^\]\n]*\]\s*$/mu)) {
    const field = (name: string) =>
      new RegExp(`^\\s*${name}\\s*[=:]\\s*(.*?)\\s*$`, "mu").exec(section)?.[1];
    if (field("hf_token") !== token) continue;
    const at = field("expires_at") ?? "";
    const time = /^\d+(?:\.\d+)?$/.test(at) ? Number(at) * 1000 : Date.parse(at);
    return Number.isFinite(time) ? time : undefined;
  }
  return undefined;
}

function readVariables(context: SourceContext): EnvReader {
  return (name) => {
    try {
      return context.env(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
      throw new TokenError(
        "token-unreadable",
        `Cannot look for the Hub's login file: permission to read ${name} is missing; add ` +
          "--allow-env=HF_TOKEN_PATH,HF_HOME,XDG_CACHE_HOME,HOME,USERPROFILE",
      );
    }
  };
}

/** Whether other users of this machine may read the file. */
async function isOpen(path: string): Promise<boolean> {
  const { mode } = await Deno.stat(path);
  return Deno.build.os !== "windows" && ((mode ?? 0) & 0o077) !== 0;
}

async function withExpiry(where: string, value: string): Promise<FoundToken> {
  const tokens = where.replace(/[^/\\]*$/, "stored_tokens");
  const stored = await readTextFile(tokens, "the Hub's file").catch(() => null);
  const expiresAt = stored === null ? undefined : storedExpiry(stored, cleanToken(value));
  return { value, where, ...(expiresAt !== undefined && { expiresAt }) };
}

/**
 * The login file of the Hub's own tools. They write it unencrypted, so a notice offers to import
 * it. It is only read: the Hub's tools own it.
 *
 * Needs `--allow-env` for the names above and `--allow-read` for the files.
 *
 * @returns A source for `loadToken({ order })`.
 */
export function hubLogin(): TokenSource {
  return {
    name: "hub-login",
    async read(context) {
      for (const file of loginFiles(readVariables(context))) {
        const value = await readTextFile(file, "the Hub's login file");
        if (value === null || cleanToken(value) === "") continue;
        const others = await isOpen(file) ? `, readable by other users (chmod 600 ${file})` : "";
        if (await isDue("hub-login", context)) {
          context.notice(
            `The token lies unencrypted in ${file}${others}; to keep it encrypted: ` +
              "hushbook token import",
          );
        }
        return await withExpiry(file, value);
      }
      return null;
    },
    async peek(context) {
      return await Promise.all(
        loginFiles(readVariables(context)).map(async (file) => {
          const text = await readTextFile(file, "the Hub's login file", { pipes: false });
          return sightingOf(text ?? undefined, file);
        }),
      );
    },
  };
}
