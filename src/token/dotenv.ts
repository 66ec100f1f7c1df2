/**
 * A token in the `.env` file of the working folder.
 *
 * @module
 */

import { GitError, TokenError } from "../errors.ts";
import { cleanToken } from "../secret/clean.ts";
import { sightingOf } from "./accept.ts";
import { TOKEN_VARIABLES } from "./environment.ts";
import type { SourceContext, TokenSource } from "./source.ts";
import { readTextFile } from "./text_file.ts";

/** What {@link dotenv} may be told. */
export interface DotenvOptions {
  /** The file; relative to the working folder. Default `.env`. */
  readonly path?: string;
}

/**
 * The variables `HF_TOKEN`, `HUGGINGFACE_TOKEN` and `HUGGING_FACE_HUB_TOKEN` in a `.env` file. The
 * file is only read: nothing is written into the environment. A file that git tracks is refused;
 * one that git would not ignore is used with a notice.
 *
 * Needs `--allow-read` for the file and, inside a repository, `--allow-run=git`.
 *
 * @param options Another file.
 * @returns A source for `loadToken({ order })`.
 */
export function dotenv(options: DotenvOptions = {}): TokenSource {
  const { path = ".env" } = options;
  return {
    name: "dotenv",
    async read(context) {
      const file = absolute(path, context.cwd());
      const values = await readVariables(file);
      for (const name of TOKEN_VARIABLES) {
        const value = values[name];
        if (value === undefined || cleanToken(value) === "") continue;
        await refuseIfShared(file, context);
        return { value, where: `${name} in ${file}` };
      }
      return null;
    },
    async peek(context, { thorough }) {
      const file = absolute(path, context.cwd());
      const values = await readVariables(file, { pipes: false });
      const found = TOKEN_VARIABLES
        .map((name) => sightingOf(values[name], `${name} in ${file}`))
        .find((sighting) => sighting.found);
      if (found === undefined) return [{ where: file, found: false }];
      if (thorough) await refuseIfShared(file, context);
      return [found];
    },
  };
}

function absolute(path: string, cwd: string): string {
  return /^(?:\/|[A-Za-z]:[\\/])/.test(path) ? path : `${cwd.replace(/[/\\]$/, "")}/${path}`;
}

async function readVariables(
  file: string,
  options: { readonly pipes?: boolean } = {},
): Promise<Record<string, string | undefined>> {
  const text = await readTextFile(file, "the .env file", options);
  if (text === null) return {};
  const { parseEnv } = await import("node:util");
  return parseEnv(text);
}

/** A `.git` in this folder or one above: only then is git asked. */
async function inRepository(file: string): Promise<boolean> {
  for (let folder = file; /[/\\]/.test(folder);) {
    folder = folder.replace(/[/\\][^/\\]*$/, "");
    try {
      await Deno.lstat(`${folder}/.git`);
      return true;
    } catch { /* not here, or not for us to see */ }
  }
  return false;
}

async function refuseIfShared(path: string, context: SourceContext): Promise<void> {
  const file = await Deno.realPath(path); // behind a link, it is the file that is shared
  if (!(await inRepository(file))) return;
  const { ignoredPaths, isTracked } = await import("../git/repository.ts");
  const folder = file.replace(/[/\\][^/\\]*$/, "") || "/";
  const name = file.slice(folder.length).replace(/^[/\\]/, "");
  try {
    if (await isTracked(file)) {
      throw new TokenError(
        "token-tracked",
        `Cannot use the token from ${file}: git tracks this file, so whoever gets the repository ` +
          `gets the token. Run: git rm --cached ${name}; add ${name} to .gitignore; and, if it was ` +
          "ever committed, make a new token at https://huggingface.co/settings/tokens and revoke " +
          "this one",
      );
    }
    if (!(await ignoredPaths(folder, [name])).has(name)) {
      context.notice(
        `${file} holds a token and git does not ignore it: the next \`git add .\` would take it ` +
          `along. Add ${name} to .gitignore`,
      );
    }
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    context.notice(
      `Could not ask git whether ${file} is tracked; see to it that it is never committed`,
    );
  }
}
