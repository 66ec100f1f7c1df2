/**
 * SHA-256 (FIPS 180-4) of a short text, at once.
 *
 * The runtime has it twice: WebCrypto's answers only later, and loading `node:crypto` costs more time than
 * everything else that finds a token. For the length of a token this takes some microseconds.
 *
 * @module
 */

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND = new Uint32Array(64);
/** The first 32 bits of the fractional parts of the square roots of the first 8 primes. */
const START = new Uint32Array(8);

for (let prime = 2, count = 0; count < 64; prime++) {
  let divisor = 2;
  while (divisor * divisor <= prime && prime % divisor !== 0) divisor++;
  if (divisor * divisor <= prime) continue;
  const fraction = (root: number) => (root - Math.floor(root)) * 2 ** 32;
  if (count < 8) START[count] = fraction(Math.sqrt(prime));
  ROUND[count++] = fraction(Math.cbrt(prime));
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The message, one 1 bit, zeros, and its length in bits, in whole blocks of 64 bytes. */
function padded(message: Uint8Array): DataView {
  const bytes = new Uint8Array(Math.ceil((message.length + 9) / 64) * 64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setBigUint64(bytes.length - 8, BigInt(message.length) * 8n);
  return view;
}

/**
 * Hashes a text.
 *
 * @param text The text, hashed as UTF-8.
 * @returns 64 lower-case hexadecimal digits.
 */
export function sha256(text: string): string {
  const message = padded(new TextEncoder().encode(text));
  const hash = START.slice();
  const schedule = new Uint32Array(64);
  for (let block = 0; block < message.byteLength; block += 64) {
    for (let t = 0; t < 16; t++) schedule[t] = message.getUint32(block + 4 * t);
    for (let t = 16; t < 64; t++) {
      const near = schedule[t - 2]!, far = schedule[t - 15]!;
      const s1 = rotated(near, 17) ^ rotated(near, 19) ^ (near >>> 10);
      const s0 = rotated(far, 7) ^ rotated(far, 18) ^ (far >>> 3);
      schedule[t] = s1 + schedule[t - 7]! + s0 + schedule[t - 16]!;
    }
    let [a, b, c, d, e, f, g, h] = hash as unknown as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    for (let t = 0; t < 64; t++) {
      const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const one = (h + sum1 + ((e & f) ^ (~e & g)) + ROUND[t]! + schedule[t]!) | 0;
      const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const two = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, index) => hash[index]! += word);
  }
  return Array.from(hash, (word) => word.toString(16).padStart(8, "0")).join("");
}
