/**
 * SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104) of short messages, at once.
 *
 * The runtime has both twice: WebCrypto's answers only later, from another thread, and loading
 * `node:crypto` costs more time (16 ms) than everything else that finds a token or records an
 * event. For messages of some hundred bytes this is as fast as `node:crypto` is once it is loaded.
 * The tests compare it with both.
 *
 * @module
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND = new Int32Array(64);
/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const START = new Int32Array(8);

for (let prime = 2, count = 0; count < 64; prime++) {
  let divisor = 2;
  while (divisor * divisor <= prime && prime % divisor !== 0) divisor++;
  if (divisor * divisor <= prime) continue;
  const fraction = (root: number) => (root - Math.floor(root)) * 2 ** 32;
  if (count < 8) START[count] = fraction(Math.sqrt(prime));
  ROUND[count++] = fraction(Math.cbrt(prime));
}

const BLOCK = 64;
const schedule = new Int32Array(64);

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** Takes one block of 64 bytes into the state. */
function compress(state: Int32Array, bytes: Uint8Array, from: number): void {
  for (let t = 0, at = from; t < 16; t++, at += 4) {
    schedule[t] = bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
  }
  for (let t = 16; t < 64; t++) {
    const near = schedule[t - 2]!, far = schedule[t - 15]!;
    const s1 = rotated(near, 17) ^ rotated(near, 19) ^ (near >>> 10);
    const s0 = rotated(far, 7) ^ rotated(far, 18) ^ (far >>> 3);
    schedule[t] = s1 + schedule[t - 7]! + s0 + schedule[t - 16]!;
  }
  let a = state[0]!, b = state[1]!, c = state[2]!, d = state[3]!;
  let e = state[4]!, f = state[5]!, g = state[6]!, h = state[7]!;
  for (let t = 0; t < 64; t++) {
    const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const one = (h + sum1 + ((e & f) ^ (~e & g)) + ROUND[t]! + schedule[t]!) | 0;
    const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  state[0]! += a;
  state[1]! += b;
  state[2]! += c;
  state[3]! += d;
  state[4]! += e;
  state[5]! += f;
  state[6]! += g;
  state[7]! += h;
}

/** Takes the rest of a message into the state, of which `before` bytes are in it, and ends it. */
function finish(state: Int32Array, message: Uint8Array, before: number): Uint8Array<ArrayBuffer> {
  const whole = message.length - message.length % BLOCK;
  for (let from = 0; from < whole; from += BLOCK) compress(state, message, from);
  // The rest, one 1 bit, zeros, and the length in bits.
  const rest = message.length - whole;
  const last = new Uint8Array(rest < BLOCK - 8 ? BLOCK : 2 * BLOCK);
  last.set(message.subarray(whole));
  last[rest] = 0x80;
  const bytes = before + message.length;
  const view = new DataView(last.buffer);
  view.setUint32(last.length - 8, Math.floor(bytes / 2 ** 29));
  view.setUint32(last.length - 4, bytes * 8 % 2 ** 32);
  for (let from = 0; from < last.length; from += BLOCK) compress(state, last, from);
  const digest = new Uint8Array(32);
  const out = new DataView(digest.buffer);
  for (const [index, word] of state.entries()) out.setInt32(4 * index, word);
  return digest;
}

/**
 * Hashes a message.
 *
 * @param message Bytes, or a text, which is hashed as UTF-8.
 * @returns 64 lower-case hexadecimal digits.
 */
export function sha256(message: string | Uint8Array): string {
  const bytes = typeof message === "string" ? new TextEncoder().encode(message) : message;
  return finish(START.slice(), bytes, 0).toHex();
}

/**
 * Makes a function that computes HMAC-SHA-256 under one key.
 *
 * @param key The key; 32 random bytes are best.
 * @returns A function from a message to 64 lower-case hexadecimal digits.
 */
export function hmacSha256(key: Uint8Array): (message: Uint8Array) => string {
  const short = key.length > BLOCK ? finish(START.slice(), key, 0) : key;
  const begun = (mask: number) => {
    const block = new Uint8Array(BLOCK).fill(mask);
    for (const [index, byte] of short.entries()) block[index]! ^= byte;
    const state = START.slice();
    compress(state, block, 0);
    return state;
  };
  const inner = begun(0x36);
  const outer = begun(0x5c);
  return (message) => finish(outer.slice(), finish(inner.slice(), message, BLOCK), BLOCK).toHex();
}
