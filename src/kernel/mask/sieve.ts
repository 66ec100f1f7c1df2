/**
 * Looking through long outputs in WebAssembly: one byte a character, and 64 at a time where colour
 * codes are listed. It takes ASCII only, which nearly every long output is; where it cannot be
 * had, everything is looked at in JavaScript.
 *
 * @module
 */

import type { Finder } from "./finder.ts";
import { SIEVE_WASM } from "./sieve_wasm.ts";

interface Exports {
  readonly memory: WebAssembly.Memory;
  triple(at: number, end: number, step: number): number;
  list(at: number, end: number, least: number): void;
  split(at: number, end: number): number;
}

/** Addresses of sieve.wat. */
const PAIRS = 65_536, TEXT = 344_320;
/** What may be read after the chunk's end, 64 bytes at a time and a code. */
const AFTER = 96;

/** So many characters are copied first. */
const PROBE = 256;

/** How many characters a chunk may have. */
export const ROOM = 65_536;

const utf8 = new TextEncoder();
let exports: Exports | null | undefined;
let memory: Uint8Array = new Uint8Array(0);
let prepared: Finder | undefined;

function load(): Exports | null {
  try {
    const bytes = Uint8Array.from(atob(SIEVE_WASM), (character) => character.charCodeAt(0));
    const module = new WebAssembly.Module(bytes);
    return new WebAssembly.Instance(module).exports as unknown as Exports;
  } catch {
    return null; // a machine without such instructions, or an engine told to do without
  }
}

/** Whether the part is ASCII; its bytes are in the memory then. */
function copy(text: string, from: number, end: number): boolean {
  const length = end - from;
  const bytes = memory.subarray(TEXT, TEXT + length);
  const { read, written } = utf8.encodeInto(text.slice(from, end), bytes);
  return read === length && written === length;
}

/** A part of a text in the sieve's memory. All places are those in the whole text. */
export interface Sieve {
  /** As `Finder`'s own: the next place of its grid where something may be, or `end`. */
  triple(from: number, end: number): number;
  /**
   * The next escape character from `from` on that may split a secret, or the part's end. The part's
   * first character does not count: what stands before it is not known. Call it with rising places.
   */
  split(from: number): number;
}

/**
 * Puts a part of a text into the sieve's memory, in place of what was there.
 *
 * @param text Any text.
 * @param from Where the part begins.
 * @param end Where it ends, {@link ROOM} later at most.
 * @param finder What to look for.
 * @returns The sieve, or undefined when the part holds more than ASCII or there is no WebAssembly.
 */
export function sieve(text: string, from: number, end: number, finder: Finder): Sieve | undefined {
  exports ??= load();
  if (exports === null) return undefined;
  if (prepared !== finder) {
    memory = new Uint8Array(exports.memory.buffer);
    memory.set(finder.tables.triples);
    memory.set(finder.tables.pairs, PAIRS);
    prepared = finder;
  }
  const length = end - from;
  // Other text is known from its first characters nearly always, and is slow to copy.
  if (!copy(text, from, Math.min(from + PROBE, end)) || !copy(text, from, end)) return undefined;
  memory.fill(0, TEXT + length, TEXT + length + AFTER);
  const { triple, list, split } = exports;
  const shift = TEXT - from;
  let listed = false;
  return {
    triple: (at, until) => triple(at + shift, until + shift, finder.grid) - shift,
    split(at) {
      if (!listed) list(TEXT, TEXT + length, finder.tables.characters.indexOf(1));
      listed = true;
      return split(at + shift, TEXT + length) - shift;
    },
  };
}
