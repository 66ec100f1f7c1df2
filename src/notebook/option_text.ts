/**
 * Option values that are written as text, on the command line and in `hushbook.json`.
 *
 * @module
 */

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1e3, M: 1e6, G: 1e9 };

/**
 * Reads a size: digits, then nothing, `k`, `M` or `G` (powers of 1000, either case, as nbstripout).
 *
 * @param text For example `10k`.
 * @returns The number, or undefined when the text is no size.
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d{1,12})([KMG]?)$/i.exec(text);
  return match === null ? undefined : Number(match[1]) * UNITS[match[2]!.toUpperCase()]!;
}

/**
 * Whether a text names a type of outputs.
 *
 * @param text For example `error` or `stream:stderr`.
 * @returns True when it has the form `output_type` or `output_type:name`.
 */
export function isOutputType(text: string): boolean {
  return /^[a-z_]+(:\w+)?$/.test(text);
}
