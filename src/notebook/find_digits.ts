/**
 * The digits of base64 and hexadecimal text, read one after the other in both directions, across line
 * ends however they are spelled.
 *
 * @module
 */

/** Value of each base64 and base64url character; 255 for any other. */
export const SEXTET: Uint8Array = new Uint8Array(256).fill(255);
/** Value of each hexadecimal digit; 255 for any other. */
export const NIBBLE: Uint8Array = new Uint8Array(256).fill(255);
/** The 64 characters of base64 (RFC 4648, 4). */
export const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
for (let i = 0; i < 64; i++) SEXTET[BASE64.charCodeAt(i)] = i;
SEXTET[45] = 62;
SEXTET[95] = 63;
for (let i = 0; i < 16; i++) {
  NIBBLE[i.toString(16).charCodeAt(0)] = i;
  NIBBLE[i.toString(16).toUpperCase().charCodeAt(0)] = i;
}

/** From the end of one literal to the beginning of the next, in a JSON list or in source code. */
const LITERALS = '\\\\{0,64}["\'](?:[\\s+,.&()"\\\\]|(?<=\\\\)[nr]){0,80}["\']';
/** A line end in encoded text: raw, escaped at any depth, or the joint of two literals. */
const JOINT = new RegExp(`(?:\\\\{1,64}[nr]|[\\r\\n][ \\t]{0,80}|${LITERALS}){1,4}`, "y");
const JOINT_BEFORE = new RegExp(`(?:\\\\{1,64}[nr]|[\\r\\n][ \\t]{0,80}|${LITERALS})$`);
/** How far before an index {@link JOINT_BEFORE} is looked for. */
const LONGEST_JOINT = 200;

function jointEnd(raw: string, at: number): number {
  const code = raw.charCodeAt(at);
  if (code !== 92 && code !== 10 && code !== 13 && code !== 34 && code !== 39) return -1;
  JOINT.lastIndex = at;
  return JOINT.test(raw) ? JOINT.lastIndex : -1;
}

/** Index of the last character before a joint that ends before `at`, or -1. */
function beforeJoint(raw: string, at: number): number {
  let end = at;
  for (let joints = 0; joints < 4; joints++) {
    const code = raw.charCodeAt(end - 1);
    const mayBe = code === 110 || code === 114 || code === 10 || code === 13 || code === 32 ||
      code === 9 || code === 34 || code === 39;
    if (!mayBe) break;
    const match = JOINT_BEFORE.exec(raw.slice(Math.max(0, end - LONGEST_JOINT), end));
    if (match === null) break;
    end -= match[0].length;
  }
  return end < at ? end - 1 : -1;
}

/** Reads digits one after the other, across line ends, from an index to either side. */
export class Digits {
  readonly #raw: string;
  readonly #values: Uint8Array;

  /**
   * Prepares to read.
   *
   * @param raw The text, one character per byte.
   * @param values The value of each byte as a digit; 64 or more for what is none.
   */
  constructor(raw: string, values: Uint8Array) {
    this.#raw = raw;
    this.#values = values;
  }

  /** Whether a digit stands at an index. */
  isDigit(at: number): boolean {
    return at >= 0 && at < this.#raw.length && this.#values[this.#raw.charCodeAt(at) & 255]! < 64;
  }

  /** The index of the next digit after one, or -1. */
  after(at: number): number {
    if (this.isDigit(at + 1)) return at + 1;
    if (this.#raw.charCodeAt(at + 1) === 92 && this.#raw.charCodeAt(at + 2) === 47) {
      return this.isDigit(at + 2) ? at + 2 : -1; // `\/`
    }
    const end = jointEnd(this.#raw, at + 1);
    return end >= 0 && this.isDigit(end) ? end : -1;
  }

  /** The index of the digit before one, or -1. */
  before(at: number): number {
    const plain = at - 1;
    // In `\n` after a joint's backslash the `n` is no digit, though it looks like one.
    const isJoint = (this.#raw.charCodeAt(plain) === 110 || this.#raw.charCodeAt(plain) === 114) &&
      this.#raw.charCodeAt(plain - 1) === 92;
    if (!isJoint && this.isDigit(plain)) return plain;
    if (plain < 0) return -1;
    if (this.#raw.charCodeAt(plain) === 92 && this.isDigit(plain - 1)) return plain - 1;
    const end = beforeJoint(this.#raw, at);
    return end >= 0 && this.isDigit(end) ? end : -1;
  }

  /** The value of the digit at an index. */
  value(at: number): number {
    return this.#values[this.#raw.charCodeAt(at)]!;
  }
}
