/**
 * Takes off what copying, shells and editors put around a token.
 *
 * @module
 */

/** Zero-width characters, directional marks and BOM: invisible, and never part of a token. */
const INVISIBLE = /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u2069\uFEFF]/gu;

/**
 * `export HF_TOKEN=`, `$env:HF_TOKEN = ` (PowerShell), `set HF_TOKEN=` (cmd), `HF_TOKEN: ` (YAML).
 */
const ASSIGNMENT =
  /^(?:(?:export|set|setx|declare -x)\s+)?(?:\$env:)?(["']?)(?:HF_TOKEN|HUGGINGFACE_TOKEN|HUGGING_FACE_HUB_TOKEN)\1\s*[=:]\s*/iu;

const HEADER = /^(?:authorization\s*:\s*)?bearer\s+/iu;

const QUOTES: readonly (readonly [string, string])[] = [
  ['"', '"'],
  ["'", "'"],
  ["`", "`"],
  ["“", "”"],
  ["‘", "’"],
  ["«", "»"],
  ["<", ">"],
];

/**
 * Removes everything around a token that is certainly not part of it: BOM and other invisible
 * characters wherever they are; white space and line ends at both ends; quotes; `HF_TOKEN=`,
 * `export`, PowerShell's `$env:HF_TOKEN = `; `Bearer ` and `Authorization: Bearer `. Nothing
 * visible inside is touched: two tokens on two lines stay two, and are refused by the validation.
 *
 * @param text What was read or typed.
 * @returns The text without its wrapping; empty if nothing is left.
 */
export function cleanToken(text: string): string {
  let cleaned = text.replace(INVISIBLE, "").trim();
  for (let before = ""; before !== cleaned;) {
    before = cleaned;
    cleaned = cleaned.replace(ASSIGNMENT, "").replace(HEADER, "");
    for (const [open, close] of QUOTES) {
      if (cleaned.length >= 2 && cleaned.startsWith(open) && cleaned.endsWith(close)) {
        cleaned = cleaned.slice(open.length, -close.length);
      }
    }
    cleaned = cleaned.replace(/;$/u, "").trim();
  }
  return cleaned;
}
