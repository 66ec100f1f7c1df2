/**
 * A real Deno kernel for tests. Starting one costs about 0.2 s, so the tests of a file may share one:
 *
 *     const kernel = sharedKernel();
 *     Deno.test("…", async () => assert.equal(await printed(kernel(), "1 + 1"), "2\n"));
 */

import assert from "node:assert/strict";
import { Kernel, type KernelOptions } from "../../src/kernel/client.ts";
import type { ExecuteOptions } from "../../src/kernel/execution.ts";
import { outputText } from "../../src/kernel/outputs.ts";
import { coverKernel } from "./coverage.ts";

/** The address of the public API, for `import` in a cell. */
export const MOD_URL: string = new URL("../../mod.ts", import.meta.url).href;

/** The repository: the kernel's default folder, so that bare specifiers in `src/` resolve. */
export const ROOT: string = new URL("../..", import.meta.url).pathname;

/**
 * Starts a kernel in the repository's folder, without colours, and without any token of the
 * environment that runs the tests.
 */
export async function startKernel(options: KernelOptions = {}): Promise<Kernel> {
  const { PATH = "", HOME = "", DENO_DIR } = Deno.env.toObject();
  const env = { PATH, HOME, ...(DENO_DIR !== undefined && { DENO_DIR }), NO_COLOR: "1" };
  return await coverKernel(
    await Kernel.start({ cwd: ROOT, clearEnv: true, ...options, env: { ...env, ...options.env } }),
  );
}

/**
 * Registers one kernel for all tests of a file: started before the first, ended after the last.
 *
 * @returns The kernel, once tests run.
 */
export function sharedKernel(options: KernelOptions = {}): () => Kernel {
  let kernel: Kernel | undefined;
  Deno.test.beforeAll(async () => {
    kernel = await startKernel(options);
  });
  Deno.test.afterAll(async () => {
    await kernel?.shutdown();
  });
  return () => {
    if (kernel === undefined) throw new Error("The kernel is only there while tests run");
    return kernel;
  };
}

/** Executes a cell that must succeed and returns the plain text of its outputs. */
export async function printed(
  kernel: Kernel,
  code: string,
  options?: ExecuteOptions,
): Promise<string> {
  const result = await kernel.execute(code, options);
  assert.equal(result.status, "ok", `${result.error?.stack ?? result.status}\n${code}`);
  return outputText(result.outputs);
}
