/** Damage to what was whole. */

import type { Choices } from "../kit/planted/notebook.ts";

/** Cuts, doubles, moves, flips and inserts, `times` times. */
export function damage(
  choices: Choices,
  whole: Uint8Array,
  words: readonly string[],
  times: number,
): Uint8Array {
  let bytes = Array.from(whole);
  for (let n = 0; n < times; n++) {
    const at = choices.below(bytes.length + 1);
    const length = choices.below(choices.pick([2, 8, 64, 1024]));
    switch (choices.below(6)) {
      case 0:
        bytes.splice(at, length);
        break;
      case 1:
        bytes.splice(at, 0, ...bytes.slice(at, at + length));
        break;
      case 2:
        bytes.splice(choices.below(bytes.length + 1), 0, ...bytes.splice(at, length));
        break;
      case 3:
        if (at < bytes.length) bytes[at]! ^= 1 << choices.below(8);
        break;
      case 4:
        bytes.splice(at, 0, ...new TextEncoder().encode(choices.pick(words)));
        break;
      default:
        bytes = choices.below(8) === 0 ? bytes.slice(0, at) : bytes;
    }
  }
  return Uint8Array.from(bytes);
}
