/**
 * How many tokens a request has, roughly and rather too many: the exact number is only known to the
 * model's own tokenizer, and afterwards to the server.
 *
 * @module
 */

/** English has about 4 bytes in a token, code and other scripts 2 to 3. */
const BYTES_PER_TOKEN = 3;

/** Roles, separators and the template around each message. */
const TOKENS_PER_OBJECT = 4;

/** A picture costs some hundred tokens whatever its bytes. */
const TOKENS_PER_DATA_URL = 1500;

/** UTF-8 bytes of a text, without encoding it. */
function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0x80) length += code >= 0x800 && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return length;
}

/**
 * Estimates the tokens that a model will read.
 *
 * @param body The request's parsed JSON body, or its text. Every string in it counts, names and
 *   addresses too; a `data:` URL counts as one picture.
 * @returns Tokens, rather too many.
 */
export function estimateInputTokens(body: unknown): number {
  let tokens = 0;
  const left: unknown[] = [body];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value === "string") {
      tokens += /^data:[\w/+.-]+;base64,/.test(value.slice(0, 100))
        ? TOKENS_PER_DATA_URL
        : Math.ceil(utf8Length(value) / BYTES_PER_TOKEN);
    } else if (Array.isArray(value)) {
      for (const each of value) left.push(each);
    } else if (typeof value === "object" && value !== null) {
      tokens += TOKENS_PER_OBJECT;
      for (const each of Object.values(value)) left.push(each);
    } else if (typeof value === "number") {
      tokens += 1; // such as prompts that are already tokens
    }
  }
  return tokens;
}
