/**
 * Assembles src/notebook/skip.wat and writes it into src/notebook/skip_wasm.ts:
 * `deno run -A tests/kit/build_skip.ts`, then `deno fmt`.
 */
import wabt from "wabt";

const file = (path: string) => new URL(`../../src/notebook/${path}`, import.meta.url);

/** The WebAssembly module that the source says, in base64. */
export async function assembleSkip(): Promise<string> {
  const assembler = await wabt();
  const source = await Deno.readTextFile(file("skip.wat"));
  const module = assembler.parseWat("skip.wat", source, { simd: true });
  try {
    module.validate();
    return new Uint8Array(module.toBinary({}).buffer).toBase64();
  } finally {
    module.destroy();
  }
}

if (import.meta.main) {
  const lines = (await assembleSkip()).match(/.{1,88}/g)!.map((line) => `  "${line}"`);
  await Deno.writeTextFile(
    file("skip_wasm.ts"),
    `/**
 * The assembled form of skip.wat, in base64. Written by tests/kit/build_skip.ts; a test assembles the
 * source again and compares.
 *
 * @module
 */

/** A WebAssembly module in base64; what it does is told in skip.wat. */
export const SKIP_WASM: string =
${lines.join(" +\n")};
`,
  );
}
