/**
 * How a secret may be spelled in an output: as it is, in base64, percent-encoded, escaped.
 *
 * @module
 */

const utf8 = new TextEncoder();

/**
 * The part of the base64 of a longer text that follows from the secret alone, when `offset` bytes
 * stand before it in its group of three (RFC 4648, 4).
 */
function base64At(bytes: Uint8Array, offset: number): string {
  const padded = new Uint8Array(offset + bytes.length);
  padded.set(bytes, offset);
  // A character holds 6 bits: those that share bits with a neighbour are not the secret's own.
  const first = Math.ceil(offset * 8 / 6);
  const end = Math.floor(padded.length * 8 / 6);
  // Not `toBase64()`: kernels before Deno 2.5 lack it, and the mask must work in them.
  return btoa(Array.from(padded, (byte) => String.fromCharCode(byte)).join("")).slice(first, end);
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Every byte percent-encoded, also those that need not be. */
function fullPercent(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

/** As inspection writes it between single quotes. */
function quoted(text: string): string {
  return text.replace(
    /[\\'\n\r\t]/g,
    (character) => ({ "\n": "\\n", "\r": "\\r", "\t": "\\t" })[character] ?? `\\${character}`,
  );
}

/**
 * Every spelling that is looked for: the secret itself, base64 and base64url at each of the three
 * alignments, percent-encoding (also of forms, with `+` for a space, and of every character), JSON and inspection escapes,
 * HTML entities. Spellings that are the same appear once.
 *
 * @param secret The secret.
 * @returns The spellings, the secret itself first.
 */
export function spellings(secret: string): string[] {
  const bytes = utf8.encode(secret);
  const base64 = [0, 1, 2].map((offset) => base64At(bytes, offset));
  const percent = encodeURIComponent(secret.toWellFormed());
  const full = fullPercent(bytes);
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    ...new Set([
      secret,
      ...base64,
      ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
      percent,
      percent.replaceAll("%20", "+"),
      percent.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
      full,
      full.toUpperCase(),
      encodeURI(secret.toWellFormed()),
      json,
      JSON.stringify(json).slice(1, -1),
      quoted(secret),
      secret.replace(/[&<>"']/g, (character) => ENTITIES[character]!),
    ]),
  ];
}
