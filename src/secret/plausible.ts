/**
 * Whether a token's body looks drawn at random, as the Hub draws it, or written by a person: a
 * placeholder, an identifier, a hexadecimal digest, the alphabet.
 *
 * The thresholds are measured: of 1,000,000 random bodies of 34 letters 8 in 100,000 are refused, of
 * letters and digits as many, of 32 letters and digits 13 in 100,000 (a refused one is still a suspect,
 * unless it reads like words).
 *
 * @module
 */

/** The 64 commonest letter pairs of English, by Norvig's count (https://norvig.com/mayzner.html). */
const COMMON_PAIRS: ReadonlySet<string> = new Set(
  ("th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co " +
    "me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us")
    .split(" "),
);

/** What {@link measure} counts. */
interface Measures {
  upper: number;
  lower: number;
  distinct: number;
  /** Length of the longest run of one repeated character. */
  longestRun: number;
  /** Neighbours that follow each other in the alphabet (`bc`), or backwards (`cb`): the larger count. */
  steps: number;
  /** Neighbours that are a common letter pair of English. */
  pairs: number;
  /** Neighbouring letters of different case. */
  caseChanges: number;
  hexadecimal: boolean;
}

function measure(body: string): Measures {
  let upper = 0, lower = 0, longestRun = 0, run = 0, up = 0, down = 0, pairs = 0, caseChanges = 0;
  let hexadecimal = true;
  const folded = body.toLowerCase();
  for (let i = 0; i < body.length; i++) {
    const code = body.charCodeAt(i);
    const isUpper = code >= 65 && code <= 90;
    const isLower = code >= 97 && code <= 122;
    if (isUpper) upper++;
    if (isLower) lower++;
    const plain = folded.charCodeAt(i);
    if (!(plain >= 48 && plain <= 57) && !(plain >= 97 && plain <= 102)) hexadecimal = false;
    if (i === 0) {
      run = longestRun = 1;
      continue;
    }
    const before = body.charCodeAt(i - 1);
    run = code === before ? run + 1 : 1;
    if (run > longestRun) longestRun = run;
    const step = plain - folded.charCodeAt(i - 1);
    if (step === 1) up++;
    if (step === -1) down++;
    if (COMMON_PAIRS.has(folded.slice(i - 1, i + 1))) pairs++;
    if ((isUpper && before >= 97 && before <= 122) || (isLower && before >= 65 && before <= 90)) {
      caseChanges++;
    }
  }
  const distinct = new Set(body).size;
  return {
    upper,
    lower,
    distinct,
    longestRun,
    steps: Math.max(up, down),
    pairs,
    caseChanges,
    hexadecimal,
  };
}

/** English reads 14 of 33 pairs as common ones; camel case 10, with few changes of case. */
function readsLikeWords(measures: Measures, length: number): boolean {
  const scale = (length - 1) / 33;
  return measures.pairs >= 14 * scale ||
    (measures.pairs >= 10 * scale && measures.caseChanges <= 10 * scale);
}

/**
 * Whether a body of about 34 letters or digits looks drawn at random. Placeholders, identifiers,
 * hexadecimal text and runs of the alphabet do not.
 *
 * @param body The token without its prefix: letters and digits.
 * @returns True when it may be the body of a real token.
 */
export function looksRandom(body: string): boolean {
  const measures = measure(body);
  return measures.upper >= 4 && measures.lower >= 4 && measures.distinct >= 13 &&
    measures.longestRun < 6 && measures.steps < 8 && !readsLikeWords(measures, body.length);
}

/**
 * The weaker test, for text that has a token's prefix but not quite its shape: not a placeholder
 * (fewer than 8 distinct characters, or 6 equal ones in a row), not words, not hexadecimal.
 *
 * @param body The text after the prefix: letters and digits.
 * @returns True when a person should look at it.
 */
export function looksSuspect(body: string): boolean {
  const measures = measure(body);
  return measures.distinct >= 8 && measures.longestRun < 6 && !measures.hexadecimal &&
    !readsLikeWords(measures, body.length);
}

/**
 * Whether three dotted parts (a JWT or a signature) look encoded rather than written: an attribute
 * chain such as `client_factory.create_upload.return_value` does not.
 *
 * @param parts The three parts, letters, digits, `_` and `-`.
 * @returns True when it may be a real credential.
 */
export function looksEncoded(parts: readonly [string, string, string]): boolean {
  // The header of a JWT is a JSON object (RFC 7515, 4.1), so its base64url starts with `ey`.
  if (/^ey[A-Za-z]/.test(parts[0])) return parts.every((part) => part.length >= 8);
  if (parts.some((part) => part.length < 16)) return false;
  // Enough characters to measure; a part can be kilobytes long.
  const sample = parts.map((part) => part.slice(0, 64)).join("");
  const measures = measure(sample);
  return measures.upper >= 4 && measures.lower >= 4 && measures.distinct >= 13 &&
    measures.longestRun < 12 && !readsLikeWords(measures, sample.length);
}
