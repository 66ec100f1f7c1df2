/**
 * Programs that manage a repository's hooks themselves. They write over a hook file, or keep their
 * own list of steps, so hushbook is one of their steps instead.
 *
 * @module
 */

/** A program that manages the hooks of a repository. */
export interface HookManager {
  /** Its name. */
  readonly name: "husky" | "pre-commit" | "lefthook";
  /** The file, from the top of the working tree, where its steps are listed. */
  readonly file: string;
  /** Whether hushbook is one of its steps already. */
  readonly runsHushbook: boolean;
}

/**
 * Finds out whether another program manages the hooks.
 *
 * @param top The top of the working tree, absolute.
 * @param hooks The hooks folder in force, absolute.
 * @returns The program, or undefined if there is none.
 */
export async function hookManager(top: string, hooks: string): Promise<HookManager | undefined> {
  const inside = hooks.startsWith(`${top}/`) ? hooks.slice(top.length + 1) : "";
  const hook = await textOf(`${hooks}/pre-commit`);
  if (/^(?:.*\/)?\.husky(?:\/_)?$/u.test(inside) || /husky\.sh|husky_skip_init/u.test(hook)) {
    const file = `${inside.replace(/\/_$/u, "") || ".husky"}/pre-commit`;
    return { name: "husky", file, runsHushbook: runs(await textOf(`${top}/${file}`)) };
  }
  if (hook.includes("https://pre-commit.com")) {
    const file = ".pre-commit-config.yaml";
    return { name: "pre-commit", file, runsHushbook: runs(await textOf(`${top}/${file}`)) };
  }
  if (/\bcall_lefthook\b/u.test(hook)) {
    const file = "lefthook.yml";
    return { name: "lefthook", file, runsHushbook: runs(await textOf(`${top}/${file}`)) };
  }
  return undefined;
}

/**
 * What to add to the manager's file.
 *
 * @param manager The program.
 * @param program What starts hushbook, ready for a shell.
 * @returns Lines to add.
 */
export function linesToAdd({ name }: HookManager, program: string): string[] {
  if (name === "husky") return [`${program} hook run`];
  if (name === "lefthook") {
    const run = yamlText(`${program} hook run`);
    return ["pre-commit:", "  commands:", "    hushbook:", `      run: ${run}`];
  }
  return [
    "repos:",
    "  - repo: local",
    "    hooks:",
    "      - id: hushbook",
    "        name: hushbook",
    `        entry: ${yamlText(`${program} hook fix --`)}`,
    "        language: system",
    "        types: [file]",
    "        require_serial: true",
  ];
}

function runs(text: string): boolean {
  return text.split("\n").some((line) => /hushbook/u.test(line) && !/^\s*#/u.test(line));
}

function yamlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch {
    return "";
  }
}
