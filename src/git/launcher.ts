/**
 * The shell lines that start hushbook from git: they find Deno again after it moved, and give it no
 * more rights than the step needs.
 *
 * @module
 */

/** What must be known at install time to start hushbook later. */
export interface Launch {
  /** Deno as it was found, absolute. */
  readonly deno: string;
  /** `scripts/hushbook.ts`: an absolute path, or an address if hushbook is installed globally. */
  readonly script: string;
  /** What the user types to run hushbook, such as `hushbook`; advice is written with it. */
  readonly program: string;
  /** `DENO_DIR`, if it was set: where a hushbook that was started from an address is cached. */
  readonly denoFolder: string | undefined;
}

/** What a step may do. Each is a list of Deno flags, as words of the shell. */
const RIGHTS = {
  /** Read and write the working tree, the git folder, and the audit log; start git. */
  hook:
    `"--allow-read\${folders:+=$folders}" "--allow-write\${folders:+=$folders}" --allow-run=git --allow-sys=uid ` +
    "--allow-env=NO_COLOR,GIT_DIR,GIT_INDEX_FILE,GIT_PREFIX,PRE_COMMIT,HUSHBOOK_PROGRAM,HUSHBOOK_HOME,XDG_STATE_HOME,HOME,LOCALAPPDATA,USERPROFILE",
  /** Read the settings; everything else comes and goes through the streams. */
  filter: "--allow-read=hushbook.json --allow-env=NO_COLOR,HUSHBOOK_PROGRAM",
} as const;

/** The variables that change how programs are loaded: Deno starts no program while one is set. */
const LOADER = "LD_LIBRARY_PATH LD_PRELOAD LD_AUDIT LD_BIND_NOW LD_DEBUG LD_PROFILE " +
  "DYLD_LIBRARY_PATH DYLD_INSERT_LIBRARIES DYLD_FRAMEWORK_PATH DYLD_FALLBACK_LIBRARY_PATH " +
  "DYLD_FALLBACK_FRAMEWORK_PATH DYLD_ROOT_PATH";

/**
 * A word for a POSIX shell that stands for exactly this text.
 *
 * @param text Any text without NUL.
 * @returns The text itself if it is harmless, else quoted.
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Entrances for what git starts often, beside `hushbook.ts`: they lead to fewer modules. */
const ENTRANCES = { "hook run": "git_commit.ts", "hook filter": "git_filter.ts" } as const;

/**
 * How to start one step.
 *
 * @param launch What was known at install time.
 * @param step The command.
 * @returns The same, with the step's own entrance as its script where there is one; the one file that
 * `deno task bundle` makes has none.
 */
export function launchOfStep(launch: Launch, step: keyof typeof ENTRANCES): Launch {
  const script = launch.script.replace(/(?<=\/scripts\/)hushbook\.ts$/u, ENTRANCES[step]);
  return { ...launch, script };
}

/**
 * Shell lines that set `$deno`, and call `missing` if hushbook cannot be started.
 *
 * @param launch What was known at install time.
 * @returns Lines for `/bin/sh`, which expect a shell function `missing`.
 */
export function findingLines({ deno, script, program, denoFolder }: Launch): string[] {
  const local = !isAddress(script);
  return [
    `unset ${LOADER}`,
    "DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1",
    `HUSHBOOK_PROGRAM=${shellWord(program)}`,
    "export DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON HUSHBOOK_PROGRAM",
    // What was fetched at install time is there and nowhere else.
    ...(local
      ? []
      : denoFolder === undefined
      ? ["unset DENO_DIR"]
      : [`DENO_DIR=${shellWord(denoFolder)}`, "export DENO_DIR"]),
    `deno=${shellWord(deno)}`,
    `if [ ! -x "$deno" ]; then`,
    `  for deno in "$(command -v deno 2>/dev/null)" "\${DENO_INSTALL:-/nowhere}/bin/deno" \\`,
    `    "\${HOME:-/nowhere}/.deno/bin/deno" /usr/local/bin/deno /usr/bin/deno /opt/homebrew/bin/deno; do`,
    `    if [ -f "$deno" ] && [ -x "$deno" ]; then break; fi`,
    "    deno=",
    "  done",
    "fi",
    `if [ -z "$deno" ]; then`,
    `  missing "Deno is not where it was (${
      shellText(deno)
    }), not on the PATH and not in ~/.deno/bin; install it (https://deno.com) and try again"`,
    "fi",
    ...(local
      ? [
        `script=${shellWord(script)}`,
        `if [ ! -f "$script" ]; then`,
        `  missing "hushbook is not where it was (${
          shellText(script)
        }); run its 'hook install' again in this repository"`,
        "fi",
      ]
      : [`script=${shellWord(script)}`]),
  ];
}

/**
 * The shell line that becomes hushbook.
 *
 * @param launch What was known at install time.
 * @param rights What the step may do.
 * @param words The command and its arguments, as words of the shell.
 * @returns A line that ends the script. Its `hook` rights expect `$folders`.
 */
export function startLine(
  { script }: Launch,
  rights: keyof typeof RIGHTS,
  words: string,
): string {
  // Nothing in the user's repository may change or stop it: no deno.json, lock file or package.json.
  const apart = "--no-config --no-lock --cached-only --no-npm --no-prompt --quiet";
  const remote = isAddress(script) ? "" : " --no-remote";
  return `"$deno" run ${apart}${remote} ${RIGHTS[rights]} "$script" ${words}`;
}

/**
 * Shell lines that, after a hushbook from an address ended with `$code`, call `missing` if that was
 * for want of what Deno had fetched.
 *
 * @param launch What was known at install time.
 * @returns Lines for `/bin/sh`, which expect `missing` and `$folders`; none for a hushbook in a file.
 */
export function lostLines(launch: Launch): string[] {
  const { script, program } = launch;
  if (!isAddress(script)) return [];
  return [
    `if [ "$code" -ne 0 ] && ! ${startLine(launch, "hook", "hook --help")} >/dev/null 2>&1; then`,
    `  missing "hushbook is no longer in Deno's cache; run '${
      shellText(program)
    } hook install' again in this repository"`,
    "fi",
  ];
}

/**
 * Whether hushbook was started from an address and not from a file.
 *
 * @param script A path or an address.
 * @returns True for an address.
 */
export function isAddress(script: string): boolean {
  return /^https?:\/\//u.test(script);
}

/** Text inside double quotes of a shell. */
function shellText(text: string): string {
  return text.replace(/[\\"$`]/gu, "\\$&");
}
