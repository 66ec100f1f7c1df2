/**
 * Whether a token's body looks drawn at random, as the Hub draws it, or written by a person: a
 * placeholder, an identifier, a hexadecimal digest, the alphabet.
 *
 * The thresholds are measured: of 1,000,000 random bodies of 34 letters 5 in 100,000 are refused,
 * of letters and digits 7, of 32 letters and digits 12. Most of these are still suspects: fewer
 * than 2 in 100,000 are neither.
 *
 * @module
 */

/**
 * The 64 commonest letter pairs of English, by Norvig's count (https://norvig.com/mayzner.html).
 */
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
  /**
   * Neighbours that follow each other in the alphabet (`bc`), or backwards (`cb`): the larger
   * count.
   */
  steps: number;
  /** Neighbours that are a common letter pair of English. */
  pairs: number;
  /** Neighbouring letters of different case. */
  caseChanges: number;
  /** Neighbours that are both capitals: many at random, few in words but for abbreviations. */
  capitalPairs: number;
  hexadecimal: boolean;
}

function measure(body: string): Measures {
  let upper = 0, lower = 0, longestRun = 0, run = 0, up = 0, down = 0, pairs = 0, caseChanges = 0;
  let capitalPairs = 0;
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
    if (isUpper && before >= 65 && before <= 90) capitalPairs++;
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
    capitalPairs,
    hexadecimal,
  };
}

/** Words of four letters and more, each with a capital: 3 in a million random bodies look so. */
const CAPITALISED = /^(?:[a-z]{4,})?(?:[A-Z][a-z]{3,}){2,}[A-Z]?[a-z]*$/;

/**
 * What placeholders and names about tokens are made of. One proves nothing; a body full of them
 * does.
 */
const WORDS =
  ("hugging face token access api key secret your here goes put with for the insert replace " +
    "paste this that real user name write read only test dummy fake example sample placeholder not valid " +
    "please use from value string enter add fill change into must have need hub inference endpoint model " +
    "dataset data set space repo client login auth config environment variable default private public " +
    "organization team account password credential todo never share commit secure")
    .split(" ");

/** How many letters of a text belong to {@link WORDS}, none counted twice. */
function lettersInWords(folded: string): number {
  let count = 0;
  for (let at = 0; at < folded.length;) {
    let longest = 0;
    for (const word of WORDS) {
      if (word.length > longest && folded.startsWith(word, at)) longest = word.length;
    }
    count += longest;
    at += longest || 1;
  }
  return count;
}

/**
 * English reads 14 of 33 pairs as common ones; camel case 10, with few changes of case and few
 * pairs of capitals. A random body has many of both, and may well have 14 such pairs.
 */
function readsLikeWords(measures: Measures, body: string): boolean {
  const { pairs, caseChanges, capitalPairs } = measures;
  const scale = (body.length - 1) / 33;
  const isMixed = caseChanges >= 12 * scale && capitalPairs >= 4 * scale;
  if (pairs >= 14 * scale && !isMixed) return true;
  const isEven = caseChanges <= 3 || (caseChanges <= 10 * scale && capitalPairs <= 4 * scale);
  if (pairs >= 10 * scale && isEven) return true;
  return CAPITALISED.test(body) || lettersInWords(body.toLowerCase()) >= 0.6 * body.length;
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
    measures.longestRun < 6 && measures.steps < 8 && !readsLikeWords(measures, body);
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
    !readsLikeWords(measures, body);
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
    measures.longestRun < 12 && !readsLikeWords(measures, sample);
}
