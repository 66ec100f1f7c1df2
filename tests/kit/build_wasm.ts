/**
 * Assembles the WebAssembly sources into the TypeScript files beside them:
 * `deno run -A --lock=tests/deno.lock tests/kit/build_wasm.ts`, then `deno fmt`.
 */
import wabt from "wabt";

/** What there is to assemble: the source without its ending, and the constant's name. */
const MODULES = { "notebook/skip": "SKIP_WASM", "kernel/mask/sieve": "SIEVE_WASM" } as const;

const file = (path: string) => new URL(`../../src/${path}`, import.meta.url);

/** The WebAssembly module that a source says, in base64. */
export async function assemble(source: keyof typeof MODULES): Promise<string> {
  const assembler = await wabt();
  const text = await Deno.readTextFile(file(`${source}.wat`));
  const module = assembler.parseWat(`${source}.wat`, text, { simd: true });
  try {
    module.validate();
    return new Uint8Array(module.toBinary({}).buffer).toBase64();
  } finally {
    module.destroy();
  }
}

if (import.meta.main) {
  for (const [source, constant] of Object.entries(MODULES)) {
    const name = `${source.split("/").at(-1)}.wat`;
    const base64 = await assemble(source as keyof typeof MODULES);
    const lines = base64.match(/.{1,88}/g)!.map((line) => `  "${line}"`);
    await Deno.writeTextFile(
      file(`${source}_wasm.ts`),
      `/**
 * The assembled form of ${name}, in base64. Written by tests/kit/build_wasm.ts; a test assembles the
 * source again and compares.
 *
 * @module
 */

/** A WebAssembly module in base64; what it does is told in ${name}. */
export const ${constant}: string =
${lines.join(" +\n")};
`,
    );
  }
}
