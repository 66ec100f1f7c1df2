/**
 * Fake tokens, assembled at run time from a seeded generator: no scanner, ours included, may find
 * one in this repository.
 */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const DIGITS = "0123456789";

/** A small seeded generator (mulberry32) of numbers in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** `length` random characters of `alphabet`. */
export function randomText(length: number, seed: number, alphabet: string = LETTERS): string {
  const random = seededRandom(seed);
  let text = "";
  while (text.length < length) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** A user access token of the Hub's shape: `hf_` and 34 random letters. Same seed, same token. */
export function fakeToken(seed = 1): string {
  return ["hf", randomText(34, seed)].join("_");
}

/** As {@link fakeToken}, with digits in the body. */
export function fakeTokenWithDigits(seed = 1): string {
  return ["hf", randomText(34, seed, LETTERS + DIGITS)].join("_");
}
