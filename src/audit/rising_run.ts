/**
 * What was not moved in a list that should rise.
 *
 * @module
 */

/**
 * The longest run of rising numbers, by patience sorting in n log n steps: what an observer who
 * trusts the MACs takes for unmoved.
 *
 * @param entries The entries in the order in which they stand.
 * @returns Those of the longest run; of several as long, one.
 */
export function risingRun<T extends { seq: number }>(entries: readonly T[]): Set<T> {
  if (entries.every((entry, index) => index === 0 || entry.seq > entries[index - 1]!.seq)) {
    return new Set(entries);
  }
  const tails: number[] = []; // index of the smallest last entry of a run of each length
  const previous = new Array<number>(entries.length).fill(-1);
  for (const [index, { seq }] of entries.entries()) {
    let low = 0;
    for (let high = tails.length; low < high;) {
      const middle = (low + high) >> 1;
      if (entries[tails[middle]!]!.seq < seq) low = middle + 1;
      else high = middle;
    }
    previous[index] = tails[low - 1] ?? -1;
    tails[low] = index;
  }
  const run: T[] = [];
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index]!) {
    run.push(entries[index]!);
  }
  return new Set(run.reverse());
}
