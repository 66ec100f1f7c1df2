/**
 * Cutting spans out of a file: which commas and spaces go with a member or an element, and putting
 * the kept bytes together.
 *
 * @module
 */

/** A span to leave out of a file, and what stands in its place. */
export interface Cut {
  /** Position of the first byte left out. */
  readonly start: number;
  /** Position after the last byte left out. */
  readonly end: number;
  /** What stands there instead, if anything. */
  readonly put?: Uint8Array;
}

/**
 * Cuts members out of an object, or elements out of an array, so that the rest is valid and tidy:
 * a comma goes with each, the line break and indent before a kept one stay, and a container without
 * anything left becomes `{}` or `[]`.
 *
 * @param container Positions of the opening bracket and after the closing one.
 * @param items Members or elements in order.
 * @param removed Says which of them go.
 * @param cuts Receives the cuts, in order.
 * @returns How many items go.
 */
export function cutItems<Item extends { readonly start: number; readonly end: number }>(
  container: { readonly start: number; readonly end: number },
  items: readonly Item[],
  removed: (item: Item, index: number) => boolean,
  cuts: Cut[],
): number {
  let count = 0;
  let from = -1; // where the pending cut begins
  let keptEnd = -1; // end of the last kept item
  items.forEach((item, index) => {
    if (removed(item, index)) {
      count++;
      if (from < 0) from = keptEnd < 0 ? item.start : keptEnd;
      return;
    }
    // After a kept item the cut runs from its end to the end of the last removed one; before any
    // kept item it runs up to the beginning of the first kept one.
    if (from >= 0) {
      cuts.push({ start: from, end: keptEnd < 0 ? item.start : items[index - 1]!.end });
    }
    from = -1;
    keptEnd = item.end;
  });
  if (count > 0 && count === items.length) {
    cuts.push({ start: container.start + 1, end: container.end - 1 });
  } else if (from >= 0) {
    cuts.push({ start: from, end: items.at(-1)!.end });
  }
  return count;
}

/**
 * How much shorter a file becomes.
 *
 * @param cuts Spans to leave out.
 * @returns The difference in bytes; negative when more is put in than left out.
 */
export function cutLength(cuts: readonly Cut[]): number {
  return cuts.reduce((sum, { start, end, put }) => sum + end - start - (put?.length ?? 0), 0);
}

/**
 * Puts the kept bytes of a file together.
 *
 * @param bytes The file.
 * @param cuts Spans to leave out, in any order, none overlapping another.
 * @returns A new array; the given one is not changed.
 */
export function applyCuts(bytes: Uint8Array, cuts: readonly Cut[]): Uint8Array<ArrayBuffer> {
  const ordered = [...cuts].sort((a, b) => a.start - b.start);
  const result = new Uint8Array(bytes.length - cutLength(cuts));
  let read = 0;
  let written = 0;
  for (const { start, end, put } of ordered) {
    result.set(bytes.subarray(read, start), written);
    written += start - read;
    if (put !== undefined) {
      result.set(put, written);
      written += put.length;
    }
    read = end;
  }
  result.set(bytes.subarray(read), written);
  return result;
}
