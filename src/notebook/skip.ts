/**
 * Skipping JSON values in WebAssembly, for who reads many files: 16 bytes at a time, and at full speed
 * from the first file on, where JavaScript has to warm up. It only says yes; whatever it does not
 * accept, the scanner in JavaScript decides, and explains.
 *
 * @module
 */

import type { KeyTree } from "./removable.ts";
import { SKIP_WASM } from "./skip_wasm.ts";

/** Skips one value; takes the address of its first byte, returns the one after it, or 0. */
export type Skip = (at: number) => number;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly skipValue: Skip;
  readonly skipPlainCells: Skip;
}

/** Where a file begins in the memory: before it are the open brackets, and marks. */
const FILE = 2 * 65_536;
/** Where skip.wat expects marks for keys of cells, and of their metadata: a byte for each {@link slot}. */
const CELL_MARKS = 65_536, METADATA_MARKS = 65_792, SLOTS = 256;
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
export function roomForFile(size: number): Uint8Array<ArrayBuffer> {
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
  return new Uint8Array(
    memory.buffer as ArrayBuffer,
    FILE,
    memory.buffer.byteLength - FILE - AFTER,
  );
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

function marked(file: Uint8Array): Exports | undefined {
  if (exports?.memory.buffer !== file.buffer || file.byteOffset !== FILE) return undefined;
  const after = new Uint8Array(file.buffer, FILE + file.length, 1);
  return after[0] === 0 ? exports! : undefined;
}

/**
 * How to skip values of a file in WebAssembly.
 *
 * @param file The file.
 * @returns The function, or undefined when the file is in other memory or its end is not marked.
 */
export function skipIn(file: Uint8Array): Skip | undefined {
  return marked(file)?.skipValue;
}

const encoder = new TextEncoder();

/** By what skip.wat knows a key: its first byte, its last one, and its length. */
function slot(key: string): number {
  const bytes = encoder.encode(key);
  return (bytes[0]! * 7 + bytes.at(-1)! * 3 + bytes.length) % SLOTS;
}

/** The keys that are marked now. */
let markedKeys: KeyTree | undefined;

function mark({ buffer }: WebAssembly.Memory, keys: KeyTree): void {
  if (markedKeys === keys) return;
  new Uint8Array(buffer, CELL_MARKS, 2 * SLOTS).fill(0);
  const metadata = keys.inside.get("metadata");
  const cell = new Set([...keys.whole, ...keys.inside.keys()]);
  cell.delete("metadata"); // looked into
  for (
    const [at, names] of [
      [CELL_MARKS, cell],
      [METADATA_MARKS, [...metadata?.whole ?? [], ...metadata?.inside.keys() ?? []]],
    ] as const
  ) {
    const marks = new Uint8Array(buffer, at, SLOTS);
    for (const key of names) if (key !== "") marks[slot(key)] = 1;
  }
  markedKeys = keys;
}

/**
 * How to skip cells of a file in which nothing is to be stripped: without outputs, without execution
 * count, without a key that goes.
 *
 * @param file The file.
 * @param keys The keys that go from each cell.
 * @returns A function from the address of a cell to that of the first one after it that is not so, or
 * is the last of its list; undefined as for {@link skipIn}.
 */
export function skipPlainCellsIn(file: Uint8Array, keys: KeyTree): Skip | undefined {
  const known = marked(file);
  if (known === undefined) return undefined;
  mark(known.memory, keys);
  return known.skipPlainCells;
}
