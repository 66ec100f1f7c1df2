/**
 * Letters in other forms that mean the same: full-width, bold, script and so on, which Unicode calls
 * compatible (Unicode Standard Annex 15, NFKC).
 *
 * @module
 */

/** A text with such letters replaced by the ordinary ones, and where each character comes from. */
export interface Folded {
  /** The text. */
  readonly text: string;
  /** For each of its characters, and its end, the index in the text it was made from. */
  readonly from: Uint32Array;
}

/**
 * Replaces letters in other forms.
 *
 * @param text The text.
 * @returns The text with ordinary letters, or null when there is nothing to replace.
 */
export function foldForms(text: string): Folded | null {
  if (!/[\uff10-\uff5a\ud835]/.test(text)) return null;
  const from = new Uint32Array(text.length + 1);
  const parts: string[] = [];
  let length = 0;
  let start = 0;
  for (const match of text.matchAll(/[\uff01-\uff5e]|\ud835[\udc00-\udfff]/g)) {
    for (let at = start; at < match.index; at++) from[length++] = at;
    from[length++] = match.index;
    const plain = match[0].normalize("NFKC");
    parts.push(text.slice(start, match.index), plain.length === 1 ? plain : " ");
    start = match.index + match[0].length;
  }
  for (let at = start; at <= text.length; at++) from[length++] = at;
  parts.push(text.slice(start));
  return { text: parts.join(""), from };
}

/**
 * Whether bytes of UTF-8 hold a letter of a token's prefix in such a form.
 *
 * @param raw The bytes, one character each.
 * @returns False only when {@link foldForms} could not make a prefix appear.
 */
export function mayHaveForms(raw: string): boolean {
  for (let at = raw.indexOf("\xef"); at >= 0; at = raw.indexOf("\xef", at + 1)) {
    const second = raw.charCodeAt(at + 1);
    const third = raw.charCodeAt(at + 2);
    // U+FF3F, U+FF46 and U+FF48: `_`, `f` and `h`
    if (second === 0xbc && third === 0xbf) return true;
    if (second === 0xbd && (third === 0x86 || third === 0x88)) return true;
  }
  return raw.includes("\xf0\x9d");
}
