/**
 * Skipping JSON values in WebAssembly, for who reads many files: 16 bytes at a time, and at full speed
 * from the first file on, where JavaScript has to warm up. It only says yes; whatever it does not
 * accept, the scanner in JavaScript decides, and explains.
 *
 * @module
 */

import { SKIP_WASM } from "./skip_wasm.ts";

/** Skips one value; takes the address of its first byte, returns the one after it, or 0. */
export type Skip = (at: number) => number;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly skipValue: Skip;
}

/** Where a file begins in the memory: before it are the open brackets. */
const FILE = 65_536;
/** What must follow a file: a zero, and what is read 16 bytes at a time. */
const AFTER = 32;
const PAGE = 65_536;

let exports: Exports | null | undefined;

function load(): Exports | null {
  try {
    const module = new WebAssembly.Module(Uint8Array.fromBase64(SKIP_WASM));
    return new WebAssembly.Instance(module).exports as unknown as Exports;
  } catch {
    return null; // a machine without such instructions, or an engine told to do without
  }
}

/**
 * Memory to read files into, so that {@link skipIn} works on them. There is one such memory: what was
 * read into it before must not be used any more, for when it grows, it moves.
 *
 * @param size So many bytes are needed.
 * @returns At least that much memory; ordinary memory where the engine offers no other.
 */
export function roomForFile(size: number): Uint8Array {
  exports ??= load();
  if (exports === null) return new Uint8Array(size);
  const { memory } = exports;
  const pages = Math.ceil((FILE + size + AFTER) / PAGE);
  const missing = pages - memory.buffer.byteLength / PAGE;
  try {
    if (missing > 0) memory.grow(missing);
  } catch {
    return new Uint8Array(size); // the system has no more of it
  }
  return new Uint8Array(memory.buffer, FILE, memory.buffer.byteLength - FILE - AFTER);
}

/**
 * Marks the end of a file that was read into {@link roomForFile}'s memory; does nothing for others.
 *
 * @param file The bytes that were read, with memory to spare behind them.
 */
export function endInRoom(file: Uint8Array): void {
  if (exports?.memory.buffer !== file.buffer) return;
  new Uint8Array(file.buffer)[file.byteOffset + file.length] = 0;
}

/**
 * How to skip values of a file in WebAssembly.
 *
 * @param file The file.
 * @returns The function, or undefined when the file is in other memory or its end is not marked.
 */
export function skipIn(file: Uint8Array): Skip | undefined {
  if (exports?.memory.buffer !== file.buffer || file.byteOffset !== FILE) return undefined;
  const after = new Uint8Array(file.buffer, FILE + file.length, 1);
  return after[0] === 0 ? exports.skipValue : undefined;
}
