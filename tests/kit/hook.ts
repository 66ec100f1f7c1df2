/** A repository with the hook installed, and notebooks to commit in it. */

import { install, type InstallOptions } from "../../src/git/install.ts";
import type { Launch } from "../../src/git/launcher.ts";
import { type TestRepository, testRepository } from "./repository.ts";

/** How the hushbook under test is started. */
export const LAUNCH: Launch = {
  deno: Deno.execPath(),
  script: new URL("../../scripts/hushbook.ts", import.meta.url).pathname,
  program: "hushbook",
  denoFolder: undefined,
};

/** Installs the hook as `hook install` does. */
export function installIn(
  repository: TestRepository,
  more: Partial<InstallOptions> = {},
): Promise<string[]> {
  return install({ cwd: repository.path, launch: LAUNCH, wouldClear: () => false, ...more });
}

/** An empty repository with the hook installed. */
export async function hookedRepository(...initArgs: string[]): Promise<TestRepository> {
  const repository = await testRepository(...initArgs);
  await installIn(repository);
  return repository;
}

/** A notebook as Jupyter writes it: one code cell for each source, with or without its output. */
export function cellsOf(sources: readonly string[], output?: string): string {
  const cells = sources.map((source, at) => ({
    cell_type: "code",
    execution_count: output === undefined ? null : at + 1,
    metadata: {},
    outputs: output === undefined
      ? []
      : [{ name: "stdout", output_type: "stream", text: [`${output}\n`] }],
    source: source.split(/(?<=\n)/u),
  }));
  const metadata = { language_info: { name: "typescript" } };
  return `${JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 4 }, null, 1)}\n`;
}
