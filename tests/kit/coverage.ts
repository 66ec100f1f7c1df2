/**
 * Counts lines in processes that `deno test --coverage` would not see: kernels, and what git starts.
 * Does nothing unless `DENO_COVERAGE_DIR` is set, as `deno task coverage` does.
 */

import type { Kernel } from "../../src/kernel/client.ts";

const FOLDER = Deno.env.get("DENO_COVERAGE_DIR");

/** The variable that makes Deno count, for programs that get an environment of their own. */
export const COVERAGE_ENV: Readonly<Record<string, string>> = FOLDER === undefined
  ? {}
  : { DENO_COVERAGE_DIR: FOLDER };

/** A timer: the kernel's own inspector is busy while a cell runs, and V8 cannot be asked then. */
const COLLECT = (file: string) =>
  `setTimeout(async () => {
    const { result } = await globalThis.__coverage.post("Profiler.takePreciseCoverage");
    const { writeTextFileSync, renameSync } = Deno;
    writeTextFileSync(${JSON.stringify(`${file}.part`)}, JSON.stringify(result));
    renameSync(${JSON.stringify(`${file}.part`)}, ${JSON.stringify(file)});
  }); undefined`;

const START = `globalThis.__coverage = new (await import("node:inspector/promises")).Session();
globalThis.__coverage.connect();
await globalThis.__coverage.post("Profiler.enable");
await globalThis.__coverage.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
undefined`;

/** Counts the lines that the cells of a kernel run, and keeps the counts when it is shut down. */
export async function coverKernel(kernel: Kernel): Promise<Kernel> {
  if (FOLDER === undefined) return kernel;
  await kernel.execute(START);
  const shutdown = kernel.shutdown.bind(kernel);
  let ending: Promise<void> | undefined;
  kernel.shutdown = () => ending ??= collect(kernel, FOLDER).catch(() => {}).then(shutdown);
  return kernel;
}

async function collect(kernel: Kernel, folder: string): Promise<void> {
  if (!kernel.alive) return;
  const file = `${folder}/kernel-${crypto.randomUUID()}`;
  await kernel.execute(COLLECT(file), { timeoutMs: 2000 });
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((done) => setTimeout(done, 20));
    const text = await Deno.readTextFile(file).catch(() => undefined);
    if (text === undefined) continue;
    await Deno.remove(file);
    for (const script of JSON.parse(text) as { url: string }[]) {
      if (!script.url.includes("/src/")) continue;
      await Deno.writeTextFile(`${folder}/${crypto.randomUUID()}.json`, JSON.stringify(script));
    }
    return;
  }
}
